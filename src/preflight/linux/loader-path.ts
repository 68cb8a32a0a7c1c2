import { join } from 'node:path/posix';

/** What tells where the paths of a boot loader are in the running system. */
export interface LoaderView {
  /** Where a path that does not begin with `/` begins. */
  readonly folder: string;
  /** The loader's `/`, where it is known. */
  readonly root: string | undefined;
  /** Whether `/boot` is a file system of its own, so that it is the loader's `/`. */
  readonly hasOwnBoot: boolean;
  /** The btrfs subvolume that is the root, where fstab says so. */
  readonly subvolume?: string | undefined;
}

/**
 * Where a boot loader's path may lead to, likeliest first. It sees its own file system: /boot may be one, and btrfs and
 * ZFS put a subvolume's name in front (`/@/boot/vmlinuz`, `/BOOT/debian@/vmlinuz`).
 */
export function placesOf(path: string, { folder, root, hasOwnBoot, subvolume }: LoaderView): string[] {
  if (!path.startsWith('/')) return [join(folder, path)];
  if (root !== undefined) return [join(root, path)];
  const isInside = subvolume !== undefined && path.startsWith(`/${subvolume}/`);
  const inner = isInside ? path.slice(subvolume.length + 1) : path.replace(/^\/[^@]*@[^/]*(?=\/)/, '');
  const roots = hasOwnBoot ? ['/boot', '/'] : ['/', '/boot'];
  return [...new Set([path, inner].flatMap((one) => roots.map((place) => join(place, one))))];
}

/** Whether fstab mounts a file system at `/boot`. */
export function mountsBoot(fstab: readonly (readonly string[])[]): boolean {
  return fstab.some(([, mountPoint]) => mountPoint === '/boot' || mountPoint === '/boot/');
}

/** The btrfs subvolume that fstab mounts as the root, without slashes around it; undefined where it names none. */
export function rootSubvolume(fstab: readonly (readonly string[])[]): string | undefined {
  const options = fstab.find(([, mountPoint]) => mountPoint === '/')?.[3]?.split(',') ?? [];
  const name = options.find((option) => option.startsWith('subvol='))?.slice('subvol='.length);
  return name?.replace(/^\/+|\/+$/g, '') || undefined;
}
