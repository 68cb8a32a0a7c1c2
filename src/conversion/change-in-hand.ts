import type { Warning } from '../domain/finding.ts';
import { isVirtioizeError, type VirtioizeError } from '../error.ts';
import type { ChangeFiles } from '../store/change-files.ts';
import { announce, type JournalEntry, type Step } from '../store/journal.ts';
import type { ChangeRecord, Side } from '../store/record.ts';
import { type CloseOptions, closeChange } from './close-change.ts';
import type { Capture, Restart } from './result.ts';
import type { ChangeContext } from './run-context.ts';

/** What is known of a change before its record is written. */
export interface ChangeBegun {
  readonly record: Pick<ChangeRecord, 'id' | 'guest' | 'action' | 'changes'>;
  /** The steps that were taken so far, by whichever run. */
  readonly steps: Set<Step>;
}

/** A change that was begun and is not brought to an end yet. */
export interface ChangeInHand extends ChangeBegun {
  /** As it is kept; it grows with what is found out on the way. */
  record: ChangeRecord;
  readonly files: ChangeFiles;
  /** When the guest was asked to go off, where it was an earlier run that asked. */
  readonly askedAt?: string;
}

/** It hands no definition to libvirt: the guest has the new one already, and is only to take it up. */
export function isRestartOnly({ restart, action, changes }: ChangeRecord): boolean {
  return restart !== undefined && action === 'convert' && changes.length === 0;
}

/** What came of a change. */
export interface ChangeEnd {
  readonly id: string;
  /**
   * Which definition the guest has; `changed-meanwhile`: somebody else changed or started it between planning and
   * doing, so it was not touched; `unsettled`: it could not be told, or not be brought about, and the journal keeps the
   * change open.
   */
  readonly side: Side | 'changed-meanwhile' | 'unsettled';
  /** Why the guest does not have the new definition, or why it needs a person. */
  readonly error?: VirtioizeError;
  /** With `done`, where the guest was restarted. */
  readonly restart?: Restart;
  /** It has its definition, but did not come up with it. */
  readonly isDown?: boolean;
  readonly warnings?: readonly Warning[];
  readonly capture?: Capture;
  /** It was left as it was for what its disks said while it was off. */
  readonly isRefused?: boolean;
}

/**
 * Announce a step, before it is taken.
 * @throws VirtioizeError `state-unwritable`; the step must not be taken then.
 */
export async function takeStep(
  { places, report }: ChangeContext,
  { record, steps }: ChangeBegun,
  step: Step,
): Promise<void> {
  const { id, guest } = record;
  const entry = { change: id, guest, step };
  await announce(places.journal, step === 'begin' ? { ...entry, action: actionOf(record) } : entry);
  steps.add(step);
  report({ guest: guest.name, step });
}

function actionOf({ action, changes }: ChangeBegun['record']): NonNullable<JournalEntry['action']> {
  const isRename = action === 'convert' && changes.length > 0 && changes.every(({ from, to }) => from.bus === to.bus);
  return isRename ? 'rename' : action;
}

/**
 * The same, but a full disk does not hold the step up: `define` and `shut-down` are in the journal already, and where
 * the guest stands shows the rest.
 */
export async function takeStepAnyway(context: ChangeContext, change: ChangeBegun, step: Step): Promise<void> {
  await takeStep(context, change, step).catch(ignoreUnwritable);
  change.steps.add(step);
}

/** Close a change whose guest is as it should be. Where that can't be written, the next run finds out and writes it. */
export async function closeAnyway(
  context: ChangeContext,
  change: ChangeInHand,
  side: Side,
  options: CloseOptions = {},
): Promise<void> {
  await closeChange(context, change, side, options).catch(ignoreUnwritable);
}

/** For what is only written down so that the next run need not find it out. */
export function ignoreUnwritable(error: unknown): void {
  if (!isVirtioizeError(error, 'state-unwritable')) throw error;
}
