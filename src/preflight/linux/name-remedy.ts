import type { VolumeIdentity } from '../guest-files.ts';
import { argumentRemedy } from './argument-remedy.ts';
import { familyOf } from './family.ts';
import { type InitramfsMaker, rebuildCommand, usualMaker } from './initramfs-maker.ts';
import type { NamedDisk } from './named-disk.ts';
import type { LinuxName } from './remedy.ts';
import { blkidFor, stableLine, stableName } from './stable-name.ts';

/** What tells how a system is to name its disks instead. */
export interface NameContext {
  readonly system: LinuxName;
  /** What makes its initramfs images, where one of them told. */
  readonly maker: InitramfsMaker | undefined;
  /** Whether a kernel of it boots without an initramfs: then `root=` takes no UUID of a file system. */
  readonly isBare: boolean;
  /** What its volumes are called on whatever disk they lie, by the names that change. */
  readonly volumes: ReadonlyMap<string, VolumeIdentity>;
}

/** What to write instead of a name that changes: the very line, or command, wherever it can be told. */
export function remedyForName(named: NamedDisk, context: NameContext): string {
  const { device, file, entry } = named;
  const family = familyOf(context.system.id);
  const rebuild = rebuildCommand(context.maker ?? usualMaker(family, ''));
  switch (entry?.kind) {
    case 'argument': {
      const { uuid, partitionUuid } = context.volumes.get(device) ?? {};
      const volume = { uuid: context.isBare ? undefined : uuid, partitionUuid };
      const kind = context.isBare ? 'PARTUUID' : 'UUID';
      return argumentRemedy(named, entry, { family, kind, instead: stableName(volume) });
    }
    case 'md search':
      return `Inside the guest, write 'DEVICE partitions' in ${file}; then ${rebuild}.`;
    case 'md parts':
      return `Inside the guest, take devices= out of the ARRAY line in ${file} (its UUID= is enough); then ${rebuild}.`;
    case 'lvm devices':
      return `Inside the guest, let LVM use all disks until after the switch: mv ${file} ${file}.before-virtio && ${rebuild}; afterwards vgimportdevices -a writes a new one (lvmdevices shows it).`;
    case 'lvm filter':
      return `Inside the guest, let the filter in lvm.conf accept /dev/vd.* as well; then ${rebuild}.`;
    case 'zfs cache':
      return `Inside the guest, let ZFS look for its disks instead: mv ${file} ${file}.before-virtio && systemctl enable zfs-import-scan.service && ${rebuild}.`;
    case 'inside an initramfs':
      return `Inside the guest, make the initramfs without it: ${rebuild}${rebuild.startsWith('dracut') ? ' --no-hostonly' : ''}.`;
    case 'fields':
    case undefined: {
      const then = entry?.isInInitramfs === true ? `; then ${rebuild}` : '';
      if (/bsd/.test(context.system.id))
        return "Inside the guest, name it by its label instead ('glabel status' shows it).";
      const line = betterLine(named, context);
      return line === undefined
        ? `Inside the guest, name it by UUID instead (${blkidFor(device)} shows it)${then}.`
        : `Inside the guest, write this line instead: '${line}'${then}.`;
    }
  }
}

/** The line that names a volume by what stays, where it stands in one and that can be told. */
export function betterLine({ device, entry }: NamedDisk, { volumes }: NameContext): string | undefined {
  return entry?.kind === 'fields' ? stableLine(entry.fields, device, volumes.get(device)) : undefined;
}
