import type { Warning } from '../../domain/finding.ts';
import { VirtioizeError } from '../../error.ts';
import type { RestartRecord, Side } from '../../store/record.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import { outlast } from '../../virsh/outlast.ts';
import { isGuestOff } from '../../virsh/power.ts';
import { captureFailure } from '../capture/capture-failure.ts';
import { type ChangeEnd, type ChangeInHand, closeAnyway, isRestartOnly } from '../change-in-hand.ts';
import type { ChangeContext } from '../run-context.ts';
import { bringUp, runsOn } from './bring-up.ts';
import { createDeadline } from './deadline.ts';
import { readInstance } from './instance.ts';
import { waitUntilOff } from './shut-down.ts';
import { bringOldBack, defineOld, takeBack } from './take-back.ts';

/**
 * Bring a guest that was asked to go off, and whose definition is settled, to where it is to be: running, with the
 * definition that it has, and seen to have come up; or, where it does not come up with the new one, with the old one.
 * Every way a restart can go ends here, as does the recovery of one that was interrupted at any point: where the guest
 * stands decides what is left to do.
 * @param side which definition it has.
 * @param cause why that is the old one.
 */
export async function settleRunning(
  context: ChangeContext,
  change: ChangeInHand,
  restart: RestartRecord,
  { side, cause }: { readonly side: 'done' | 'undone'; readonly cause: VirtioizeError | undefined },
): Promise<ChangeEnd> {
  // Each of these is announced only once it was off.
  const wasOff = (['define', 'start', 'undo'] as const).some((step) => change.steps.has(step));
  if (!wasOff && (await stillRuns(context, change, restart))) {
    await closeAnyway(context, change, 'undone', { wanted: true });
    return { id: change.record.id, side: 'undone', error: cause ?? stillRunning() };
  }
  if (side === 'done') {
    return change.steps.has('undo') && (await wasLeftForUndo(context, change, restart))
      ? rollBack(context, change, restart, interruptedUndo())
      : comeUp(context, change, restart);
  }
  const isTakenBack = change.steps.has('undo') || isRestartOnly(change.record);
  // It may have been killed between the old definition and its UEFI variables: both again, while it is off.
  const warnings =
    isTakenBack && (await isGuestOff(context.session, change.record.guest)) ? await bringOldBack(context, change) : [];
  const end = await comeBack(context, change, restart, { side: isTakenBack ? 'rolled-back' : 'undone', cause });
  return { ...end, warnings: [...warnings, ...(end.warnings ?? [])] };
}

/** The new definition: the guest is to come up with it. */
async function comeUp(context: ChangeContext, change: ChangeInHand, restart: RestartRecord): Promise<ChangeEnd> {
  const { id } = change.record;
  const begun = Date.now();
  const verdict = await bringUp(context, change, restart, 'after');
  if (verdict.kind === 'elsewhere') return leaveToOthers(context, change);
  if (verdict.kind !== 'down') {
    const cameUp = verdict.kind === 'up' ? 'verified' : 'unverified';
    await closeAnyway(context, change, 'done', { cameUp });
    return { id, side: 'done', restart: cameUp, warnings: verdict.kind === 'up' ? [] : [unverified(verdict.missing)] };
  }
  const error = notUp(verdict.missing, Date.now() - begun);
  if (restart.rollBack) return rollBack(context, change, restart, { error, signal: verdict.signal });
  const capture = await captureFailure(context, change);
  await closeAnyway(context, change, 'done');
  return { id, side: 'done', isDown: true, error, capture };
}

type Failure = { readonly error: VirtioizeError; readonly signal?: Parameters<typeof takeBack>[3] };

/** It did not come up with the new definition: it gets the old one back, unless it turns out to write to its disks. */
async function rollBack(
  context: ChangeContext,
  change: ChangeInHand,
  restart: RestartRecord,
  { error, signal }: Failure,
): Promise<ChangeEnd> {
  const taken = await takeBack(context, change, restart, signal);
  if (!taken.isOff) {
    await closeAnyway(context, change, 'done', { cameUp: 'unverified' });
    const warnings = [unverified([error.message.replace(/\.$/, '')])];
    return { id: change.record.id, side: 'done', restart: 'unverified', warnings };
  }
  const end = await comeBack(context, change, restart, { side: 'rolled-back', cause: error });
  return {
    ...end,
    capture: { ...taken.capture, ...end.capture },
    warnings: [...taken.warnings, ...(end.warnings ?? [])],
  };
}

