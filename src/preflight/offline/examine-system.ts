import { readDiskData } from '../../domain/disk-data.ts';
import type { Refusal } from '../../domain/finding.ts';
import { readFirmware } from '../../domain/firmware.ts';
import { parseDefinition } from '../../domain/xml.ts';
import type { Guestfish } from '../../guestfs/guestfish.ts';
import { type FoundOnDisks, type FoundSystem, mountSystem } from '../../guestfs/systems.ts';
import { type GuestFiles, UnreadableError } from '../guest-files.ts';
import type { Judgement } from '../judgement.ts';
import { examineLinux } from '../linux/examine-linux.ts';
import { identifySystem } from '../linux/identify-system.ts';
import type { LinuxName } from '../linux/remedy.ts';
import { shorten } from '../shorten.ts';
import { examineUefi } from '../uefi/examine-uefi.ts';
import type { SystemPartition } from '../uefi/system-partition.ts';
import { readVariableStore } from '../uefi/variable-store.ts';
import { examineWindows, readWindowsMachine } from '../windows/examine-windows.ts';
import { findEfiOnDisks } from './efi-on-disks.ts';
import { hideUnmounted } from './hide-unmounted.ts';
import { identifyVolume } from './identify-volume.ts';
import { offlineFiles } from './offline-files.ts';
import { hasDirtyHive, offlineRegistry } from './offline-registry.ts';

/** One of the systems on a guest's disks, in an appliance. */
export interface SystemOnDisks {
  readonly fish: Guestfish;
  /** A folder of this system's own, for what is copied out of it. */
  readonly scratch: string;
  readonly system: FoundSystem;
  readonly found: FoundOnDisks;
  readonly guest: GuestOnDisks;
}

/** What is known of a guest that is looked into. */
export interface GuestOnDisks {
  readonly name: string;
  readonly definition: string;
  /** Its UEFI variables, where it has some that can be read. */
  readonly store: Buffer | undefined;
}

/**
 * Judge one system on a guest's disks by the rules for its kind.
 * @throws GuestfsError
 */
export async function examineSystem(options: SystemOnDisks): Promise<Judgement> {
  const { fish, scratch, system, found, guest } = options;
  const firmware = readFirmware(guest.definition);
  const partitions = firmware.kind === 'uefi' ? await findEfiOnDisks(fish, found, { scratch }) : [];
  const mounted = await mountSystem(fish, system);
  const files = offlineFiles(fish, { scratch, ignoresCase: system.type === 'windows' });
  switch (system.type) {
    case 'linux': {
      const seen = await hideUnmounted(files, mounted);
      const { definition, store } = guest;
      const linux = { system: await nameLinux(seen, system), definition, uefi: { store, partitions } };
      return withHibernation(await examineLinux(withIdentities(seen, options), linux), found);
    }
    case 'windows': {
      const judgement = await examineHives(options, files);
      if (firmware.kind !== 'uefi') return judgement;
      return withFirmware(judgement, { ...guest, architecture: firmware.architecture }, partitions);
    }
    default:
      return unknownSystem(system);
  }
}

/** Old systems have no os-release; then it is what libguestfs makes of their other files. */
async function nameLinux(files: GuestFiles, { distro, productName }: FoundSystem): Promise<LinuxName> {
  const { id, prettyName } = await identifySystem(files, { id: '', prettyName: productName });
  return { id: id === '' ? distro : id, prettyName };
}

function withIdentities(files: GuestFiles, { fish, guest }: SystemOnDisks): GuestFiles {
  const disks = readDiskData(parseDefinition(guest.definition)).length;
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

async function examineHives({ scratch, system, found, guest }: SystemOnDisks, files: GuestFiles): Promise<Judgement> {
  const { systemRoot, productName } = system;
  const judgement = await examineWindows({
    source: 'offline',
    files,
    registry: offlineRegistry(files, { systemRoot, scratch }),
    systemRoot,
    machine: readWindowsMachine(parseDefinition(guest.definition)),
    system: { guest: guest.name, prettyName: productName },
    bitlocker: [...found.fileSystems.values()].filter((type) => type === 'BitLocker').length,
  });
  return (await hasDirtyHive(files, systemRoot)) ? { ...judgement, stale: DIRTY } : judgement;
}

const DIRTY =
  'The last changes to its registry are still in a log beside it: Windows was not shut down cleanly. Start it, shut it down in full (shutdown /s /t 0), and try again.';

/** Whether the firmware finds Windows' boot manager once its disk is on virtio. */
async function withFirmware(
  judgement: Judgement,
  { architecture, store }: { readonly architecture: string; readonly store: Buffer | undefined },
  partitions: readonly SystemPartition[],
): Promise<Judgement> {
  const readEntries = async () => {
    if (store === undefined) throw new UnreadableError('its UEFI variables can not be read here');
    return readVariableStore(store);
  };
  const uefi = await examineUefi({ systemId: 'mswindows', architecture, readEntries, partitions });
  return {
    ...judgement,
    facts: { ...judgement.facts, UEFI: uefi.summary },
    refusals: [...judgement.refusals, ...(uefi.isSure || judgement.verdict !== 'unknown' ? uefi.refusals : [])],
  };
}

function unknownSystem({ productName, type }: FoundSystem): Judgement {
  const name = shorten(productName === '' || productName === 'unknown' ? type : productName);
  return {
    verdict: 'unknown',
    summary: `The guest runs ${name}; only Linux and Windows are known here.`,
    facts: { system: name },
    refusals: [],
    warnings: [],
    isFinal: true,
  };
}
