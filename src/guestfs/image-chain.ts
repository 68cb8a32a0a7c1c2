import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { runBounded } from './bounded-command.ts';
import { GuestfsError } from './guestfs-error.ts';

/** A disk image or device on this machine, with the format that its definition gives it. */
export interface DiskImage {
  readonly path: string;
  /** QEMU's name of the format: raw, qcow2, vmdk, ... Never found out by looking: the guest may have written what is seen. */
  readonly format: string;
}

/** One image of a chain, with what tells whether it was written to since. */
export interface ChainLink extends DiskImage {
  readonly isDevice: boolean;
  /** Changes whenever the file does; undefined for devices, whose content can't be told by it. */
  readonly identity: string | undefined;
}

/** Not vmdk, whose descriptor may name any file of the host as a part of it. */
const FORMATS: ReadonlySet<string> = new Set(['raw', 'qcow2', 'qed', 'qcow', 'vdi', 'vpc', 'vhdx', 'bochs']);
const MAX_LENGTH = 64;

const imageInfo = z.object({
  'backing-filename': z.string().optional(),
  'backing-filename-format': z.string().optional(),
  'format-specific': z.object({ data: z.record(z.string(), z.unknown()).optional() }).optional(),
  encrypted: z.boolean().optional(),
});

/**
 * A disk's image and those that it stands on, the disk's own first. Each is opened with the format that the one above
 * it names, so that nothing a guest wrote is taken for a header.
 * @throws GuestfsError `refused` where that can't be told or can't be read here.
 */
export async function readChain(disk: DiskImage): Promise<ChainLink[]> {
  const chain: ChainLink[] = [];
  for (let next: DiskImage | undefined = disk; next !== undefined; ) {
    if (chain.length >= MAX_LENGTH) throw new GuestfsError('refused', `${disk.path} stands on too many images`);
    const link: ChainLink = await readLink(next);
    chain.push(link);
    next = link.format === 'raw' ? undefined : await readBacking(link);
  }
  return chain;
}

async function readLink({ path, format }: DiskImage): Promise<ChainLink> {
  if (!FORMATS.has(format)) throw new GuestfsError('refused', `images of the format '${format}' are not inspected`);
  const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    throw new GuestfsError('refused', `${path} can't be read here (${error.code ?? error.message})`);
  });
  const isDevice = found.isBlockDevice();
  if (!isDevice && !found.isFile()) throw new GuestfsError('refused', `${path} is neither a file nor a block device`);
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  return {
    path,
    format,
    isDevice,
    identity: isDevice ? undefined : [path, format, dev, ino, size, mtimeNs, ctimeNs].join('|'),
  };
}

async function readBacking({ path, format }: DiskImage): Promise<DiskImage | undefined> {
  const printed = await runBounded('qemu-img', ['info', '--force-share', '--output=json', '-f', format, '--', path]);
  const info = imageInfo.safeParse(parseJson(printed));
  if (!info.success) throw new GuestfsError('refused', `qemu-img says nothing of ${path} that makes sense`);
  const { 'backing-filename': backing, 'backing-filename-format': backingFormat, encrypted } = info.data;
  if (encrypted === true) throw new GuestfsError('refused', `${path} is encrypted`);
  if (info.data['format-specific']?.data?.['data-file'] !== undefined)
    throw new GuestfsError('refused', `${path} keeps its data in another file`);
  if (backing === undefined) return undefined;
  if (backingFormat === undefined)
    throw new GuestfsError('refused', `${path} does not record the format of the image that it stands on`);
  if (/^[a-z0-9+.-]+:/i.test(backing)) throw new GuestfsError('refused', `${path} stands on an image that is no file`);
  return { path: resolve(dirname(path), backing), format: backingFormat };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
