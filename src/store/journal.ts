import * as z from 'zod';
import { appendLineDurably, readIfPresent } from './durable-file.ts';

/**
 * The steps of a change, in the order in which they are taken. Each is written down before it is taken:
 * `begin` names the change; `back-up` writes its folder; `shut-down` asks the guest to go off, and from then on it is
 * wanted running; `power-off` takes its power away; `define` hands the new definition to libvirt; `verify` reads it
 * back; `put-back` hands the old definition to libvirt; `start` starts the guest; `watch` waits for it to come up;
 * `undo` takes its power away again, hands the old definition to libvirt and is followed by `start` and `watch`; `end`
 * says which side the guest is on. `rehearse` and `probe` stand by themselves, before an `end`: a clone is booted, a disk
 * is plugged in for a while.
 */
const STEPS = [
  'begin',
  'back-up',
  'shut-down',
  'power-off',
  'define',
  'verify',
  'put-back',
  'start',
  'watch',
  'undo',
  'rehearse',
  'probe',
  'end',
] as const;
export type Step = (typeof STEPS)[number];

const entrySchema = z.object({
  at: z.string(),
  change: z.string(),
  guest: z.object({ name: z.string(), uuid: z.string() }),
  step: z.enum(STEPS),
  /** With `begin`: what the change does. A `rename` gives disks that are on virtio already their final names. */
  action: z.enum(['convert', 'rename', 'rollback', 'adopt-live-source']).optional(),
  /** With `end`: which definition the guest has, as in the change's record. */
  side: z.enum(['done', 'undone', 'rolled-back']).optional(),
  /** With `end`: it was asked to go off and did not; should it go off after all, it is to be started again. */
  wanted: z.literal(true).optional(),
});

export type JournalEntry = z.infer<typeof entrySchema>;

/** A change that was begun and not brought to an end. */
export interface UnfinishedChange {
  readonly id: string;
  readonly guest: JournalEntry['guest'];
  /** The steps that were announced. */
  readonly steps: ReadonlySet<Step>;
  readonly since: string;
  /** When the guest was asked to go off. */
  readonly askedAt?: string;
}

/** @throws VirtioizeError `state-unwritable` */
export async function announce(journal: string, entry: Omit<JournalEntry, 'at'>): Promise<void> {
  await appendLineDurably(journal, JSON.stringify({ at: new Date().toISOString(), ...entry }));
}

/** All entries in order. Lines that a crash tore are passed over: what they announced was not begun. */
export async function readJournal(journal: string): Promise<JournalEntry[]> {
  const text = (await readIfPresent(journal)) ?? '';
  return text.split('\n').flatMap((line) => {
    const entry = entrySchema.safeParse(parseLine(line));
    return entry.success ? [entry.data] : [];
  });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The changes without an `end`, oldest first. */
export function findUnfinished(entries: readonly JournalEntry[]): UnfinishedChange[] {
  const open = new Map<string, UnfinishedChange>();
  /** Those whose guest was still waited for when they ended: they may go on. */
  const wanted = new Map<string, UnfinishedChange>();
  for (const { change: id, guest, step, at, wanted: isWanted } of entries) {
    const before = open.get(id) ?? wanted.get(id);
    if (step === 'end') {
      if (isWanted === true && before !== undefined) wanted.set(id, before);
      open.delete(id);
    } else {
      const { steps = new Set<Step>(), since = at, ...known }: Partial<UnfinishedChange> = before ?? {};
      const asked = step === 'shut-down' ? { askedAt: at } : {};
      open.set(id, { ...known, id, guest, since, steps: new Set([...steps, step]), ...asked });
    }
  }
  return [...open.values()];
}

/** A change whose guest is still wanted running, and when it was given up on. */
export type Wanted = Pick<JournalEntry, 'change' | 'guest' | 'at'>;

/** The changes whose guests were asked to go off, did not, and are still wanted running. */
export function findWanted(entries: readonly JournalEntry[]): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { change, guest, at, step, wanted: isWanted } of entries) {
    if (step === 'end' && isWanted === true) wanted.set(change, { change, guest, at });
    else wanted.delete(change);
    // A later change that asks the guest to go off answers for it from then on.
    if (step === 'shut-down') for (const [id, one] of wanted) if (one.guest.uuid === guest.uuid) wanted.delete(id);
  }
  return [...wanted.values()];
}

/** A change that was brought to an end: on which side, and how it went there. */
export interface EndedChange {
  readonly guest: JournalEntry['guest'];
  /** Undefined in journals of versions that did not write it down. */
  readonly action: JournalEntry['action'];
  readonly steps: ReadonlySet<Step>;
  readonly side: NonNullable<JournalEntry['side']>;
  readonly begunAt: string;
  readonly endedAt: string;
}

/** The changes that have ended, in the order in which they did. */
export function findEnded(entries: readonly JournalEntry[]): EndedChange[] {
  const begun = new Map<string, Pick<EndedChange, 'action' | 'begunAt'> & { readonly steps: Set<Step> }>();
  const ended = new Map<string, EndedChange>();
  for (const { change, guest, step, at, action, side } of entries) {
    const known = begun.get(change) ?? { action, begunAt: at, steps: new Set<Step>() };
    begun.set(change, known);
    known.steps.add(step);
    if (step !== 'end' || side === undefined) continue;
    ended.delete(change); // one that went on after its end has its place where it ended for good
    ended.set(change, { ...known, guest, side, endedAt: at });
  }
  return [...ended.values()];
}
