import { readFirmware } from '../../domain/firmware.ts';
import type { Guestfish } from '../../guestfs/guestfish.ts';
import { type FoundOnDisks, type FoundSystem, mountSystem } from '../../guestfs/systems.ts';
import type { Judgement } from '../judgement.ts';
import { examineLinux } from '../linux/examine-linux.ts';
import { shorten } from '../shorten.ts';
import { hideUnmounted } from './hide-unmounted.ts';
import { offlineFiles } from './offline-files.ts';

export interface SystemOnDisks {
  readonly fish: Guestfish;
  /** A folder for what is on its way. */
  readonly scratch: string;
  readonly system: FoundSystem;
  readonly found: FoundOnDisks;
  readonly definition: string;
  /** How many the guest has. */
  readonly disks: number;
}

/**
 * Judge one system on a guest's disks by the rules for its kind.
 * @throws GuestfsError
 */
export async function examineSystem(options: SystemOnDisks): Promise<Judgement> {
  const { fish, scratch, system, definition } = options;
  const mounted = await mountSystem(fish, system);
  const files = offlineFiles(fish, { scratch, ignoresCase: system.type === 'windows' });
  if (system.type === 'linux') {
    const name = { id: system.distro, prettyName: system.productName };
    const firmware = readFirmware(definition);
    return examineLinux(await hideUnmounted(files, mounted), { system: name, firmware });
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
