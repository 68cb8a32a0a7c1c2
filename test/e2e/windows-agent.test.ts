import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildDataDisk } from '../testbed/data-images.ts';
import { printKeys, regExe } from '../windows/reg-exe.ts';
import { windowsDriver } from '../windows/windows-driver.ts';
import {
  CONTROL_SET,
  DATABASE,
  ENUM,
  type Keys,
  SERVICE,
  windows7,
  windows10,
  withoutKey,
  withValues,
} from '../windows/windows-systems.ts';
import { createTestGuest, type TestGuest, type TestGuestOptions } from './booted-guest.ts';
import { runInside } from './inside.ts';

/**
 * A Linux guest whose real agent takes itself for one of Windows: its os-release says so, and programs and files have
 * names as Windows has them, backslashes and all. Its reg.exe answers as the file `/case` says.
 */
const { keys } = windows10();

const REGISTRIES: Readonly<Record<string, Keys>> = {
  whole: keys,
  seven: windows7().keys,
  'starts-by-hand': withValues(keys, SERVICE, { Start: 3 }),
  'no-file': withValues(keys, SERVICE, { ImagePath: '\\SystemRoot\\System32\\drivers\\gone.sys' }),
  unbound: withoutKey(keys, `${DATABASE}\\DeviceIds`),
  overridden: { ...keys, [`${SERVICE}\\StartOverride`]: { 0: 3 } },
  unmet: {
    ...withoutKey(keys, ENUM),
    [`${CONTROL_SET}\\Control\\Session Manager\\Power`]: { HiberbootEnabled: 1 },
  },
};

/** What a program may do that is asked, and what virtioize says then. */
const FAULTS: Readonly<Record<string, readonly [string, RegExp]>> = {
  nonsense: ['echo Speicherzugriffsfehler; exit 0', /reg\.exe did not print keys of the registry/],
  'too-much': ['exec dd if=/dev/zero bs=1M count=3', /has more to read than any system needs/],
  hanging: ['exec sleep 1000', /did not end within 30 s/],
  gone: ['(sleep 2; qemu-ga --retry-path) >/dev/null 2>&1 &\nkillall -KILL qemu-ga; exit 0', /could not be read/],
  silent: ['(sleep 15; killall -CONT qemu-ga) >/dev/null 2>&1 &\nkillall -STOP qemu-ga; exit 0', /could not be read/],
};

/** More than qemu-ga keeps, and libvirt takes: it does not talk to such an agent again. */
const ENDLESS = 'exec dd if=/dev/zero bs=1M count=20';

const IDE = { bus: 'ide', target: 'hda' } as const;

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
});

afterAll(async () => host.dispose());

describe('Windows, by the evidence of its agent', () => {
  beforeAll(() => bootedWindows({ name: 'win', system: IDE }));
  afterAll(() => host.root.virsh(['destroy', 'win']));

  it.each([
    ['whole', 'proven', /starts at boot, knows virtio disks of id 1001 and has been bound to one before/],
    ['seven', 'proven', /has been bound to one before/],
    ['starts-by-hand', 'refuted', /does not start at boot \(Start is 3, not 0\)/],
    ['no-file', 'refuted', /has no file: \/Windows\/System32\/drivers\/gone\.sys is not there/],
    ['unbound', 'refuted', /has no driver for virtio disks of id 1001/],
    ['unmet', 'likely', /was not seen bound to one/],
  ])('that is %s is %s', async (name, verdict, summary) => {
    await switchTo('win', name);
    await expectVerdict('win', verdict, summary);
  });

  it('is not converted where its driver does not start at boot, and is told the command that mends it', async () => {
    await switchTo('win', 'overridden');
    const before = await host.definition('win');
    const { status, document } = await virtioizeJson(['convert', 'win'], host.program);
    expect({ status, outcome: document.guests[0]?.outcome }).toEqual({ status: 2, outcome: 'refused' });
    expect(document.guests[0]?.refusals).toMatchObject([
      { code: 'driver-not-boot-start', hint: expect.stringMatching(/reg delete HKLM\\.*\\viostor\\StartOverride \/f/) },
    ]);
    expect(await host.definition('win')).toBe(before);
  });

  it.each(Object.entries(FAULTS))('is unknown where reg.exe is %s', async (name, [, summary]) => {
    await switchTo('win', name);
    await expectVerdict('win', 'unknown', summary);
  });

  it('is converted on likely evidence where the admin says so, and told what else may go wrong', async () => {
    await switchTo('win', 'unmet');
    const options = ['--require-evidence', 'likely', '--reason', 'we rehearsed it'];
    const refused = await virtioizeJson(['convert', 'win', ...options], host.program);
    expect(refused.document.guests).toMatchObject([{ outcome: 'refused', refusals: [{ code: 'hibernated' }] }]);
    const { document } = await virtioizeJson(['convert', 'win', ...options, '--accept', 'hibernated'], host.program);
    expect(document.guests).toMatchObject([{ outcome: 'converted', restart: 'pending', refusals: [] }]);
    expect(document.guests[0]?.warnings.map(({ code }) => code)).toContain('fast-startup');
  });
});

