import { orUnreadable, UnreadableError } from '../guest-files.ts';
import { platformOf } from './fallback-program.ts';
import type { FirmwareEntry } from './firmware-entries.ts';
import { judgeUefi, type UefiJudgement } from './judge-uefi.ts';
import { hasProgram, type Presence, type SystemPartition } from './system-partition.ts';
import { remedyForUefi } from './uefi-remedy.ts';

/** A guest whose firmware is UEFI. */
export interface UefiGuest {
  /** `ID` of os-release, or `mswindows`, as the guest agent and libosinfo have it. */
  readonly systemId: string;
  /** As the definition says (`<type arch=...>`). */
  readonly architecture: string;
  /**
   * The firmware's boot entries: of a running Linux system (efivars.ts) or of what is in the guest's flash (variable-store.ts).
   * @throws UnreadableError
   */
  readonly readEntries: () => Promise<readonly FirmwareEntry[]>;
  /** Its EFI system partitions, as far as they can be looked into; none where they can't. */
  readonly partitions: readonly SystemPartition[];
}

/** Whether a guest's UEFI firmware finds its system on virtio. Never throws for what the guest has. */
export async function examineUefi(guest: UefiGuest): Promise<UefiJudgement> {
  const { systemId, architecture, readEntries, partitions } = guest;
  const platform = platformOf(architecture);
  const program = platform?.fallback ?? '\\EFI\\BOOT\\BOOT*.EFI';
  const isThere = platform === undefined ? undefined : await isOnOne(partitions, program);
  const fallback = { program, isThere };
  if (isThere === true) return judgeUefi({ fallback, entries: [], unreadable: [] }, '');
  const read = await orUnreadable(readEntries);
  const entries = read instanceof UnreadableError ? [] : read;
  const judged: (FirmwareEntry & { isThere: Presence })[] = [];
  for (const entry of entries) judged.push({ ...entry, isThere: await leadsToProgram(entry, partitions, program) });
  const remedy = remedyForUefi(systemId, {
    platform,
    root: partitions[0]?.root,
    program: entries.map(programOf).find((path) => path !== undefined),
  });
  const unreadable = read instanceof UnreadableError ? [`its boot entries: ${read.message}`] : [];
  return judgeUefi({ fallback, entries: judged, unreadable }, remedy);
}

/** An entry that names a partition alone starts the fallback program on it. */
async function leadsToProgram(
  entry: FirmwareEntry,
  partitions: readonly SystemPartition[],
  fallback: string,
): Promise<Presence> {
  const [first] = entry.path;
  if (first?.kind !== 'partition') return false;
  const named = partitions.filter(({ id }) => id === undefined || first.id === undefined || id === first.id);
  return isOnOne(named, programOf(entry) ?? fallback);
}

/** The program that an entry starts; undefined for one that names none. */
function programOf({ path }: FirmwareEntry): string | undefined {
  const parts = path.flatMap((node) => (node.kind === 'file' ? [node.path] : []));
  return parts.length === 0 ? undefined : parts.join('\\');
}

/** Without a partition to look into, nothing can be told. */
async function isOnOne(partitions: readonly SystemPartition[], program: string): Promise<Presence> {
  const presences: Presence[] = [];
  for (const partition of partitions) presences.push(await hasProgram(partition, program));
  if (presences.includes(true)) return true;
  return presences.length === 0 || presences.includes(undefined) ? undefined : false;
}
