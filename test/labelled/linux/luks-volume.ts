import { execa } from 'execa';
import { makeSparseFile } from '../../testbed/disk-image.ts';

/** The least that LUKS allows. Told, for a program that measures how many the machine can do may fail on a busy one. */
const ITERATIONS = ['--pbkdf-force-iterations', '1000'];

/** Make an encrypted volume that nobody has the key of. It takes no privilege, as it is never opened. */
export async function makeLuksVolume(image: string, sizeMiB: number): Promise<void> {
  await makeSparseFile(image, sizeMiB * 1024 * 1024);
  const options = ['--type', 'luks1', '--batch-mode', '--key-file', '-', ...ITERATIONS];
  await execa('cryptsetup', ['luksFormat', ...options, image], { input: 'testbed' });
}
