import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GuestJson, type ProgramRun, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import type { TestGuest } from './booted-guest.ts';
import {
  bootAll,
  changeFolder,
  historyOf,
  liveTargets,
  restartGuest,
  rootsSeen,
  SETUP_TIMEOUT_MS,
} from './restart-cases.ts';

const LACKING = { virtioBlk: false };
const FORCED = ['--assume-driver', '--accept', 'device-names', '--reason', 'to see it fail'];
const NAMES = ['lacking', 'silent', 'by-name', 'grub', 'pending'];

let host: TestHost;
let guests: Record<string, TestGuest>;
const before: Record<string, string> = {};
let run: ProgramRun & { readonly document: { readonly guests: readonly GuestJson[] } };

beforeAll(async () => {
  host = await createTestHost();
  const created = [
    await restartGuest(host, { name: 'lacking', recipe: LACKING }),
    await restartGuest(host, { name: 'silent', recipe: { ...LACKING, writer: true }, agent: false }),
    await restartGuest(host, { name: 'by-name', recipe: { root: '/dev/sda1' } }),
    await restartGuest(host, { name: 'grub', recipe: { ...LACKING, grubSavesEnvironment: true } }),
    await restartGuest(host, { name: 'pending', recipe: LACKING }),
  ];
  guests = Object.fromEntries(created.map((guest) => [guest.name, guest]));
  await bootAll(created);
  for (const name of NAMES) before[name] = await host.definition(name);
  const first = await virtioizeJson(['convert', 'pending', ...FORCED], host.program);
  expect(first.document.guests).toMatchObject([{ outcome: 'converted', restart: 'pending' }]);
  const words = ['--restart', 'graceful', '--boot-timeout', '120s', '--restart-jobs', '5', '--max-failures', 'none'];
  const program = { ...host.program, timeoutMs: 1_100_000 };
  run = await virtioizeJson(['convert', ...NAMES, '--yes', ...words, ...FORCED], program);
}, SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

/** It was tried and put back: it runs with its disks as before, and was seen to come up. */
async function expectPutBack(name: string): Promise<GuestJson> {
  const result = run.document.guests.find((guest) => guest.name === name);
  expect(result).toMatchObject({ outcome: 'rolled-back', error: { code: 'did-not-come-up' } });
  expect(result?.warnings.map(({ code }) => code)).not.toContain('unverified');
  expect(result?.disks).toMatchObject([{ outcome: 'rolled-back' }]);
  expect(await host.definition(name)).toBe(before[name]);
  expect(await rootsSeen(guests[name] as TestGuest)).toEqual(['sd', 'not found', 'sd']);
  expect(await host.root.virsh(['domstate', name])).toBe('running');
  expect(await liveTargets(host, name)).toEqual(['hda']);
  return result as GuestJson;
}

describe('a running guest that does not come up from virtio', () => {
  it('makes the run end with 1', () => {
    expect(run.status).toBe(1);
  });

  it('gets its old disks back and comes up, with its screen and console kept beside the record', async () => {
    const result = await expectPutBack('lacking');
    const folder = await changeFolder(host, result);
    expect(result.capture).toEqual({
      screenshot: join(folder, 'screenshot.png'),
      console: join(folder, 'console.log'),
    });
    const screenshot = await readFile(join(folder, 'screenshot.png'));
    expect(screenshot.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect(await readFile(join(folder, 'console.log'), 'latin1')).toMatch(/ROOT NOT FOUND/);
    expect(await readFile(join(folder, 'before.xml'), 'utf8')).toBe(before.lacking);
    expect(await readFile(join(folder, 'after.xml'), 'utf8')).toMatch(/dev='vda' bus='virtio'/);
    const record = JSON.parse(await readFile(join(folder, 'record.json'), 'utf8')) as object;
    expect(record).toMatchObject({ state: 'rolled-back', accepted: ['driver-missing'], reason: 'to see it fail' });
    expect(await historyOf(host, 'lacking')).toEqual(['convert rolled-back']);
  });

  it('does so without an agent, seen by its writes', async () => {
    const { error } = await expectPutBack('silent');
    expect(error?.message).toContain("its system has not written to 'vda'");
  });

  it('does so where its root is named by a path that has changed', async () => {
    const { warnings } = await expectPutBack('by-name');
    expect(warnings).toContainEqual({ code: 'accepted', message: expect.stringContaining("'/dev/sda1'") });
  });

  it('does so where its boot loader has written to the disk', async () => {
    await expectPutBack('grub');
  });

  it('does so where it was converted by an earlier run and was pending', async () => {
    const result = await expectPutBack('pending');
    expect(await historyOf(host, 'pending')).toEqual(['convert rolled-back', 'convert rolled-back']);
    expect(await readFile(join(await changeFolder(host, result), 'undo.xml'), 'utf8')).toBe(before.pending);
    const status = await virtioizeJson(['status', 'pending'], host.program);
    expect(status.document.guests).toMatchObject([
      { outcome: 'planned', disks: [{ from: { target: 'hda', bus: 'ide' }, to: { bus: 'virtio' } }] },
    ]);
  });
});
