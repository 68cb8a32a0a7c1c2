import { z } from 'zod';
import { appendLineDurably, readIfPresent } from './durable-file.ts';

/**
 * The steps of a change, in the order in which they are taken. Each is written down before it is taken:
 * `begin` names the change; `back-up` writes its folder; `define` hands the new definition to libvirt; `verify` reads
 * it back; `put-back` hands the old definition to libvirt; `end` says which side the guest is on.
 */
const STEPS = ['begin', 'back-up', 'define', 'verify', 'put-back', 'end'] as const;
export type Step = (typeof STEPS)[number];

const entrySchema = z.object({
  at: z.string(),
  change: z.string(),
  guest: z.object({ name: z.string(), uuid: z.string() }),
  step: z.enum(STEPS),
  /** With `end`: whether the guest has the new definition (`done`) or the old one (`undone`). */
  side: z.enum(['done', 'undone']).optional(),
});

export type JournalEntry = z.infer<typeof entrySchema>;

/** A change that was begun and not brought to an end. */
export interface UnfinishedChange {
  readonly id: string;
  readonly guest: JournalEntry['guest'];
  /** The steps that were announced. */
  readonly steps: ReadonlySet<Step>;
  readonly since: string;
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
  const open = new Map<string, { guest: JournalEntry['guest']; steps: Set<Step>; since: string }>();
  for (const { change, guest, step, at } of entries) {
    if (step === 'end') open.delete(change);
    else {
      const known = open.get(change) ?? { guest, steps: new Set<Step>(), since: at };
      known.steps.add(step);
      open.set(change, known);
    }
  }
  return [...open].map(([id, rest]) => ({ id, ...rest }));
}
