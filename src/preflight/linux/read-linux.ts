import { type GuestFiles, orUnreadable, readText, UnreadableError } from '../guest-files.ts';
import { LVM_DEVICES, NAMING_FILES } from './device-names.ts';
import type { LinuxFacts } from './linux-facts.ts';
import { ignoresDevicesFile } from './lvm.ts';
import type { NamedDisk } from './named-disk.ts';
import { readNamingFolders } from './naming-folders.ts';
import { readBoot } from './read-boot.ts';

/** Gather from a Linux system's files what decides whether it boots from virtio. Never throws for what the guest has. */
export async function readLinux(files: GuestFiles): Promise<LinuxFacts> {
  const names = await readNames(files);
  const boot = await readBoot(files);
  return { ...boot, ...names, namedDisks: unique([...names.namedDisks, ...withoutCopies(boot.namedDisks, names)]) };
}

/** Without what a copy inside an initramfs says of a disk that the system's own file names too. */
function withoutCopies(
  inBoot: readonly NamedDisk[],
  { namedDisks }: { readonly namedDisks: readonly NamedDisk[] },
): NamedDisk[] {
  return inBoot.filter(
    ({ file, device }) => !namedDisks.some((named) => named.device === device && file.endsWith(`:${named.file}`)),
  );
}

/** The disks that a system's configuration names, whatever it boots with. */
export async function readNames(files: GuestFiles): Promise<Pick<LinuxFacts, 'namedDisks' | 'unreadableNames'>> {
  const namedDisks: (readonly NamedDisk[])[] = [];
  const unreadableNames: string[] = [];
  const lvmConfig = await orUnreadable(() => readText(files, '/etc/lvm/lvm.conf'));
  const ignored = typeof lvmConfig === 'string' && ignoresDevicesFile(lvmConfig) ? LVM_DEVICES : undefined;
  for (const { path, read, matters } of NAMING_FILES.filter((one) => one.path !== ignored)) {
    const text = await orUnreadable(() => readText(files, path));
    if (!(text instanceof UnreadableError)) namedDisks.push(read(text ?? '', path));
    else if (matters) unreadableNames.push(`${path}: ${text.message}`);
  }
  namedDisks.push(await readNamingFolders(files));
  return { namedDisks: namedDisks.flat(), unreadableNames };
}

function unique(named: readonly NamedDisk[]): NamedDisk[] {
  return [...new Map(named.map((one) => [JSON.stringify(one), one])).values()];
}
