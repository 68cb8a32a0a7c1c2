import { VirtioizeError } from '../../error.ts';
import { writeRecord } from '../../store/change-files.ts';
import { writeDurably } from '../../store/durable-file.ts';
import type { ChangeRecord, RestartRecord } from '../../store/record.ts';
import { outlast } from '../../virsh/outlast.ts';
import type { ChangeEnd, ChangeInHand } from '../change-in-hand.ts';
import { copyNvram } from '../nvram.ts';
import type { ChangeContext } from '../run-context.ts';
import { settleRunning } from './settle-running.ts';
import { shutDown } from './shut-down.ts';

/** What the disks of a guest say that was shut down for its conversion. */
export interface ProofOff extends Pick<ChangeRecord, 'evidence' | 'accepted'> {
  /** Whether nothing is refused. */
  readonly mayGoOn: boolean;
}

/** What is to be changed once a guest is off, and on what conditions. */
interface ChangeWhileOff {
  readonly before: string;
  readonly after: string;
  readonly nvram?: { readonly path: string; readonly content: Buffer };
  readonly proveWhileOff?: () => Promise<ProofOff>;
  /** Whether the guest is off still, with the definition that it had. */
  readonly isUnchanged: () => Promise<boolean>;
}

/**
 * Shut a guest down for its change, and see whether it may be changed now that it is off; if not, it is started again.
 * @returns how the change ends where it goes no further.
 */
export async function goOff(
  context: ChangeContext,
  inHand: ChangeInHand,
  restart: RestartRecord,
  change: ChangeWhileOff,
): Promise<ChangeEnd | undefined> {
  const { session, interrupted, uri } = context;
  const side = change.after === change.before ? 'done' : 'undone';
  const asItWas = (cause: VirtioizeError): Promise<ChangeEnd> =>
    settleRunning(context, inHand, restart, { side, cause });

  if ((await shutDown(context, inHand, restart)) === 'ignored') return asItWas(shutdownIgnored(restart));
  const proof = interrupted.aborted ? undefined : await orAsItWas(change.proveWhileOff, asItWas);
  if (interrupted.aborted) return asItWas(interruptedRun());
  if (proof?.mayGoOn === false) return refuse(await asItWas(refusedWhileOff()));
  if (!(await outlast(session, change.isUnchanged))) {
    const end = await asItWas(changedMeanwhile());
    // A pending guest has taken its new disks up with this start, or was put back.
    const isAsItWas = end.side === 'undone' && end.isDown !== true;
    return isAsItWas ? { ...end, id: inHand.record.id, side: 'changed-meanwhile' } : end;
  }
  if (proof !== undefined) {
    const { evidence, accepted } = proof;
    inHand.record = { ...inHand.record, evidence, accepted };
    await writeRecord(inHand.files, inHand.record);
  }
  // The guest may have written to its UEFI variables until now.
  const { nvram = change.nvram } = await copyNvram(change.before, uri);
  if (nvram !== undefined) await writeDurably(inHand.files.nvram, nvram.content);
  return undefined;
}

/** Whatever goes wrong with a proof, even a bug, does not leave the guest off. */
async function orAsItWas<T>(
  prove: (() => Promise<T>) | undefined,
  asItWas: (cause: VirtioizeError) => Promise<ChangeEnd>,
): Promise<T | undefined> {
  try {
    return await prove?.();
  } catch (error) {
    await asItWas(refusedWhileOff());
    throw error;
  }
}

/** It runs again, as it was; where it does not, that is what there is to tell. */
function refuse({ error, ...end }: ChangeEnd): ChangeEnd {
  return end.isDown === true && error !== undefined ? { ...end, error } : { ...end, isRefused: true };
}

function shutdownIgnored({ shutdownTimeoutMs, mode, bootId }: RestartRecord): VirtioizeError {
  const late =
    bootId === undefined
      ? 'it has to be started by hand'
      : 'virtioize recover, or the next run that changes something, starts it again';
  return new VirtioizeError(
    'shutdown-ignored',
    `The guest did not go off within ${shutdownTimeoutMs / 1000} s of being asked to; it runs, unchanged. Should it go off after all, ${late}.`,
    {
      hint: `Look at its screen: somebody may be asked there whether to go on.${mode === 'force' ? '' : ' --restart force takes its power away once its time is over.'}`,
    },
  );
}

function interruptedRun(): VirtioizeError {
  return new VirtioizeError('interrupted', 'The run was interrupted while the guest was off; it was started again.');
}

function refusedWhileOff(): VirtioizeError {
  return new VirtioizeError(
    'interrupted',
    'Its disks, seen while it was off, did not prove that it can boot from virtio.',
  );
}

function changedMeanwhile(): VirtioizeError {
  return new VirtioizeError('interrupted', 'Somebody else changed or started the guest while it went off.');
}
