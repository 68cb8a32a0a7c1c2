import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { type GuestJson, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildCdRom } from '../testbed/data-images.ts';
import type { TestGuest } from './booted-guest.ts';
import { bootAll, historyOf, liveTargets, restartGuest, rootsSeen, SETUP_TIMEOUT_MS } from './restart-cases.ts';

const CONVERT = ['convert', 'risky', '--restart', 'graceful'];

let host: TestHost;
let risky: TestGuest;
let locked: TestGuest;
let iso: string;
let refusals: GuestJson['refusals'];

beforeAll(async () => {
  host = await createTestHost();
  iso = join(host.folder, 'cd.iso');
  await buildCdRom({ path: iso, files: { '/README': 'cd' } });
  risky = await restartGuest(host, {
    name: 'risky',
    moreDisks: [{ bus: 'ide', target: 'hdc', path: iso, format: 'raw', device: 'cdrom' }],
    xml: { onPoweroff: 'restart' },
  });
  const crypttab = 'vault UUID=7e57bed0-0000-4000-8000-00000000c0de none luks\n';
  locked = await restartGuest(host, { name: 'locked', recipe: { extraFiles: { '/etc/crypttab': crypttab } } });
  await bootAll([risky, locked]);
}, SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

/** The virsh command that the hint of a refusal gives, word by word. */
function commandIn(code: string, command: string): string[] {
  const hint = refusals.find((refusal) => refusal.code === code)?.hint ?? '';
  const words = new RegExp(`virsh (${command} .*?)\\.?(?:;|,|$)`).exec(hint)?.[1];
  if (words === undefined) throw new Error(`no virsh ${command} in: ${hint}`);
  return words.split(' ');
}

describe('a running guest that a power-off would harm', () => {
  it('is refused with all that would, and runs on', async () => {
    const extra = join(host.folder, 'extra.qcow2');
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', extra, '16M']);
    await host.root.virsh(['attach-disk', 'risky', extra, 'vdb', '--driver', 'qemu', '--subdriver', 'qcow2', '--live']);
    await rm(iso);
    const before = await host.definition('risky');
    const { status, document } = await virtioizeJson(CONVERT, host.program);
    expect(document.guests).toMatchObject([{ outcome: 'refused' }]);
    refusals = document.guests[0]?.refusals ?? [];
    expect(refusals.map(({ code }) => code).sort()).toEqual(['live-differs', 'never-off', 'not-startable']);
    expect(refusals.find(({ code }) => code === 'live-differs')?.message).toContain(extra);
    expect(status).toBe(2);
    expect(await host.definition('risky')).toBe(before);
    expect(await host.root.virsh(['domstate', 'risky'])).toBe('running');
    expect(await rootsSeen(risky)).toEqual(['sd']);
    expect(await historyOf(host, 'risky')).toEqual([]);
  });

  it('is converted once that is put right as the hints say', async () => {
    await host.root.virsh(['detach-disk', 'risky', 'vdb', '--live']);
    await host.root.virsh(commandIn('never-off', 'set-lifecycle-action'));
    await host.root.virsh(commandIn('not-startable', 'change-media'));
    const { status, document } = await virtioizeJson(CONVERT, host.program);
    expect(document.guests).toMatchObject([{ refusals: [], outcome: 'converted', restart: 'verified' }]);
    expect(status).toBe(0);
    expect(await rootsSeen(risky)).toEqual(['sd', 'vd']);
    expect(await liveTargets(host, 'risky')).toEqual(['vda']);
  });
});

describe('a running guest whose system asks for a passphrase when it starts', () => {
  it('is not restarted, but converted and left pending where that is asked for', async () => {
    const restarted = await virtioizeJson(['convert', 'locked', '--restart', 'graceful'], host.program);
    expect(restarted).toMatchObject({
      status: 2,
      document: {
        guests: [
          {
            outcome: 'refused',
            refusals: [{ code: 'needs-passphrase', message: expect.stringMatching(/\/etc\/crypttab: vault/) }],
          },
        ],
      },
    });
    expect(await rootsSeen(locked)).toEqual(['sd']);
    const pending = await virtioizeJson(['convert', 'locked'], host.program);
    expect(pending).toMatchObject({ status: 0, document: { guests: [{ outcome: 'converted', restart: 'pending' }] } });
  });
});
