import { readFirmware } from '../../domain/firmware.ts';
import type { Guestfish } from '../../guestfs/guestfish.ts';
import { type FoundOnDisks, type FoundSystem, mountSystem } from '../../guestfs/systems.ts';
import type { Judgement } from '../judgement.ts';
import { examineLinux } from '../linux/examine-linux.ts';
import { shorten } from '../shorten.ts';
import type { SystemPartition } from '../uefi/system-partition.ts';
import { findEfiOnDisks } from './efi-on-disks.ts';
import { hideUnmounted } from './hide-unmounted.ts';
import { offlineFiles } from './offline-files.ts';

export interface SystemOnDisks {
  readonly fish: Guestfish;
  /** A folder for what is on its way. */
  readonly scratch: string;
  readonly system: FoundSystem;
  readonly found: FoundOnDisks;
  readonly definition: string;
  /** The guest's UEFI variables, where it has some that can be read. */
  readonly store: Buffer | undefined;
  /** How many disks the guest has. */
  readonly disks: number;
}

/**
 * Judge one system on a guest's disks by the rules for its kind.
 * @throws GuestfsError
 */
export async function examineSystem(options: SystemOnDisks): Promise<Judgement> {
  const { fish, scratch, system, found, definition, store } = options;
  const firmware = readFirmware(definition);
  const partitions: readonly SystemPartition[] =
    firmware.kind === 'uefi' ? await findEfiOnDisks(fish, found, { scratch }) : [];
  const mounted = await mountSystem(fish, system);
  const files = offlineFiles(fish, { scratch, ignoresCase: system.type === 'windows' });
  if (system.type === 'linux') {
    const name = { id: system.distro, prettyName: system.productName };
    return examineLinux(await hideUnmounted(files, mounted), { system: name, firmware, uefi: { store, partitions } });
  }
  return {
    verdict: 'unknown',
    summary: `The guest runs ${shorten(system.productName || system.type)}; only Linux and Windows are known here.`,
    facts: { system: shorten(system.productName || system.type) },
    refusals: [],
    warnings: [],
    isFinal: true,
  };
}
