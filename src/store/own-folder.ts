import { stat } from 'node:fs/promises';
import { VirtioizeError } from '../error.ts';

const OTHERS_MAY_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Root keeps definitions, passwords included, only where nobody else can put something else in their place.
 * @param around where `folder` is: another one of root's that is sticky, as /tmp is, does. Both are there.
 * @throws VirtioizeError `state-unwritable`
 */
export async function requireOwnFolder(folder: string, around: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  if (!(await isRoots(around, STICKY))) throw othersMayWrite(around);
  if (!(await isRoots(folder))) throw othersMayWrite(folder);
}

async function isRoots(folder: string, protection = 0): Promise<boolean> {
  const { uid, mode } = await stat(folder);
  return uid === 0 && ((mode & OTHERS_MAY_WRITE) === 0 || (mode & protection) !== 0);
}

function othersMayWrite(folder: string): VirtioizeError {
  return new VirtioizeError('state-unwritable', `${folder} is not used, for others than root can write it.`, {
    hint: `Look at what is in it, then: chown root:root '${folder}' && chmod go-w '${folder}'; or name another one (--state-dir).`,
  });
}
