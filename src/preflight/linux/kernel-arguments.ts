import { changesOnVirtio } from './device-path.ts';
import type { NamedDisk } from './named-disk.ts';

/** Kernel arguments, of the kernel and of the usual initramfs makers, that may name a disk. */
const ARGUMENT =
  /(?<![\w.-])(root|real_root|rootflags|boot|mount\.usr|resume|cryptdevice|cryptroot|crypt_root|cryptopts|md|(?:rd\.)?luks\.\w{1,16}|rd\.lvm\.\w{1,16})=["']?([^\s"']+)/g;

/**
 * The disks that a kernel command line names: `root=` and its like decide whether it boots, `resume=` only whether it wakes
 * up. Of several `root=` the last counts.
 */
export function argumentsNamingDisks(text: string, file: string): NamedDisk[] {
  const found = [...text.matchAll(ARGUMENT)].map(([, name = '', value = '']) => ({ name, value }));
  const lastRoot = found.findLast(({ name }) => name === 'root');
  return found
    .filter((one) => one.name !== 'root' || one === lastRoot)
    .flatMap(({ name, value }) => changingNames(name, value).map((device) => ({ name, device })))
    .map(({ name, device }) => ({
      file,
      device,
      purpose: name === 'resume' ? 'resuming from hibernation' : `the kernel argument ${name}=`,
      stopsBoot: name !== 'resume',
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
