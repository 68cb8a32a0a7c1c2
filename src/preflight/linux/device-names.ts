import { configLines, configWords } from './config-lines.ts';
import { changesOnVirtio, isKernelName, unquote } from './device-path.ts';
import { argumentsNamingDisks } from './kernel-arguments.ts';
import { readLvmDevices, readLvmFilters } from './lvm.ts';
import { readMdadm } from './mdadm.ts';
import type { NamedDisk } from './named-disk.ts';
import { readDebconf, readVdo, readZfsCache } from './storage-layers.ts';

/** A file that may name disks. */
export interface NamingFile {
  readonly path: string;
  readonly read: (text: string, file: string) => NamedDisk[];
  /** Whether what stands in it can keep the system from booting. */
  readonly matters: boolean;
}

export const LVM_DEVICES = '/etc/lvm/devices/system.devices';

/** The files that name disks, each with the reader that knows its format (docs/evidence.md). */
export const NAMING_FILES: readonly NamingFile[] = [
  { path: '/etc/fstab', read: readFstab, matters: true },
  { path: '/etc/crypttab', read: readCrypttab, matters: true },
  { path: '/etc/mdadm.conf', read: readMdadm, matters: true },
  { path: '/etc/mdadm/mdadm.conf', read: readMdadm, matters: true },
  { path: LVM_DEVICES, read: readLvmDevices, matters: true },
  { path: '/etc/lvm/lvm.conf', read: readLvmFilters, matters: true },
  { path: '/etc/lvm/lvmlocal.conf', read: readLvmFilters, matters: true },
  { path: '/etc/vdoconf.yml', read: readVdo, matters: true },
  { path: '/etc/zfs/zpool.cache', read: readZfsCache, matters: true },
  { path: '/etc/default/grub', read: readSettings, matters: false },
  { path: '/etc/kernel/cmdline', read: readSettings, matters: false },
  { path: '/etc/initramfs-tools/conf.d/resume', read: readResume, matters: false },
  { path: '/boot/grub/device.map', read: readDeviceMap, matters: false },
  { path: '/boot/grub2/device.map', read: readDeviceMap, matters: false },
  { path: '/var/cache/debconf/config.dat', read: readDebconf, matters: false },
  { path: '/etc/smartd.conf', read: readSmartd, matters: false },
  { path: '/etc/smartmontools/smartd.conf', read: readSmartd, matters: false },
];

/**
 * The disks that a file names.
 * @param path where it is in the system. @param file how it is called in what is found, where that is a copy of it.
 */
export function readNamingFile(path: string, text: string, file = path): NamedDisk[] {
  return NAMING_FILES.filter((one) => one.path === path).flatMap(({ read }) => read(text, file));
}

/** `/etc/fstab` (fstab(5)): what is mounted at boot; `noauto` and swap do not keep a system from booting. */
export function readFstab(text: string, file: string): NamedDisk[] {
  return configWords(text).flatMap(([source = '', ...rest]) => {
    const [mountPoint = '', type = '', options = ''] = rest;
    const isSwap = type === 'swap';
    const purpose = isSwap ? 'swap' : `the file system at ${mountPoint}`;
    const isOnDisk = !/(?:^|,)(?:iso9660|udf)(?:,|$)/.test(type); // a CD-ROM stays where it is, old kernels' /dev/hdc too
    const stopsBoot = !isSwap && isOnDisk && !options.split(',').includes('noauto');
    // a file system on several disks names the others in its options, e.g. btrfs's device=
    const others = options.split(',').map((option) => option.slice(option.indexOf('=') + 1));
    const entry = { kind: 'fields' as const, fields: [unquote(source), ...rest.slice(0, 5)], isInInitramfs: false };
    return [unquote(source), ...others]
      .filter(changesOnVirtio)
      .map((device) => ({ file, device, purpose, stopsBoot, entry }));
  });
}

/**
 * `/etc/crypttab` (crypttab(5)): volumes that are unlocked at boot, and the disks that their keys and headers are on. What is
 * encrypted with a new key at each boot (`swap`, `tmp`) is made anew there: under a name of the kernel's that has become
 * another disk's, that disk is lost.
 */
export function readCrypttab(text: string, file: string): NamedDisk[] {
  return configWords(text).flatMap(([name = '', source = '', key = '', options = '', ...rest]) => {
    const words = options.split(',');
    const isMadeAnew = words.some((word) => /^(?:swap$|tmp(?:=|$))/.test(word));
    const purpose = `the encrypted volume '${name}'${isMadeAnew ? ', which is made anew at each boot' : ''}`;
    const fields = [name, unquote(source), key, options, ...rest].filter((field) => field !== '').slice(0, 4);
    const entry = { kind: 'fields' as const, fields, isInInitramfs: true };
    const others = [key, ...words.filter((word) => word.startsWith('header=')).map((word) => word.slice(7))];
    return [unquote(source), ...others.flatMap(disksOf)].filter(changesOnVirtio).map((device) => ({
      file,
      device,
      purpose,
      stopsBoot: !words.includes('noauto') && (!isMadeAnew || isKernelName(device)),
      entry,
    }));
  });
}

/** A file and the disk that it is on: `DISK:/file` (Debian's passdev), `/file:DISK` (systemd), or the disk itself. */
function disksOf(text: string): string[] {
  return [text.replace(/:\/.*$/, ''), text.slice(text.indexOf(':') + 1)].filter(
    (one, index, all) => all.indexOf(one) === index,
  );
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
