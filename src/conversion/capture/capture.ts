import { rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { readDefinition, selectText } from '../../domain/xml.ts';
import { isVirtioizeError, systemErrorCode } from '../../error.ts';
import { writeDurably } from '../../store/durable-file.ts';
import { askAside } from '../../virsh/aside.ts';
import { isLocal } from '../../virsh/connection-uri.ts';
import type { GuestId } from '../../virsh/guests.ts';
import { takeScreenshot } from '../../virsh/screenshot.ts';
import type { Session } from '../../virsh/session.ts';
import { toPng } from './png.ts';
import { readEnd } from './read-end.ts';

/** A PPM of 5400 x 4100 pixels. The guest chooses the size of its screen. */
const MAX_SCREENSHOT_BYTES = 64 * 1024 * 1024;
/** The name of a picture in its folder. */
export const SCREENSHOT = 'screenshot.png';

const MAX_CONSOLE_BYTES = 64 * 1024;

/**
 * The file that the first serial port or console with one is logged to: instead of a terminal (`type='file'`), or
 * besides (`<log>`). libvirt prints serial ports first, and the first of them again as a console.
 */
const CONSOLE_FILE =
  "(/domain/devices/serial | /domain/devices/console)/source[../@type='file']/@path" +
  ' | (/domain/devices/serial | /domain/devices/console)/log/@file';

/**
 * Keep what a running guest shows on its screen as `screenshot.png` (0600) in a folder that only we can enter. The
 * guest draws it: it proves nothing.
 * @returns the file, or undefined where there is no picture, for whatever reason: nobody depends on it.
 */
export async function captureScreen(session: Session, guest: GuestId, folder: string): Promise<string | undefined> {
  const taken = join(folder, `.screenshot-${process.pid}`);
  return orNothing(async () => {
    try {
      await askAside(session, (own) => takeScreenshot(own, guest, taken));
      const end = await readEnd(taken, MAX_SCREENSHOT_BYTES);
      const png = end === undefined || end.size > MAX_SCREENSHOT_BYTES ? undefined : toPng(end.content);
      return png === undefined ? undefined : await keep(join(folder, SCREENSHOT), png);
    } finally {
      await rm(taken, { force: true });
    }
  });
}

/**
 * Keep the last 64 KiB of what a running guest wrote to its serial port or console as `console.log` (0600) in a folder,
 * where libvirt logs that to a file of this machine. They are the guest's bytes, control characters and all.
 * @param live the definition of the running instance.
 * @returns the file, or undefined where there is nothing to keep, for whatever reason: nobody depends on it.
 */
export async function captureConsole(
  live: string,
  { uri, folder }: { readonly uri: string; readonly folder: string },
): Promise<string | undefined> {
  return orNothing(async () => {
    const path = isLocal(uri) ? selectText(readDefinition(live), CONSOLE_FILE) : undefined;
    if (path === undefined || !isAbsolute(path)) return undefined;
    const end = await readEnd(path, MAX_CONSOLE_BYTES);
    if (end === undefined || end.content.length === 0) return undefined;
    return await keep(join(folder, 'console.log'), end.content);
  });
}

async function keep(path: string, content: Buffer): Promise<string> {
  await writeDurably(path, content);
  return path;
}

/** What libvirt or the system denies is nothing; a bug is not hidden. Node's own complaints are `ERR_...`. */
async function orNothing(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isVirtioizeError(error) || /^E[A-Z0-9]+$/.test(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
