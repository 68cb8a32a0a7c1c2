import { statSync } from 'node:fs';
import { VirtioizeError } from '../error.ts';
import { isRootsAlone, keepsWhatIsRoots } from '../roots-alone.ts';

/**
 * Root keeps definitions, passwords included, only where nobody else can put something else in their place.
 * @param around where `folder` is: a sticky folder of root's, as /tmp is, does. Both are there.
 * @throws VirtioizeError `state-unwritable`
 */
export function requireOwnFolder(folder: string, around: string): void {
  if (process.getuid?.() !== 0) return;
  if (!keepsWhatIsRoots(statSync(around))) throw othersMayWrite(around);
  if (!isRootsAlone(statSync(folder))) throw othersMayWrite(folder);
}

function othersMayWrite(folder: string): VirtioizeError {
  return new VirtioizeError('state-unwritable', `${folder} is not used, for others than root can write it.`, {
    hint: `Look at what is in it, then: chown root:root '${folder}' && chmod go-w '${folder}'; or name another one (--state-dir).`,
  });
}
