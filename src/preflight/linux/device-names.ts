import { configLines, configWords } from './config-lines.ts';
import { changesOnVirtio } from './device-path.ts';
import { argumentsNamingDisks } from './kernel-arguments.ts';
import { readLvmDevices, readLvmFilters } from './lvm.ts';
import { readMdadm } from './mdadm.ts';
import type { NamedDisk } from './named-disk.ts';

/** A file that may name disks. */
export interface NamingFile {
  readonly path: string;
  readonly read: (text: string, file: string) => NamedDisk[];
  /** Whether what stands in it can keep the system from booting. */
  readonly matters: boolean;
}

/** The files that name disks, each with the reader that knows its format (docs/evidence.md). */
export const NAMING_FILES: readonly NamingFile[] = [
  { path: '/etc/fstab', read: readFstab, matters: true },
  { path: '/etc/crypttab', read: readCrypttab, matters: true },
  { path: '/etc/mdadm.conf', read: readMdadm, matters: true },
  { path: '/etc/mdadm/mdadm.conf', read: readMdadm, matters: true },
  { path: '/etc/lvm/devices/system.devices', read: readLvmDevices, matters: true },
  { path: '/etc/lvm/lvm.conf', read: readLvmFilters, matters: true },
  { path: '/etc/default/grub', read: readSettings, matters: false },
  { path: '/etc/kernel/cmdline', read: readSettings, matters: false },
  { path: '/etc/initramfs-tools/conf.d/resume', read: readResume, matters: false },
  { path: '/boot/grub/device.map', read: readDeviceMap, matters: false },
  { path: '/boot/grub2/device.map', read: readDeviceMap, matters: false },
  { path: '/etc/smartd.conf', read: readSmartd, matters: false },
  { path: '/etc/smartmontools/smartd.conf', read: readSmartd, matters: false },
];

/** `/etc/fstab` (fstab(5)): what is mounted at boot; `noauto` and swap do not keep a system from booting. */
export function readFstab(text: string, file: string): NamedDisk[] {
  return configWords(text).flatMap(([source = '', mountPoint = '', type = '', options = '']) => {
    const isSwap = type === 'swap';
    const purpose = isSwap ? 'swap' : `the file system at ${mountPoint}`;
    const stopsBoot = !isSwap && !options.split(',').includes('noauto');
    // a file system on several disks names the others in its options, e.g. btrfs's device=
    const others = options.split(',').map((option) => option.slice(option.indexOf('=') + 1));
    return [source, ...others].filter(changesOnVirtio).map((device) => ({ file, device, purpose, stopsBoot }));
  });
}

/** `/etc/crypttab` (crypttab(5)): volumes that are unlocked at boot, and the disks that their keys are on. */
export function readCrypttab(text: string, file: string): NamedDisk[] {
  return configWords(text).flatMap(([name = '', source = '', key = '', options = '']) => {
    const words = options.split(',');
    const stopsBoot = !words.includes('noauto') && !words.includes('swap');
    const purpose = `the encrypted volume '${name}'`;
    return [source, key.replace(/:\/.*$/, '')]
      .filter(changesOnVirtio)
      .map((device) => ({ file, device, purpose, stopsBoot }));
  });
}

/** Read only when somebody makes the boot loader's configuration anew: harmful from then on. */
function readSettings(text: string, file: string): NamedDisk[] {
  return harmless(configLines(text).flatMap((line) => argumentsNamingDisks(line, file)));
}

/** Old GRUB's guess of BIOS drives, used when it is installed anew; nearly every old system has one. */
function readDeviceMap(text: string, file: string): NamedDisk[] {
  return configWords(text).flatMap(([drive = '', device = '']) =>
    changesOnVirtio(device) ? [{ file, device, purpose: `GRUB's drive ${drive}`, stopsBoot: false }] : [],
  );
}

/** `RESUME=` of initramfs-tools. */
function readResume(text: string, file: string): NamedDisk[] {
  return harmless(configLines(text).flatMap((line) => argumentsNamingDisks(line.replace(/^RESUME=/, 'resume='), file)));
}

function readSmartd(text: string, file: string): NamedDisk[] {
  return configWords(text).flatMap(([device = '']) =>
    changesOnVirtio(device) ? [{ file, device, purpose: 'the watch over its health', stopsBoot: false }] : [],
  );
}

function harmless(named: readonly NamedDisk[]): NamedDisk[] {
  return named.map((one) => ({ ...one, stopsBoot: false }));
}
