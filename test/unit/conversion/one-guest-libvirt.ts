import type { FakeGuest, Manners } from './fake-guest.ts';
import { createFakeLibvirt, type FakeLibvirt } from './fake-libvirt.ts';

export const GUEST = { name: 'guest', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };

/** A fake libvirt with one guest. */
export interface OneGuestLibvirt extends FakeLibvirt {
  readonly guest: FakeGuest;
}

export async function createOneGuestLibvirt(
  definition: string,
  live: string,
  manners: Manners,
  { mayForce = false } = {},
): Promise<OneGuestLibvirt> {
  const libvirt = await createFakeLibvirt([{ ...GUEST, definition, live, manners, mayForce }]);
  const [guest] = libvirt.guests as [FakeGuest];
  return { ...libvirt, guest };
}
