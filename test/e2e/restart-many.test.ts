import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioize, virtioizeJson } from '../program.ts';
import { bootAll, createDaemonHost, type DaemonGuest, type DaemonHost, VOUCHED } from './daemon-guest.ts';
import { expectAsBefore } from './expect-as-before.ts';

const RESTART = ['--restart', 'graceful', '--yes', '--boot-timeout', '75s', ...VOUCHED];

let host: DaemonHost;
let able: string;
let lacking: string;

beforeAll(async () => {
  host = await createDaemonHost();
  able = await host.image('able', {});
  lacking = await host.image('lacking', { virtioBlk: false });
});

afterAll(async () => host.dispose());

/** Guests that run, in the order of their names; those that are named `lacking...` do not have the driver. */
async function runningGuests(names: readonly string[]): Promise<DaemonGuest[]> {
  const guests: DaemonGuest[] = [];
  for (const name of names) guests.push(await host.guest(name, name.startsWith('lacking') ? lacking : able));
  await bootAll(guests);
  return guests;
}

describe('many guests that are restarted in one run', () => {
  it('begins no further guest after the first that did not come up', async () => {
    const [failing, ...rest] = await runningGuests(['lacking1', 'spared1', 'spared2']);
    const pids = await Promise.all(rest.map((guest) => guest.qemu()));
    const run = await virtioizeJson(['convert', 'lacking1', 'spared1', 'spared2', ...RESTART], host.program);
    expect(run.document.guests.map(({ outcome }) => outcome)).toEqual(['rolled-back', 'skipped', 'skipped']);
    expect(run.status).toBe(1);
    for (const guest of [failing as DaemonGuest, ...rest]) await expectAsBefore(guest);
    expect(await Promise.all(rest.map((guest) => guest.qemu()))).toEqual(pids);
  });

  it('restarts ten of them two at a time; the one that does not come up is as it was and is named at the end', async () => {
    const names = ['web1', 'web2', 'web3', 'lacking2', 'web4', 'web5', 'web6', 'web7', 'web8', 'web9'];
    const guests = await runningGuests(names);
    const run = await virtioize(
      ['convert', ...names, ...RESTART, '--restart-jobs', '2', '--max-failures', 'none'],
      host.program,
    );
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/\n10 guests, 9 converted, 1 rolled-back$/);
    const [, screenshot = ''] =
      /\nRolled back .*\n {2}lacking2\n {4}did-not-come-up: .*\n {4}its screen: (\/.*)\n/.exec(run.stdout) ?? [];
    expect((await readFile(screenshot)).toString('latin1', 1, 4)).toBe('PNG');
    for (const guest of guests.filter(({ name }) => name !== 'lacking2')) {
      expect(await guest.state()).toBe('running');
      expect(await guest.disks()).toEqual({ defined: ['vda virtio'], live: ['vda virtio'] });
      expect(await guest.booted()).toBe('vda');
    }
    await expectAsBefore(guests[3] as DaemonGuest);
    expect(atTheSameTime(await host.journal(), names)).toBe(2);
  });
});

/** How many of the guests were being changed at the same time, at most. */
function atTheSameTime(journal: Awaited<ReturnType<DaemonHost['journal']>>, names: readonly string[]): number {
  let open = 0;
  const counts = journal.flatMap(({ guest, step }) => {
    if (!names.includes(guest.name)) return [];
    if (step === 'begin') open += 1;
    if (step === 'end') open -= 1;
    return [open];
  });
  return Math.max(...counts);
}
