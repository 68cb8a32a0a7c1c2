import { type Firmware, readFirmware } from '../../domain/firmware.ts';
import { newDiskId } from '../../domain/virtio-id.ts';
import { readDefinition } from '../../domain/xml.ts';
import type { GuestFiles } from '../guest-files.ts';
import type { Judgement } from '../judgement.ts';
import { readEfivars } from '../uefi/efivars.ts';
import { examineUefi } from '../uefi/examine-uefi.ts';
import type { UefiJudgement } from '../uefi/judge-uefi.ts';
import type { SystemPartition } from '../uefi/system-partition.ts';
import { readVariableStore } from '../uefi/variable-store.ts';
import { findEfiPartitions } from './efi-partitions.ts';
import { identifySystem, whyNotJudged } from './identify-system.ts';
import { identifyVolumes } from './identify-volumes.ts';
import { judgeLinux } from './judge-linux.ts';
import { shownNames } from './judge-names.ts';
import { argumentsNamingDisks } from './kernel-arguments.ts';
import type { LinuxFacts } from './linux-facts.ts';
import type { NamedDisk } from './named-disk.ts';
import { readLinux, readNames } from './read-linux.ts';
import type { LinuxName } from './remedy.ts';
import { onModernMachine } from './virtio-age.ts';

/** What is known of a guest before its files are read. */
export interface LinuxGuest {
  /** As its agent or an inspection calls it; without an id it is asked itself. */
  readonly system: LinuxName;
  /** The definition that it will start with, with its disks on the old bus or the new. */
  readonly definition: string;
  /** Of a guest that does not run, and whose firmware is UEFI: what its files do not show. */
  readonly uefi?: {
    /** What is in its flash (`<nvram>`). */
    readonly store: Buffer | undefined;
    /** The EFI system partitions on its disks; where there is none, they are looked for among what the system mounts. */
    readonly partitions: readonly SystemPartition[];
  };
}

/**
 * Whether a Linux system would boot from virtio, by its files: every rule there is, wherever the files are read from.
 * Never throws for what the guest has.
 */
export async function examineLinux(files: GuestFiles, guest: LinuxGuest): Promise<Judgement> {
  const system = await identifySystem(files, guest.system);
  const firmware = readFirmware(guest.definition);
  const facts = await readFacts(files, { system, firmware, definition: guest.definition });
  const { fatal, harmless } = shownNames(facts.namedDisks);
  const volumes = await identifyVolumes(
    files,
    [...fatal, ...harmless].map(({ device }) => device),
  );
  const judgement = judgeLinux(facts, system, volumes);
  if (firmware.kind !== 'uefi') return judgement;
  const { summary, refusals, isSure } = await examineFirmware(files, { ...guest, system }, firmware.architecture);
  return {
    ...judgement,
    facts: { ...judgement.facts, UEFI: summary },
    // where nothing could be read of the system, that its firmware can't be told either says nothing new
    refusals: [...judgement.refusals, ...(isSure || facts.kernels.length > 0 ? refusals : [])],
  };
}

interface Known {
  readonly system: LinuxName;
  readonly firmware: Firmware;
  readonly definition: string;
}

async function readFacts(files: GuestFiles, { system, firmware, definition }: Known): Promise<LinuxFacts> {
  const reason = whyNotJudged(system);
  if (reason !== undefined) return readBesides(files, reason);
  // the host hands it a kernel, so its own does not boot
  if (firmware.kind === 'host kernel') {
    const named = argumentsNamingDisks(firmware.cmdline, "the definition's <cmdline>");
    return readBesides(files, `it boots ${firmware.path}, a kernel of the host's`, named);
  }
  const facts = await readLinux(files);
  const isModern = newDiskId(readDefinition(definition)) === '1042';
  return isModern ? { ...facts, kernels: facts.kernels.map(onModernMachine) } : facts;
}

/** Where what boots can't be judged, what its files name counts all the same. */
async function readBesides(files: GuestFiles, reason: string, named: readonly NamedDisk[] = []): Promise<LinuxFacts> {
  const names = await readNames(files);
  const namedDisks = [...names.namedDisks, ...named];
  return { ...names, namedDisks, kernels: [], isDefaultKnown: false, unreadable: [reason] };
}

async function examineFirmware(
  files: GuestFiles,
  { system, uefi }: LinuxGuest,
  architecture: string,
): Promise<UefiJudgement> {
  const { store, partitions = [] } = uefi ?? {};
  return examineUefi({
    systemId: system.id,
    architecture,
    readEntries: () => (store === undefined ? readEfivars(files) : readVariableStore(store)),
    partitions: partitions.length > 0 ? partitions : await findEfiPartitions(files),
  });
}
