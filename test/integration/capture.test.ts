import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PNG } from 'pngjs';
import { captureConsole, captureScreen } from '../../src/conversion/capture/capture.ts';
import { dumpLiveDefinition } from '../../src/virsh/definitions.ts';
import { type GuestId, readGuestInfo } from '../../src/virsh/guests.ts';
import { takeScreenshot } from '../../src/virsh/screenshot.ts';
import { openSession, type Session } from '../../src/virsh/session.ts';
import { domainXml } from '../definitions/domain-xml.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { createPrivateDaemon, type PrivateDaemon } from '../testbed/private-daemon.ts';
import { until } from '../until.ts';

const VIDEO = "<video><model type='vga'/></video>";
const SEEN: GuestId = { name: 'seen', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };
const BLIND: GuestId = { name: 'blind', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000002' };
const OFF: GuestId = { name: 'off', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000003' };

describe('of a guest that runs', () => {
  let host: TestHost;
  let session: Session;
  let folder: string;
  let log: string;

  beforeAll(async () => {
    host = await createTestHost();
    folder = await mkdtemp(join(host.folder, 'change-'));
    log = join(host.folder, 'serial.log');
    const serial = `<serial type='pty'><log file='${log}'/></serial>`;
    // The BIOS writes to the serial port that it finds nothing to boot from.
    const os = "<boot dev='hd'/><bios useserial='yes'/>";
    await host.root.define(domainXml({ ...SEEN, disks: [], devices: VIDEO + serial, os }));
    await host.root.define(domainXml({ ...BLIND, disks: [] }));
    await host.root.define(domainXml({ ...OFF, disks: [], devices: VIDEO }));
    for (const { name } of [SEEN, BLIND]) await host.root.start(name);
    session = await openSession({ uri: host.root.uri });
  }, 120_000);

  afterAll(async () => {
    await session.close();
    await host.dispose();
  });

  it('the screen is kept as a PNG, for us alone, and once more in its place', async () => {
    for (const _ of ['first', 'again']) {
      const file = await captureScreen(session, SEEN, folder);
      expect(file).toBe(join(folder, 'screenshot.png'));
      expect(await readPicture(file)).toBeGreaterThan(0);
      expect((await stat(join(folder, 'screenshot.png'))).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).toEqual(['screenshot.png']);
    }
  });

  it('the console is kept where libvirt logs it', async () => {
    await until('the BIOS writes', async () => (await readFile(log, 'latin1').catch(() => '')).includes('SeaBIOS'));
    const kept = join(folder, 'console.log');
    const live = await dumpLiveDefinition(session, SEEN);
    expect(await captureConsole(live, { uri: session.uri, folder })).toBe(kept);
    expect(await readFile(kept, 'latin1')).toContain('SeaBIOS');
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
  });

  it('without video there is no picture, and libvirt says why', async () => {
    const empty = await mkdtemp(join(host.folder, 'change-'));
    expect(await captureScreen(session, BLIND, empty)).toBeUndefined();
    expect(await readdir(empty)).toEqual([]);
    await expect(takeScreenshot(session, BLIND, join(empty, 'x'))).rejects.toMatchObject({
      code: 'command-failed',
      message: expect.stringMatching(/^Could not take a picture of the screen of 'blind': .*no screens to take/),
    });
  });

  it('there is neither picture nor console once it is off', async () => {
    const empty = await mkdtemp(join(host.folder, 'change-'));
    expect(await captureScreen(session, OFF, empty)).toBeUndefined();
    const live = await dumpLiveDefinition(session, OFF);
    expect(await captureConsole(live, { uri: session.uri, folder: empty })).toBeUndefined();
    expect(await readdir(empty)).toEqual([]);
  });
});

describe('with a daemon', () => {
  let daemon: PrivateDaemon;
  let folder: string;
  let session: Session;

  beforeAll(async () => {
    daemon = await createPrivateDaemon();
    folder = await mkdtemp(join(tmpdir(), 'virtioize-capture-'));
    const file = join(folder, 'seen.xml');
    await writeFile(file, domainXml({ ...SEEN, disks: [], devices: VIDEO }));
    await daemon.virsh('define', file);
    await daemon.virsh('start', SEEN.name);
    session = await openSession({ uri: uriFromOutside() });
  }, 120_000);

  afterAll(async () => {
    await session.close();
    await daemon.dispose();
    await rm(folder, { recursive: true });
  });

  /** The daemon's socket, from outside the namespace that it lives in. */
  function uriFromOutside(): string {
    return `qemu+unix:///system?socket=${daemon.root}/run/libvirt/libvirt-sock`;
  }

  it('a picture is taken, too', async () => {
    const place = join(folder, 'picture');
    await mkdir(place);
    expect(await readPicture(await captureScreen(session, SEEN, place))).toBeGreaterThan(0);
  });

  it('a QEMU that hangs costs the picture, and not the session that undoes the change', async () => {
    const place = join(folder, 'none');
    await mkdir(place);
    const pid = Number(await readFile(`/proc/${await daemon.pid()}/root/run/libvirt/qemu/seen.pid`, 'utf8'));
    process.kill(pid, 'SIGSTOP');
    expect(await captureScreen(session, SEEN, place)).toBeUndefined();
    expect(await readdir(place)).toEqual([]);
    expect(session.isOver()).toBe(false);
    await session.run(['destroy', SEEN.uuid], { changing: true });
    expect(await readGuestInfo(session, SEEN)).toMatchObject({ state: 'shut off' });
  });
});

/** How many pixels the PNG has: 640 x 480, or 720 x 400 once the BIOS has set its screen up. */
async function readPicture(file = ''): Promise<number> {
  const { width, height } = PNG.sync.read(await readFile(file));
  return width * height;
}
