import { configLines, configWords } from './config-lines.ts';
import { changesOnVirtio } from './device-path.ts';
import type { NamedDisk } from './named-disk.ts';

/** Identities of the emulated disk itself, rather than of what lies on it. */
const DISK_IDENTITIES = /^(?:sys_wwid|sys_serial|wwid_\w+|mpath_uuid)$/;

/** Disks that stay as they are: what identifies them is still valid. */
const STAYING_DISKS = /^\/dev\/(?:vd[a-z]|nvme\d|xvd[a-z])/;

/**
 * LVM's devices file (lvmdevices(8)): LVM uses the disks that it lists and no others. Entries by SCSI identity or device
 * name are not valid on virtio.
 */
export function readLvmDevices(text: string, file: string): NamedDisk[] {
  return configWords(text).flatMap((words) => {
    const fields = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
    const type = fields.get('IDTYPE') ?? '';
    const device = fields.get('IDNAME') ?? '';
    const stays = STAYING_DISKS.test(fields.get('DEVNAME') ?? '');
    const isValid = type === 'devname' ? !changesOnVirtio(device) : stays || !DISK_IDENTITIES.test(type);
    if (isValid) return [];
    return [
      { file, device, purpose: 'an LVM physical volume', stopsBoot: true, entry: { kind: 'lvm devices' as const } },
    ];
  });
}

/**
 * The filters of lvm.conf(5): `"a|pattern|"` lets LVM use the disks that match, `"r|pattern|"` keeps it from them. One that
 * rejects all but the emulated disks finds no volume on virtio.
 */
export function readLvmFilters(text: string, file: string): NamedDisk[] {
  const lines = configLines(text).join('\n');
  return [...lines.matchAll(/\b(?:global_)?filter\s{0,9}=/g)].flatMap(({ 0: found, index }) => {
    const patterns = quotedStrings(lines, index + found.length).map((one) => ({
      kind: one[0],
      body: one.slice(2, -1),
    }));
    const accepted = patterns.filter(({ kind }) => kind === 'a').map(({ body }) => body);
    const rejected = patterns.filter(({ kind }) => kind === 'r').map(({ body }) => body);
    const namesOld = accepted.filter((body) => OLD_DISKS.test(body));
    const losesAll = rejected.some((body) => ANY_DISK.test(body)) && namesOld.length > 0;
    const findsVirtio = accepted.some((body) => ANY_DISK.test(body) || VIRTIO_DISKS.test(body));
    const device =
      rejected.find((body) => VIRTIO_DISKS.test(body)) ?? (losesAll && !findsVirtio ? namesOld[0] : undefined);
    if (device === undefined) return [];
    const entry = { kind: 'lvm filter' as const };
    return [{ file, device, purpose: 'the disks that LVM may use', stopsBoot: true, entry }];
  });
}

const ANY_DISK = /^\^?(?:\/dev\/?)?\.?\*?\/?\$?$/;
const OLD_DISKS = /(?:[sh]|\[[^\]]*[sh][^\]]*\])d|by-path|by-id\/(?:ata|scsi|wwn|usb)|mpath/;
const VIRTIO_DISKS = /(?:v|\[[^\]]*v[^\]]*\])d/;

/** Whether lvm.conf says that the devices file is not to be used. Without a word, each distribution has its own default. */
export function ignoresDevicesFile(text: string): boolean {
  return configLines(text).some((line) => /^(?:devices\/|devices\s*\{\s*)?use_devicesfile\s*=\s*0\b/.test(line));
}

/** The strings of the list that begins at `start`. */
function quotedStrings(text: string, start: number): string[] {
  const next = /[\s,[]{0,99}"([^"\n]{0,300})"/y;
  next.lastIndex = start;
  const strings: string[] = [];
  for (let match = next.exec(text); match !== null && strings.length < 99; match = next.exec(text))
    strings.push(match[1] ?? '');
  return strings;
}
