import { readFirmware } from '../../domain/firmware.ts';
import type { Guestfish } from '../../guestfs/guestfish.ts';
import { type FoundOnDisks, type FoundSystem, mountSystem } from '../../guestfs/systems.ts';
import type { Judgement } from '../judgement.ts';
import { shorten } from '../shorten.ts';
import { findEfiOnDisks } from './efi-on-disks.ts';
import { examineLinuxDisk } from './examine-linux-disk.ts';
import { examineWindowsDisk } from './examine-windows-disk.ts';
import { offlineFiles } from './offline-files.ts';

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
    case 'linux':
      return examineLinuxDisk(options, { files, mounted, partitions });
    case 'windows':
      return examineWindowsDisk(options, { files, firmware, partitions });
    default:
      return unknownSystem(system);
  }
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