/** Somebody else started it with its old disks before it had the new definition: it is as if nothing had been done. */
async function leaveToOthers(context: ChangeContext, change: ChangeInHand): Promise<ChangeEnd> {
  if (!isRestartOnly(change.record)) await defineOld(context, change);
  await closeAnyway(context, change, 'undone');
  return { id: change.record.id, side: 'changed-meanwhile' };
}

/** The old definition: the guest is to come up as it was. */
async function comeBack(
  context: ChangeContext,
  change: ChangeInHand,
  restart: RestartRecord,
  { side, cause }: { readonly side: Exclude<Side, 'done'>; readonly cause: VirtioizeError | undefined },
): Promise<ChangeEnd> {
  const { id } = change.record;
  const verdict = await bringUp(context, change, restart, 'before');
  if (verdict.kind === 'up' || verdict.kind === 'writing') {
    await closeAnyway(context, change, side);
    const warnings = verdict.kind === 'writing' ? [unverified(verdict.missing)] : [];
    return { id, side, error: cause ?? interruptedRestart(), warnings };
  }
  const capture = await captureFailure(context, change, 'as-it-was');
  await closeAnyway(context, change, side);
  const missing = verdict.kind === 'down' ? verdict.missing : ['somebody else started it with other disks'];
  return { id, side, isDown: true, error: notUpAsItWas(missing, cause), capture };
}

/** An earlier run was about to take it back: its instance with the new disks is paused, off, or still as it was. */
async function wasLeftForUndo(context: ChangeContext, change: ChangeInHand, restart: RestartRecord): Promise<boolean> {
  return (await isGuestOff(context.session, change.record.guest)) || runsOn(context, change, restart, 'after');
}

/**
 * Whether the instance that was asked to go off still runs. Where an earlier run asked, the guest gets the rest of its
 * time.
 */
async function stillRuns(context: ChangeContext, change: ChangeInHand, restart: RestartRecord): Promise<boolean> {
  const { session, interrupted } = context;
  const { record, askedAt } = change;
  const { shutdownTimeoutMs, instance } = restart;
  const { guest } = record;
  if (await isGuestOff(session, guest)) return false;
  const live = await outlast(session, () => dumpLiveDefinition(session, guest));
  // A daemon that was restarted may give the number of the old instance to the new one.
  if (readInstance(live) !== instance || !(await runsOn(context, change, restart, 'before'))) return false;
  if (askedAt === undefined) return true;
  const leftMs = Date.parse(askedAt) + shutdownTimeoutMs - Date.now();
  const deadline = createDeadline(Math.min(Math.max(leftMs, 0), shutdownTimeoutMs), interrupted);
  return !(await waitUntilOff(context, guest, deadline));
}

function unverified(missing: readonly string[]): Warning {
  return {
    code: 'unverified',
    message: `The guest writes to its disks, but was not seen to have come up: ${missing.join('; ')}. It is left alone; look at it.`,
  };
}

function notUp(missing: readonly string[], afterMs: number): VirtioizeError {
  return new VirtioizeError(
    'did-not-come-up',
    `After ${Math.round(afterMs / 1000)} s it had not come up with its new disks: ${missing.join('; ')}.`,
    { hint: 'Look at its screen and console as they were then; virtioize preflight shows what it lacks.' },
  );
}

function notUpAsItWas(missing: readonly string[], cause: VirtioizeError | undefined): VirtioizeError {
  const first = cause === undefined ? '' : `${cause.message} `;
  return new VirtioizeError(
    'did-not-come-up',
    `${first}It has its old definition again, but did not come up with it either: ${missing.join('; ')}.`,
    { hint: 'Look at its console (virsh console, or a viewer); its definition is as it was before.' },
  );
}

function stillRunning(): VirtioizeError {
  return new VirtioizeError(
    'interrupted',
    'It was asked to go off by a run that was interrupted, and still runs, unchanged. Should it go off after all, the next run that changes something starts it again.',
  );
}

function interruptedRestart(): VirtioizeError {
  return new VirtioizeError(
    'interrupted',
    'Its restart was interrupted; it has its old definition, was started again, and came up.',
  );
}

function interruptedUndo(): Failure {
  return {
    error: new VirtioizeError(
      'did-not-come-up',
      'It did not come up with its new disks, and putting it back was interrupted.',
    ),
  };
}