describe('Windows, whose agent does not allow everything', () => {
  beforeAll(async () => {
    const path = join(host.folder, 'data.qcow2');
    await buildDataDisk({ path, format: 'qcow2', fsUuid: '7e57bed0-0000-4000-8000-0000000000d1', label: 'data' });
    await Promise.all([
      bootedWindows({
        name: 'no-exec',
        system: IDE,
        recipe: { agentBlockedRpcs: ['guest-exec', 'guest-exec-status'] },
      }),
      bootedWindows({
        name: 'no-files',
        system: { bus: 'sata', target: 'sda' },
        machine: 'q35',
        moreDisks: [{ path, format: 'qcow2', bus: 'virtio', target: 'vdb' }],
        recipe: { agentBlockedRpcs: ['guest-file-open', 'guest-file-read', 'guest-file-close'] },
      }),
    ]);
  });
  afterAll(() => Promise.all(['no-exec', 'no-files'].map((name) => host.root.virsh(['destroy', name]))));

  it('is unknown where it runs no programs, and told what to allow', async () => {
    const { stdout } = await virtioize(['preflight', 'no-exec'], host.program);
    expect(stdout).toMatch(/no-driver-evidence.*blocks guest-exec[\s\S]*allow guest-exec/);
  });

  it('is proven where it reads no files, but has a virtio disk of the id that this machine shows', async () => {
    const seen = 'cat /sys/bus/virtio/drivers/virtio_blk/virtio*/../device';
    expect(await runInside(host, 'no-files', '/bin/sh', ['-c', seen])).toBe('0x1042');
    await expectVerdict('no-files', 'proven', /knows virtio disks of id 1042 and is in use for one now/);
  });

  it('is unknown where reg.exe says more than libvirt takes', async () => {
    await switchTo('no-files', 'endless');
    await expectVerdict('no-files', 'unknown', /could not be read/);
  });
});

async function expectVerdict(name: string, verdict: string, summary: RegExp): Promise<void> {
  const { document } = await virtioizeJson(['preflight', name], host.program);
  const [evidence] = document.guests[0]?.evidence ?? [];
  expect(evidence).toMatchObject({ source: 'agent', verdict, summary: expect.stringMatching(summary) });
}

/** What reg.exe does from now on. */
async function switchTo(guest: string, name: string): Promise<void> {
  await runInside(host, guest, '/bin/cp', [`/cases/${name}`, '/case']);
}

async function bootedWindows({ recipe = {}, ...options }: TestGuestOptions): Promise<TestGuest> {
  const guest = await createTestGuest(host, { ...options, recipe: { ...recipe, extraFiles: windowsFiles() } });
  expect(await guest.boot()).toBeDefined();
  return guest;
}

function windowsFiles(): Record<string, string | Buffer> {
  const registries = Object.entries(REGISTRIES).flatMap(([name, one]) => [
    [`/registries/${name}`, printKeys(one)],
    [`/cases/${name}`, `REGISTRY=/registries/${name}`],
  ]);
  const faults = Object.entries(FAULTS).map(([name, [script]]) => [`/cases/${name}`, script]);
  return {
    '/etc/os-release': 'ID=mswindows\nNAME="Microsoft Windows"\nPRETTY_NAME="Windows 10 Pro"\n',
    '/usr/bin/C:\\Windows\\System32\\reg.exe': regExe('/case'),
    '/C:\\Windows\\System32\\drivers\\viostor.sys': windowsDriver(),
    '/case': 'REGISTRY=/registries/whole',
    '/cases/endless': ENDLESS,
    ...Object.fromEntries([...registries, ...faults]),
  };
}
