import { runBounded } from './bounded-command.ts';
import type { ChainLink } from './image-chain.ts';

/**
 * Make a throw-away qcow2 overlay on a chain of images, so that nothing is ever written to them and no format is guessed:
 * `guestfish --ro --format=raw` of libguestfs 1.48 probes what the guest wrote. No locks are taken, so that the guest can
 * run, or be started meanwhile.
 * @throws GuestfsError
 */
export async function makeOverlay(chain: readonly ChainLink[], overlay: string): Promise<void> {
  const base = `json:${JSON.stringify(describeChain(chain))}`;
  await runBounded('qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-F',
    chain[0]?.format ?? '',
    '-b',
    base,
    '--',
    overlay,
  ]);
}

/**
 * Make a throw-away qcow2 overlay on an image, for a guest that libvirt starts: it is written to in the image's place.
 * libvirt goes on to the images below by the formats that each records.
 * @param chain as `readChain` has seen it, so that no format is left to be guessed.
 * @throws GuestfsError
 */
export async function makeCloneDisk([base]: readonly ChainLink[], overlay: string): Promise<void> {
  const { path = '', format = '' } = base ?? {};
  await runBounded('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', format, '-b', path, '--', overlay]);
}

/**
 * Make an empty qcow2 image.
 * @throws GuestfsError
 */
export async function makeEmptyDisk(path: string, bytes: number): Promise<void> {
  await runBounded('qemu-img', ['create', '-q', '-f', 'qcow2', '--', path, String(bytes)]);
}

/** The images as QEMU's block devices (QAPI `BlockdevOptions`). */
function describeChain([link, ...rest]: readonly ChainLink[]): Record<string, unknown> | null {
  if (link === undefined) return null;
  const { path, format, isDevice } = link;
  const file = { driver: isDevice ? 'host_device' : 'file', filename: path, locking: 'off' };
  return HAS_BACKING.has(format) ? { driver: format, file, backing: describeChain(rest) } : { driver: format, file };
}

const HAS_BACKING: ReadonlySet<string> = new Set(['qcow2', 'qed', 'qcow']);
