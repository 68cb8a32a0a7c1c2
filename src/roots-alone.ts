import type { Stats } from 'node:fs';

const OTHERS_MAY_WRITE = 0o022;
const STICKY = 0o1000;

/** Whether nobody but root can write a file or folder, or change who can. */
export function isRootsAlone({ uid, mode }: Pick<Stats, 'uid' | 'mode'>): boolean {
  return uid === 0 && (mode & OTHERS_MAY_WRITE) === 0;
}

/** Whether nobody but root can replace what is root's in a folder: in a sticky one such as /tmp others can't. */
export function keepsWhatIsRoots(folder: Pick<Stats, 'uid' | 'mode'>): boolean {
  return isRootsAlone(folder) || (folder.uid === 0 && (folder.mode & STICKY) !== 0);
}
