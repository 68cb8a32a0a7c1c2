import { changesOnVirtio } from './device-path.ts';
import type { NamedDisk } from './named-disk.ts';

/** Kernel arguments, of the kernel and of the usual initramfs makers, that may name a disk. */
const ARGUMENT =
  /(?<![\w.-])(root|real_root|rootflags|boot|mount\.usr|(?:real_)?resume|crypt(?:device|root|_root|opts|key|header)|root_(?:key|header)?dev|md|(?:rd\.)?luks\.\w{1,16}|rd\.lvm\.\w{1,16}|systemd\.(?:mount|swap)-extra)=["']?([^\s"']+)/g;

/** What a system boots without. */
const HARMLESS: ReadonlyMap<string, string> = new Map([
  ['resume', 'resuming from hibernation'],
  ['real_resume', 'resuming from hibernation'],
  ['systemd.swap-extra', 'swap'],
]);

/**
 * The disks that a kernel command line names: `root=` and its like decide whether it boots, `resume=` only whether it wakes
 * up. Of several `root=` the last counts.
 */
export function argumentsNamingDisks(text: string, file: string): NamedDisk[] {
  const found = [...text.matchAll(ARGUMENT)].map(([, name = '', value = '']) => ({ name, value }));
  const lastRoot = found.findLast(({ name }) => name === 'root');
  return found
    .filter((one) => one.name !== 'root' || one === lastRoot)
    .flatMap(({ name, value }) => changingNames(name, value).map((device) => ({ name, value, device })))
    .map(({ name, value, device }) => ({
      file,
      device,
      purpose: HARMLESS.get(name) ?? `the kernel argument ${name}=`,
      stopsBoot: !HARMLESS.has(name),
      entry: { kind: 'argument', name, value },
    }));
}

/** Whether a command line says which disk is the root. */
export function hasRootArgument(text: string): boolean {
  return /(?<![\w.-])root=/.test(text);
}

/** The root may be given by the device's number too, or by a variable of the boot loader that can't be told. */
function changingNames(name: string, value: string): string[] {
  if (changesOnVirtio(value)) return [value];
  if (name === 'root' && /^(?:\d+:\d+|(?:0x)?[0-9a-f]{3,8}|.*\$.*)$/.test(value)) return [value];
  return value.split(/[,:=]/).filter((part) => changesOnVirtio(part));
}
