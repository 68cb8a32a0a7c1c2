import type { Firmware } from '../../domain/firmware.ts';
import type { GuestFiles } from '../guest-files.ts';
import type { Judgement } from '../judgement.ts';
import { readEfivars } from '../uefi/efivars.ts';
import { examineUefi } from '../uefi/examine-uefi.ts';
import type { UefiJudgement } from '../uefi/judge-uefi.ts';
import type { SystemPartition } from '../uefi/system-partition.ts';
import { readVariableStore } from '../uefi/variable-store.ts';
import { findEfiPartitions } from './efi-partitions.ts';
import { judgeLinux } from './judge-linux.ts';
import { argumentsNamingDisks } from './kernel-arguments.ts';
import type { LinuxFacts } from './linux-facts.ts';
import { readLinux, readNames } from './read-linux.ts';
import type { LinuxName } from './remedy.ts';

/** What is known of a Linux guest before its files are read. */
export interface LinuxGuest {
  readonly system: LinuxName;
  readonly firmware: Firmware;
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
  const { system, firmware } = guest;
  if (firmware.kind === 'host kernel') return judgeLinux(await readBesides(files, firmware), system);
  const facts = await readLinux(files);
  const judgement = judgeLinux(facts, system);
  if (firmware.kind === 'bios') return judgement;
  const { summary, refusals, isSure } = await examineFirmware(files, guest, firmware.architecture);
  return {
    ...judgement,
    facts: { ...judgement.facts, UEFI: summary },
    // where nothing could be read of the system, that its firmware can't be told either says nothing new
    refusals: [...judgement.refusals, ...(isSure || facts.kernels.length > 0 ? refusals : [])],
  };
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

/** Where the host hands it a kernel, the guest's own does not boot; what its other files name counts all the same. */
async function readBesides(
  files: GuestFiles,
  { path, cmdline }: { readonly path: string; readonly cmdline: string },
): Promise<LinuxFacts> {
  const names = await readNames(files);
  const namedDisks = [...names.namedDisks, ...argumentsNamingDisks(cmdline, "the definition's <cmdline>")];
  const unreadable = [`it boots ${path}, a kernel of the host's`];
  return { ...names, namedDisks, kernels: [], isDefaultKnown: false, unreadable };
}
