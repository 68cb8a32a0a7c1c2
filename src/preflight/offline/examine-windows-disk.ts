import type { Firmware } from '../../domain/firmware.ts';
import { readDefinition } from '../../domain/xml.ts';
import { type GuestFiles, UnreadableError } from '../guest-files.ts';
import type { Judgement } from '../judgement.ts';
import { examineUefi } from '../uefi/examine-uefi.ts';
import type { SystemPartition } from '../uefi/system-partition.ts';
import { readVariableStore } from '../uefi/variable-store.ts';
import { examineWindows, readWindowsMachine } from '../windows/examine-windows.ts';
import type { SystemOnDisks } from './examine-system.ts';
import { hasDirtyHive, offlineRegistry } from './offline-registry.ts';

/** What its disks show of a Windows system. */
export interface WindowsOnDisks {
  readonly files: GuestFiles;
  readonly firmware: Firmware;
  /** The EFI system partitions on its disks. */
  readonly partitions: readonly SystemPartition[];
}

/**
 * Judge a Windows system on a guest's disks.
 * @throws GuestfsError
 */
export async function examineWindowsDisk(
  options: Omit<SystemOnDisks, 'fish'>,
  { files, firmware, partitions }: WindowsOnDisks,
): Promise<Judgement> {
  const judgement = await examineHives(options, files);
  if (firmware.kind !== 'uefi') return judgement;
  return withFirmware(judgement, { ...options.guest, architecture: firmware.architecture }, partitions);
}

async function examineHives(
  { scratch, system, found, guest }: Omit<SystemOnDisks, 'fish'>,
  files: GuestFiles,
): Promise<Judgement> {
  const { systemRoot, productName } = system;
  const judgement = await examineWindows({
    source: 'offline',
    files,
    registry: offlineRegistry(files, { systemRoot, scratch }),
    systemRoot,
    machine: readWindowsMachine(readDefinition(guest.definition)),
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
