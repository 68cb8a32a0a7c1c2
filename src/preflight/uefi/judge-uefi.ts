import type { Refusal } from '../../domain/finding.ts';
import { shorten } from '../shorten.ts';
import type { FirmwareEntry } from './firmware-entries.ts';
import type { Presence } from './system-partition.ts';

/** What decides whether a UEFI firmware finds the system once its disk is on another controller. */
export interface UefiFacts {
  /** The program that it starts from a disk that no entry names, `\EFI\BOOT\BOOTX64.EFI`, and whether it is there. */
  readonly fallback: { readonly program: string; readonly isThere: Presence };
  /** The entries that it tries. */
  readonly entries: readonly JudgedEntry[];
  /** What could not be read, with the reason. */
  readonly unreadable: readonly string[];
}

interface JudgedEntry extends FirmwareEntry {
  /** Whether its program is on the partition that it names. */
  readonly isThere: Presence;
}

export interface UefiJudgement {
  /** What would start, or that nothing would, or what could not be read. */
  readonly summary: string;
  readonly refusals: readonly Refusal[];
  /** Whether a refusal is sure, and not for what could not be read. */
  readonly isSure: boolean;
}

/**
 * An entry that begins with the partition (`HD(...)`) finds it on any controller; one that begins with the controller
 * (`PciRoot(...)/.../Sata(...)`) is gone with it, and then only the fallback program starts (UEFI specification, "Boot
 * Manager"; seen with OVMF in QEMU).
 */
export function judgeUefi({ fallback, entries, unreadable }: UefiFacts, remedy: string): UefiJudgement {
  if (fallback.isThere === true) return goesOn(fallback.program);
  const byPartition = entries.filter(namesPartition);
  const alive = byPartition.find(({ isCurrent, isThere }) => isThere === true || (isCurrent && isThere === undefined));
  if (alive !== undefined)
    return goesOn(`its entry ${alive.name} ('${shorten(alive.description)}'), which names the partition`);
  const doubts = [
    ...(fallback.isThere === undefined ? [`whether ${fallback.program} is there`] : []),
    ...byPartition
      .filter(({ isThere }) => isThere === undefined)
      .map(({ name }) => `whether ${name}'s program is there`),
    ...unreadable.map((reason) => shorten(reason)),
  ];
  const isSure = doubts.length === 0;
  const message = isSure
    ? `The UEFI firmware would not find the system on virtio: ${describeEntries(entries)}, and there is no ${fallback.program} on its EFI system partition.`
    : `Whether the UEFI firmware finds the system on virtio can't be told (${doubts.slice(0, 3).join('; ')}).`;
  return { summary: message, refusals: [{ code: 'uefi-boot-entry', message, hint: remedy }], isSure };
}

function goesOn(what: string): UefiJudgement {
  return { summary: `starts ${what}`, refusals: [], isSure: true };
}

function namesPartition({ isActive, path }: FirmwareEntry): boolean {
  return isActive && path[0]?.kind === 'partition';
}

function describeEntries(entries: readonly FirmwareEntry[]): string {
  const gone = entries.find(({ path }) => path[0]?.kind === 'other' && path.some(({ kind }) => kind === 'file'));
  if (entries.some(namesPartition)) return 'no boot entry leads to a program that is there';
  return gone === undefined
    ? 'no boot entry names its partition'
    : `its boot entry ('${shorten(gone.description)}') names the disk by its old controller`;
}
