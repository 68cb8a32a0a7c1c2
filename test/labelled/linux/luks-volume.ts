import { truncate } from 'node:fs/promises';
import { execa } from 'execa';

/** LUKS' own header and key slots. */
const HEADER_MIB = 2.5;

/** Make an encrypted volume that nobody has the key of. qemu-img makes them without any privilege. */
export async function makeLuksVolume(image: string, sizeMiB: number): Promise<void> {
  const secret = ['--object', 'secret,id=key,data=testbed'];
  const options = ['-o', 'key-secret=key,iter-time=10'];
  const payload = `${Math.floor((sizeMiB - HEADER_MIB) * 1024)}K`;
  await execa('qemu-img', ['create', '-q', ...secret, '-f', 'luks', ...options, image, payload]);
  await truncate(image, sizeMiB * 1024 * 1024);
}
