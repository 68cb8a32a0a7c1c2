import { join } from 'node:path/posix';

/** What tells where the paths of a boot loader are in the running system. */
export interface LoaderView {
  /** Where a path that does not begin with `/` begins. */
  readonly folder: string;
  /** The loader's `/`, where it is known. */
  readonly root: string | undefined;
  /** Whether `/boot` is a file system of its own, so that it is the loader's `/`. */
  readonly hasOwnBoot: boolean;
}

/**
 * Where a boot loader's path may lead to, likeliest first. It sees its own file system: /boot may be one, and btrfs and
 * ZFS put a subvolume's name in front (`/@/boot/vmlinuz`, `/BOOT/debian@/vmlinuz`).
 */
export function placesOf(path: string, { folder, root, hasOwnBoot }: LoaderView): string[] {
  if (!path.startsWith('/')) return [join(folder, path)];
  if (root !== undefined) return [join(root, path)];
  const inner = path.replace(/^\/[^@]*@[^/]*(?=\/)/, '');
  const roots = hasOwnBoot ? ['/boot', '/'] : ['/', '/boot'];
  return [...new Set([path, inner].flatMap((one) => roots.map((place) => join(place, one))))];
}

/** Whether fstab mounts a file system at `/boot`. */
export function mountsBoot(fstab: readonly (readonly string[])[]): boolean {
  return fstab.some(([, mountPoint]) => mountPoint === '/boot' || mountPoint === '/boot/');
}
