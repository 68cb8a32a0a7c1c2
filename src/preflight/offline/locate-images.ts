import { createHash } from 'node:crypto';
import { readDiskData } from '../../domain/disk-data.ts';
import { readDefinition, selectText } from '../../domain/xml.ts';
import { GuestfsError } from '../../guestfs/guestfs-error.ts';
import { type ChainLink, readChain } from '../../guestfs/image-chain.ts';
import { isLocal } from '../../virsh/connection-uri.ts';
import { findVolume } from '../../virsh/pools.ts';
import type { Session } from '../../virsh/session.ts';

/** The images of a guest's disks, each with those that it stands on, in the order of the definition. */
export type GuestImages = readonly (readonly ChainLink[])[];

/**
 * Find the images of all hard disks of a definition on this machine.
 * @throws GuestfsError `refused` where one of them can't be read from here, with the reason.
 */
export async function locateImages(session: Session, definition: string): Promise<GuestImages> {
  if (!isLocal(session.uri)) throw new GuestfsError('refused', 'its disks are on another machine');
  const images: ChainLink[][] = [];
  for (const { target, format, place, backing } of readDiskData(readDefinition(definition))) {
    if (place.kind === 'unreadable') throw new GuestfsError('refused', `its disk '${target}' ${place.reason}`);
    const found =
      place.kind === 'path'
        ? { kind: 'found' as const, path: place.path }
        : await findVolume(session, place.pool, place.volume);
    if (found.kind !== 'found' || !found.path.startsWith('/'))
      throw new GuestfsError('refused', `where its disk '${target}' lies can't be told`);
    const chain = await readChain({ path: found.path, format });
    if (
      backing !== undefined &&
      backing.join('\n') !==
        chain
          .slice(1)
          .map(({ path }) => path)
          .join('\n')
    )
      throw new GuestfsError('refused', `the definition names other backing images of '${target}' than the image does`);
    images.push(chain);
  }
  if (images.length === 0) throw new GuestfsError('refused', 'it has no disk');
  return images;
}

/** Equal as long as neither an image nor the UEFI variables were written to; undefined where that can't be told. */
export function imagesIdentity(images: GuestImages, store: Buffer | undefined): string | undefined {
  const identities = images.flat().map(({ identity }) => identity);
  return identities.includes(undefined)
    ? undefined
    : [
        ...identities,
        createHash('sha256')
          .update(store ?? '')
          .digest('hex'),
      ].join('\n');
}

/** Whether a guest is emulated: where its host had hardware virtualization, it would most likely be of another type. */
export function isEmulated(definition: string): boolean {
  return selectText(readDefinition(definition), '/domain/@type') === 'qemu';
}
