import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { PNG } from 'pngjs';
import { captureConsole, captureScreen } from '../../../../src/conversion/capture/capture.ts';
import { VirtioizeError } from '../../../../src/error.ts';
import type { Answer } from '../../../../src/virsh/answer.ts';
import type { Session } from '../../../../src/virsh/session.ts';
import { domainXml } from '../../../definitions/domain-xml.ts';
import { ppm, redAndBlue } from './ppm-file.ts';

const GUEST = { name: 'g', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };
const LOCAL = 'qemu:///system';

let folder: string;
let log: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-capture-'));
  await mkdir(join(folder, 'kept'));
  log = join(folder, 'serial.log');
});

afterEach(async () => rm(folder, { recursive: true }));

/** A running instance with these serial ports and consoles. */
function live(devices: string): string {
  return domainXml({ disks: [], devices });
}

function serialFile(path: string): string {
  return `<serial type='file'><source path='${path}'/><target port='0'/></serial>`;
}

async function console(devices: string, uri = LOCAL): Promise<string | undefined> {
  const kept = await captureConsole(live(devices), { uri, folder: join(folder, 'kept') });
  expect(await readdir(join(folder, 'kept'))).toEqual(kept === undefined ? [] : ['console.log']);
  if (kept === undefined) return undefined;
  expect((await stat(kept)).mode & 0o777).toBe(0o600);
  return readFile(kept, 'latin1');
}

describe('the console of a guest is kept', () => {
  const logged = "<log file='LOG' append='off'/>";

  it.each([
    ['where its serial port is a file', "<serial type='file'><source path='LOG' append='on'/></serial>"],
    ['where its console is a file', "<console type='file'><source path='LOG'/></console>"],
    ['where its serial port is logged besides', `<serial type='pty'><source path='/dev/pts/0'/>${logged}</serial>`],
    ['where its console is logged besides', `<console type='pty'>${logged}</console>`],
    [
      'where only its second port goes to a file',
      `<serial type='pty'><source path='/dev/pts/0'/></serial><serial type='pty'>${logged}</serial>`,
    ],
    ['of several the first', `${serialFile('LOG')}${serialFile('/nowhere')}<console type='file'/>`],
  ])('%s', async (_, devices) => {
    await writeFile(log, 'TESTBED booted\n');
    expect(await console(devices.replaceAll('LOG', log))).toBe('TESTBED booted\n');
  });

  it('byte for byte, whatever the guest wrote', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await writeFile(log, bytes);
    expect(await console(serialFile(log))).toBe(bytes.toString('latin1'));
  });

  it('by its last 64 KiB where it is large', async () => {
    await writeFile(log, `${'x'.repeat(100_000)}${'y'.repeat(64 * 1024)}`);
    expect(await console(serialFile(log))).toBe('y'.repeat(64 * 1024));
  });
});

describe('nothing is kept, and nobody waits, where the console', () => {
  it('goes to no file', async () => {
    const pty = "<serial type='pty'><source path='/dev/pts/0'/></serial>";
    const socket = `<serial type='unix'><source mode='bind' path='${log}'/></serial>`;
    const channel = `<channel type='file'><source path='${log}'/></channel>`;
    await writeFile(log, 'not a console');
    expect(await console(pty + socket + channel)).toBeUndefined();
  });

  it.each(['qemu+ssh://host/system', 'qemu+tcp:///system'])('is on another machine: %s', async (uri) => {
    await writeFile(log, 'a file of this machine by the same name');
    expect(await console(serialFile(log), uri)).toBeUndefined();
  });

  it('was never written to, or is not there', async () => {
    expect(await console(serialFile(log))).toBeUndefined();
    await writeFile(log, '');
    expect(await console(serialFile(log))).toBeUndefined();
  });

  it('is a FIFO', async () => {
    await execa('mkfifo', [log]);
    expect(await console(serialFile(log))).toBeUndefined();
  });

  it('is a symbolic link', async () => {
    await writeFile(join(folder, 'secret'), 'secret');
    await symlink(join(folder, 'secret'), log);
    expect(await console(serialFile(log))).toBeUndefined();
  });

  it.each(['/dev/zero', '/dev', 'serial.log', ''])('is %j', async (path) => {
    expect(await console(serialFile(path))).toBeUndefined();
  });

  it('is not to be read from what libvirt printed', async () => {
    expect(await captureConsole('<domain>', { uri: LOCAL, folder })).toBeUndefined();
  });

  it('can not be written', async () => {
    await writeFile(log, 'TESTBED booted\n');
    const kept = captureConsole(live(serialFile(log)), { uri: LOCAL, folder: join(folder, 'missing') });
    expect(await kept).toBeUndefined();
  });
});

/** A libvirt that delivers this as a screenshot. `test:`: it can't be looked at by a second virsh. */
function fakeLibvirt(screenshot: (file: string) => Promise<Answer>): Session {
  return {
    uri: 'test:///fake',
    run: async (words) => screenshot(words.at(-1) ?? ''),
    outlivesReader: true,
    isOver: () => false,
    close: async () => {},
  };
}

function delivering(bytes: Buffer): Session {
  return fakeLibvirt(async (file) => {
    await writeFile(file, bytes, { mode: 0o644 });
    return { stdout: `Screenshot saved to ${file}, with type of image/x-portable-pixmap`, errors: [] };
  });
}

describe('from a fake libvirt, for the real one here delivers PNG,', () => {
  it('a PPM is kept as a PNG, and nothing else stays behind', async () => {
    const file = await captureScreen(delivering(ppm('P6\n2 1\n255\n', redAndBlue)), GUEST, folder);
    expect(file).toBe(join(folder, 'screenshot.png'));
    expect((await stat(join(folder, 'screenshot.png'))).mode & 0o777).toBe(0o600);
    expect(PNG.sync.read(await readFile(join(folder, 'screenshot.png')))).toMatchObject({ width: 2, height: 1 });
    expect((await readdir(folder)).sort()).toEqual(['kept', 'screenshot.png']);
  });

  it.each([
    ['is neither PNG nor PPM', Buffer.from('GIF89a')],
    ['is cut short', ppm('P6\n2 1\n255\n', redAndBlue.subarray(1))],
    ['is larger than any screen', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(2 ** 26)])],
    ['is empty', Buffer.alloc(0)],
  ])('what %s is not kept', async (_, bytes) => {
    expect(await captureScreen(delivering(bytes), GUEST, folder)).toBeUndefined();
    expect(await readdir(folder)).toEqual(['kept']);
  });

  it('an error is no picture, and no error', async () => {
    const lost = fakeLibvirt(async () => Promise.reject(new VirtioizeError('connection-lost', 'gone')));
    expect(await captureScreen(lost, GUEST, folder)).toBeUndefined();
    expect(await captureScreen(delivering(redAndBlue), GUEST, join(folder, 'missing'))).toBeUndefined();
  });

  it('a bug is not hidden', async () => {
    const broken = fakeLibvirt(async () => Promise.reject(new TypeError('a bug')));
    await expect(captureScreen(broken, GUEST, folder)).rejects.toThrow(TypeError);
    const wrongArgument = fakeLibvirt(async () => {
      Buffer.alloc(-1);
      return { stdout: '', errors: [] };
    });
    await expect(captureScreen(wrongArgument, GUEST, folder)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });
});
