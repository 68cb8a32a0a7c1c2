import { expect } from '@jest/globals';
import type { DaemonGuest } from './daemon-guest.ts';

/** The guest runs with the definition and the disk that it had at first, and its system has booted from that. */
export async function expectAsBefore(guest: DaemonGuest): Promise<void> {
  expect(await guest.state()).toBe('running');
  expect(await guest.definition()).toBe(guest.before);
  expect(await guest.disks()).toEqual({ defined: ['hda ide'], live: ['hda ide'] });
  expect(await guest.booted()).toBe('sda');
}
