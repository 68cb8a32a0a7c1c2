import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PNG } from 'pngjs';
import { efiGuests } from '../labelled/linux/guests/efi.ts';
import { makeLinuxStock } from '../labelled/linux/linux-stock.ts';
import { type GuestJson, type ProgramOptions, virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { waitForBoot } from '../testbed/guest-boot.ts';
import { guestXml } from '../testbed/guest-xml.ts';
import { createTestGuest, rootDisk } from './booted-guest.ts';
import { describeImage } from './describe-image.ts';

const SETUP_TIMEOUT_MS = 900_000;
/** A clone that comes up is waited for no longer than it takes; one that does not has to have its time. */
const TIMES = ['--boot-timeout', '150s'];

let host: TestHost;
let program: ProgramOptions;
let scratch: string;
let images: Record<string, string>;
let before: Record<string, unknown>;
let guests: readonly GuestJson[];
let status: number | undefined;

beforeAll(async () => {
  host = await createTestHost();
  scratch = join(host.folder, 'scratch');
  await mkdir(scratch);
  program = { ...host.program, timeoutMs: SETUP_TIMEOUT_MS };
  const system = { bus: 'ide', target: 'hda' } as const;
  const guest = (name: string, options: Partial<Parameters<typeof createTestGuest>[1]>) =>
    createTestGuest(host, { name, system, ...options });
  const made = [
    await guest('answers', {}),
    await guest('mute', { agent: false, recipe: { writer: true } }),
    await guest('lacking', { recipe: { virtioBlk: false, kernelArgs: 'rootdelay=40' } }),
    await guest('by-name', { recipe: { root: '/dev/sda1', kernelArgs: 'rootdelay=40' } }),
  ];
  images = Object.fromEntries(made.map(({ name, systemDisk }) => [name, systemDisk]));
  images.efi = await defineEfi();
  before = await describeAll();
  const run = await virtioizeJson(['rehearse', '--all', '--jobs', '5', '--scratch-dir', scratch, ...TIMES], program);
  ({ status } = run);
  ({ guests } = run.document);
}, SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

describe('a clone that is booted from virtio', () => {
  it.each([
    ['answers', /agent answered/],
    ['mute', /wrote to its disks/],
    ['efi', /agent answered|wrote to its disks/],
  ])('comes up, which proves its guest: %s', (name, signal) => {
    const guest = find(name);
    expect(guest).toMatchObject({ outcome: 'planned', refusals: [] });
    expect(rehearsal(guest)).toMatchObject({ verdict: 'proven', summary: expect.stringMatching(signal) });
  });

  it.each([
    ['lacking', 'whose initramfs has no virtio_blk'],
    ['by-name', 'whose kernel looks for /dev/sda1'],
  ])('does not come up, and its screen shows why: %s, %s', async (name) => {
    const guest = find(name);
    expect(guest).toMatchObject({ outcome: 'refused', refusals: [{ code: 'driver-missing' }] });
    expect(rehearsal(guest)).toMatchObject({ verdict: 'refuted' });
    const { screen = '' } = rehearsal(guest)?.facts ?? {};
    expect(guest?.refusals[0]?.hint).toContain(screen);
    expect(await countColours(screen)).toBeGreaterThan(1);
  });

  it('shows that screen on the page of a check, where it is asked for', async () => {
    const { stdout } = await virtioize(['check', '--format', 'html', '--screens'], program);
    expect(stdout.match(/src="data:image\/png;base64,/g)).toHaveLength(2);
  });

  it('leaves its guest, and whatever it lay in, as they were', async () => {
    expect(await describeAll()).toEqual(before);
    expect(await readdir(scratch)).toEqual([]);
    const names = (await host.root.virsh(['list', '--all', '--name'])).split('\n').filter(Boolean).sort();
    expect(names).toEqual(Object.keys(images).sort());
    expect(status).toBe(2);
  });
});

describe('a guest that was rehearsed', () => {
  it('is converted on that proof while its disks are the same, and really boots', async () => {
    const { document, status: converted } = await virtioizeJson(['convert', 'answers'], program);
    expect(document.guests).toMatchObject([{ outcome: 'converted', restart: 'not-needed' }]);
    expect(rehearsal(document.guests[0])).toMatchObject({ verdict: 'proven' });
    expect(converted).toBe(0);
    await host.root.start('answers');
    const outcome = await waitForBoot(join(host.folder, 'answers.log'), 240_000);
    expect(rootDisk(outcome.booted ? outcome.disks : undefined)).toBe('vda');
  });

  it('is refused on that refutation, too', async () => {
    const { document } = await virtioizeJson(['convert', 'lacking'], program);
    expect(document.guests).toMatchObject([{ outcome: 'refused', refusals: [{ code: 'driver-missing' }] }]);
  });

  it('can not be rehearsed while it runs', async () => {
    await host.root.start('mute');
    const { document, status: refused } = await virtioizeJson(['rehearse', 'mute', '--scratch-dir', scratch], program);
    expect(document.guests).toMatchObject([{ outcome: 'refused', state: 'running' }]);
    expect(document.guests[0]?.refusals.map(({ code }) => code)).toContain('guest-busy');
    expect(refused).toBe(2);
  });
});

function find(name: string): GuestJson | undefined {
  return guests.find((guest) => guest.name === name);
}

function rehearsal(guest: GuestJson | undefined) {
  return guest?.evidence.find(({ source }) => source === 'rehearsal') as
    | { readonly verdict: string; readonly summary: string; readonly facts: Readonly<Record<string, string>> }
    | undefined;
}

/** A blank screen has one. */
async function countColours(picture: string): Promise<number> {
  const { data } = PNG.sync.read(await readFile(picture));
  const colours = new Set<number>();
  for (let offset = 0; offset < data.length; offset += 4) colours.add(data.readUInt32BE(offset));
  return colours.size;
}

async function defineEfi(): Promise<string> {
  const [guest] = efiGuests;
  if (guest === undefined) throw new Error('there are no guests with UEFI');
  const folder = join(host.folder, 'efi');
  await mkdir(folder);
  const { disks, nvram } = await guest.build(folder, await makeLinuxStock(host.folder));
  const { machine, firmware } = guest;
  await host.root.define(
    guestXml({
      name: 'efi',
      machine,
      disks: [...disks],
      ...(firmware === undefined ? {} : { firmware }),
      ...(nvram === undefined ? {} : { nvram }),
    }),
  );
  return disks[0]?.path ?? '';
}

async function describeAll(): Promise<Record<string, unknown>> {
  const entries = Object.entries(images).map(async ([name, path]) => [
    name,
    { ...(await describeImage(path)), definition: await host.definition(name) },
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
