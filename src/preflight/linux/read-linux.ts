import { type GuestFiles, orUnreadable, readText, UnreadableError } from '../guest-files.ts';
import { NAMING_FILES } from './device-names.ts';
import type { LinuxFacts } from './linux-facts.ts';
import type { NamedDisk } from './named-disk.ts';
import { readBoot } from './read-boot.ts';
import { readUdevRules } from './udev-rules.ts';

/** Gather from a Linux system's files what decides whether it boots from virtio. Never throws for what the guest has. */
export async function readLinux(files: GuestFiles): Promise<LinuxFacts> {
  const names = await readNames(files);
  const boot = await readBoot(files);
  return { ...boot, ...names, namedDisks: unique([...names.namedDisks, ...boot.namedDisks]) };
}

/** The disks that a system's configuration names, whatever it boots with. */
export async function readNames(files: GuestFiles): Promise<Pick<LinuxFacts, 'namedDisks' | 'unreadableNames'>> {
  const namedDisks: (readonly NamedDisk[])[] = [];
  const unreadableNames: string[] = [];
  for (const { path, read, matters } of NAMING_FILES) {
    const text = await orUnreadable(() => readText(files, path));
    if (!(text instanceof UnreadableError)) namedDisks.push(read(text ?? '', path));
    else if (matters) unreadableNames.push(`${path}: ${text.message}`);
  }
  namedDisks.push(await readUdevRules(files));
  return { namedDisks: namedDisks.flat(), unreadableNames };
}

function unique(named: readonly NamedDisk[]): NamedDisk[] {
  return [...new Map(named.map((one) => [JSON.stringify(one), one])).values()];
}
