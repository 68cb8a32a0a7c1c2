import type { Warning } from '../../domain/finding.ts';
import { VirtioizeError } from '../../error.ts';
import type { RestartRecord, Side } from '../../store/record.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import { isActive } from '../../virsh/guests.ts';
import { outlast } from '../../virsh/outlast.ts';
import { readPowerState } from '../../virsh/power.ts';
import { type ChangeEnd, type ChangeInHand, closeAnyway } from '../change-in-hand.ts';
import type { ChangeContext } from '../run-context.ts';
import { bringUp, runsOn } from './bring-up.ts';
import { captureFailure } from './capture-failure.ts';
import { createDeadline } from './deadline.ts';
import { readInstance } from './instance.ts';
import { waitUntilOff } from './shut-down.ts';
import { takeBack } from './take-back.ts';

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
  if (!change.steps.has('undo') && (await stillRuns(context, change, restart))) {
    await closeAnyway(context, change, 'undone', { wanted: true });
    return { id: change.record.id, side: 'undone', error: cause ?? stillRunning() };
  }
  if (side === 'done') {
    return change.steps.has('undo') && (await wasLeftForUndo(context, change, restart))
      ? rollBack(context, change, restart, interruptedUndo())
      : comeUp(context, change, restart);
  }
  return comeBack(context, change, restart, { side: change.steps.has('undo') ? 'rolled-back' : 'undone', cause });
}

/** The new definition: the guest is to come up with it. */
async function comeUp(context: ChangeContext, change: ChangeInHand, restart: RestartRecord): Promise<ChangeEnd> {
  const { id } = change.record;
  const verdict = await bringUp(context, change, restart, 'after');
  if (verdict.kind === 'elsewhere') {
    await closeAnyway(context, change, 'done');
    return { id, side: 'done', restart: 'pending' };
  }
  if (verdict.kind !== 'down') {
    const cameUp = verdict.kind === 'up' ? 'verified' : 'unverified';
    await closeAnyway(context, change, 'done', { cameUp });
    return { id, side: 'done', restart: cameUp, warnings: verdict.kind === 'up' ? [] : [unverified(verdict.missing)] };
  }
  const error = notUp(verdict.missing, restart);
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
  return { ...end, capture: { ...taken.capture, ...end.capture } };
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
  const { state } = await outlast(context.session, () => readPowerState(context.session, change.record.guest));
  return !isActive(state) || runsOn(context, change, restart, 'after');
}

/**
 * Whether the instance that was asked to go off still runs. Where an earlier run asked, the guest gets the rest of its
 * time.
 */
async function stillRuns(
  context: ChangeContext,
  { record, askedAt }: ChangeInHand,
  { shutdownTimeoutMs, instance }: RestartRecord,
): Promise<boolean> {
  const { session, interrupted } = context;
  const { guest } = record;
  const { state } = await outlast(session, () => readPowerState(session, guest));
  if (!isActive(state)) return false;
  const live = await outlast(session, () => dumpLiveDefinition(session, guest));
  if (readInstance(live) !== instance) return false;
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

function notUp(missing: readonly string[], { bootTimeoutMs }: RestartRecord): VirtioizeError {
  return new VirtioizeError(
    'did-not-come-up',
    `It did not come up with its new disks within ${bootTimeoutMs / 1000} s: ${missing.join('; ')}.`,
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
