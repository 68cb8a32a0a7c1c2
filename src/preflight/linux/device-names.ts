import { changesOnVirtio } from './device-path.ts';

/** A place in a Linux system that looks for a disk by a name that changes. */
export interface NamedDisk {
  /** The file it stands in. */
  readonly file: string;
  /** The name. */
  readonly device: string;
  /** What it is for, e.g. "the root file system". */
  readonly purpose: string;
  /** Whether the system does not boot, or boots without a volume, once the name is gone. */
  readonly stopsBoot: boolean;
}

type Reader = (text: string, file: string) => NamedDisk[];

/** The files that name disks, each with the reader that knows its format (docs/evidence.md). */
export const NAMING_FILES: readonly (readonly [path: string, read: Reader])[] = [
  ['/etc/fstab', readFstab],
  ['/etc/crypttab', readCrypttab],
  ['/etc/mdadm.conf', readMdadm],
  ['/etc/mdadm/mdadm.conf', readMdadm],
  ['/etc/lvm/devices/system.devices', readLvmDevices],
  ['/etc/default/grub', readDefaultGrub],
  ['/boot/grub/device.map', readDeviceMap],
  ['/boot/grub2/device.map', readDeviceMap],
  ['/etc/initramfs-tools/conf.d/resume', readResume],
];

/** `/etc/fstab` (fstab(5)): what is mounted at boot; `noauto` and swap do not keep a system from booting. */
export function readFstab(text: string, file: string): NamedDisk[] {
  return entries(text).flatMap(([device = '', mountPoint = '', type = '', options = '']) => {
    if (!changesOnVirtio(device)) return [];
    const isSwap = type === 'swap';
    const stopsBoot = !isSwap && !options.split(',').includes('noauto');
    return [{ file, device, purpose: isSwap ? 'swap' : `the file system at ${mountPoint}`, stopsBoot }];
  });
}

/** `/etc/crypttab` (crypttab(5)): volumes that are unlocked at boot. */
function readCrypttab(text: string, file: string): NamedDisk[] {
  return entries(text).flatMap(([name = '', device = '', , options = '']) =>
    changesOnVirtio(device)
      ? [{ file, device, purpose: `the encrypted volume '${name}'`, stopsBoot: !options.split(',').includes('noauto') }]
      : [],
  );
}

/** `mdadm.conf` (mdadm.conf(5)): `DEVICE` lines say where arrays are looked for. */
function readMdadm(text: string, file: string): NamedDisk[] {
  return entries(text)
    .filter(([keyword = '']) => /^dev/i.test(keyword))
    .flatMap(([, ...devices]) => devices.map((device) => device.replace(/\*.*$/, 'a')))
    .filter((device) => changesOnVirtio(device))
    .map((device) => ({ file, device, purpose: 'the search for md arrays', stopsBoot: true }));
}

/**
 * LVM's devices file (lvmdevices(8)): LVM uses the disks that it lists and no others. Entries by SCSI identity or device
 * name are not valid on virtio.
 */
function readLvmDevices(text: string, file: string): NamedDisk[] {
  return entries(text).flatMap((words) => {
    const fields = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
    const type = fields.get('IDTYPE');
    const device = fields.get('IDNAME') ?? '';
    const isValid = type === undefined || (type === 'devname' ? !changesOnVirtio(device) : !DISK_IDENTITIES.test(type));
    return isValid ? [] : [{ file, device, purpose: 'an LVM physical volume', stopsBoot: true }];
  });
}

/** Identities of the emulated disk itself, rather than of what lies on it. */
const DISK_IDENTITIES = /^(?:sys_wwid|sys_serial|wwid_\w+|mpath_uuid)$/;

/** Read by grub-mkconfig only: harmful once somebody regenerates the configuration. */
function readDefaultGrub(text: string, file: string): NamedDisk[] {
  return argumentsNamingDisks(text, file).map((named) => ({ ...named, stopsBoot: false }));
}

/** Old GRUB's guess of BIOS drives, used when it is installed anew; nearly every old system has one. */
function readDeviceMap(text: string, file: string): NamedDisk[] {
  return entries(text).flatMap(([drive = '', device = '']) =>
    changesOnVirtio(device) ? [{ file, device, purpose: `GRUB's drive ${drive}`, stopsBoot: false }] : [],
  );
}

function readResume(text: string, file: string): NamedDisk[] {
  return argumentsNamingDisks(text, file).map((named) => ({ ...named, stopsBoot: false }));
}

/** The disks that a kernel command line names: `root=` decides whether it boots, `resume=` only whether it wakes up. */
export function argumentsNamingDisks(text: string, file: string): NamedDisk[] {
  return [...text.matchAll(/\b(root|resume|cryptdevice|rd\.luks\.\w+|rd\.lvm\.\w+)=["']?([^\s"':]+)/gi)].flatMap(
    ([, name = '', device = '']) => {
      if (!changesOnVirtio(device)) return [];
      const isResume = name.toLowerCase() === 'resume';
      return [
        {
          file,
          device,
          purpose: isResume ? 'resuming from hibernation' : `the kernel argument ${name}=`,
          stopsBoot: !isResume,
        },
      ];
    },
  );
}

/** The words of each line that is neither empty nor a comment. */
function entries(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/));
}
