import { readDiskData } from '../../domain/disk-data.ts';
import type { Refusal } from '../../domain/finding.ts';
import { readDefinition } from '../../domain/xml.ts';
import type { FoundOnDisks, FoundSystem } from '../../guestfs/systems.ts';
import type { GuestFiles } from '../guest-files.ts';
import type { Judgement } from '../judgement.ts';
import { examineLinux } from '../linux/examine-linux.ts';
import { identifySystem } from '../linux/identify-system.ts';
import type { LinuxName } from '../linux/remedy.ts';
import { shorten } from '../shorten.ts';
import type { SystemPartition } from '../uefi/system-partition.ts';
import type { SystemOnDisks } from './examine-system.ts';
import { hideUnmounted } from './hide-unmounted.ts';
import { identifyVolume } from './identify-volume.ts';

/** What its disks show of a Linux system. */
export interface LinuxOnDisks {
  readonly files: GuestFiles;
  /** The mount points of all that is mounted. */
  readonly mounted: ReadonlySet<string>;
  /** The EFI system partitions on its disks. */
  readonly partitions: readonly SystemPartition[];
}

/**
 * Judge a Linux system on a guest's disks.
 * @throws GuestfsError
 */
export async function examineLinuxDisk(
  options: SystemOnDisks,
  { files, mounted, partitions }: LinuxOnDisks,
): Promise<Judgement> {
  const { definition, store } = options.guest;
  const seen = await hideUnmounted(files, mounted);
  const system = await nameLinux(seen, options.system);
  const judgement = await examineLinux(withIdentities(seen, options), {
    system,
    definition,
    uefi: { store, partitions },
  });
  return withHibernation(judgement, options.found);
}

/** Old systems have no os-release; then it is what libguestfs makes of their other files. */
async function nameLinux(files: GuestFiles, { distro, productName }: FoundSystem): Promise<LinuxName> {
  const { id, prettyName } = await identifySystem(files, { id: '', prettyName: productName });
  return { id: id === '' ? distro : id, prettyName };
}

function withIdentities(files: GuestFiles, { fish, guest }: SystemOnDisks): GuestFiles {
  const disks = readDiskData(readDefinition(guest.definition)).length;
  return { ...files, identify: (device) => identifyVolume(fish, device, { disks }) };
}

/** A Linux that sleeps on its disk has written its memory into its swap space, devices included. */
function withHibernation(judgement: Judgement, { fileSystems }: FoundOnDisks): Judgement {
  const swap = [...fileSystems].find(([, type]) => type === 'swsuspend')?.[0];
  if (swap === undefined) return judgement;
  const refusal: Refusal = {
    code: 'hibernated',
    message: `Its system hibernates: its memory, which knows the old disks, is in its swap space (${shorten(swap)}).`,
    hint: 'Start it, shut it down in full (systemctl poweroff), and try again.',
  };
  return { ...judgement, refusals: [...judgement.refusals, refusal] };
}
