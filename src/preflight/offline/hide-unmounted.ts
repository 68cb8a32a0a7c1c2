import { type GuestFiles, orUnreadable, readText, UnreadableError } from '../guest-files.ts';
import { configWords } from '../linux/config-lines.ts';
import { unescapeBlanks } from '../linux/start-up.ts';

/** Where links lead into `/usr` on a system that keeps it apart. */
const INTO_USR = ['/lib', '/lib64', '/bin', '/sbin'];

/**
 * The files of a Linux system, without those that lie where its fstab mounts something that is not mounted now: what is
 * seen there instead, old kernels in the `/boot` of the root file system for one, is not what the system boots.
 * @param mounted the mount points of all that is mounted.
 */
export async function hideUnmounted(files: GuestFiles, mounted: ReadonlySet<string>): Promise<GuestFiles> {
  const fstab = await orUnreadable(() => readText(files, '/etc/fstab'));
  const places = typeof fstab === 'string' ? configWords(fstab).map(([, place = '']) => normalize(place)) : [];
  const missing = places.filter((place) => place.startsWith('/') && !mounted.has(place));
  const hidden = new Map(missing.map((place) => [place, place]));
  if (missing.includes('/usr')) for (const link of INTO_USR) hidden.set(link, '/usr');
  if (hidden.size === 0) return files;
  const check = (path: string): void => {
    for (const [begin, place] of hidden) {
      if (path === begin || path.startsWith(`${begin}/`))
        throw new UnreadableError(`${path} lies on ${place}, which could not be mounted`);
    }
  };
  return {
    async open(path) {
      check(path);
      return files.open(path);
    },
    async list(folder) {
      check(folder);
      return files.list(folder);
    },
  };
}

function normalize(place: string): string {
  return unescapeBlanks(place).replace(/(?<=.)\/+$/, '');
}
