import { configLines } from './config-lines.ts';
import { changesOnVirtio } from './device-path.ts';
import type { NamedDisk } from './named-disk.ts';

/** `/etc/vdoconf.yml`, of VDO volumes that LVM does not manage (RHEL 7 and 8). */
export function readVdo(text: string, file: string): NamedDisk[] {
  return configLines(text).flatMap((line) => {
    const device = /^device:\s*(\S+)/.exec(line)?.[1] ?? '';
    return changesOnVirtio(device) ? [{ file, device, purpose: 'a VDO volume', stopsBoot: true }] : [];
  });
}

const MAX_NAMES = 64;

/** ZFS's cache of the pools that it imports at boot, by the paths of their disks (zpool-import(8), `-c`): packed, with its texts as they are. */
export function readZfsCache(text: string, file: string): NamedDisk[] {
  const paths = [...text.matchAll(/\/dev\/[\w/:.+-]{2,200}/g)].slice(0, MAX_NAMES).map(([path]) => path);
  return [...new Set(paths)].filter(changesOnVirtio).map((device) => ({
    file,
    device,
    purpose: 'a disk of a ZFS pool',
    stopsBoot: true,
    entry: { kind: 'zfs cache' },
  }));
}

/** debconf's memory of where Debian's grub-pc is installed anew with each of its updates: it asks again once that is gone. */
export function readDebconf(text: string, file: string): NamedDisk[] {
  const value = /^Name: grub-pc\/install_devices\n(?:[A-Z]\w*: .*\n)*?Value: (.*)$/m.exec(text)?.[1] ?? '';
  const purpose = 'the disk that GRUB is installed on with its next update (dpkg-reconfigure grub-pc asks anew)';
  return value
    .split(/,\s*/)
    .filter(changesOnVirtio)
    .map((device) => ({ file, device, purpose, stopsBoot: false }));
}
