import { asStored, findDifferences } from '../domain/verify.ts';
import { isVirtioizeError, VirtioizeError } from '../error.ts';
import { type ChangeFiles, changeFiles, writeBackup } from '../store/change-files.ts';
import { writeDurably } from '../store/durable-file.ts';
import type { Step } from '../store/journal.ts';
import type { ChangeRecord, RestartRecord } from '../store/record.ts';
import { defineGuest, dumpCurrentDefinition, dumpDefinition } from '../virsh/definitions.ts';
import { type GuestId, isActive, readGuestInfo } from '../virsh/guests.ts';
import { newChangeId } from './change-id.ts';
import { type ChangeEnd, type ChangeInHand, takeStep } from './change-in-hand.ts';
import { closeChange } from './close-change.ts';
import { goOff, type ProofOff } from './restart/go-off.ts';
import { settleRunning } from './restart/settle-running.ts';
import type { ChangeContext } from './run-context.ts';
import { settleOrLeave } from './settle-change.ts';

/** A change of one guest's persistent definition, as data. */
export interface DefinitionChange {
  readonly guest: GuestId;
  readonly action: ChangeRecord['action'];
  /** The definition as it was read (`dumpxml --inactive --security-info`), to the letter. */
  readonly before: string;
  readonly after: string;
  /** Whether the guest was running when the change was planned. */
  readonly active: boolean;
  readonly nvram?: { readonly path: string; readonly content: Buffer };
  /** The running guest is shut down first, and is to come up again afterwards. */
  readonly restart?: RestartRecord;
  /** Asked once the guest is off, before anything is changed. */
  readonly proveWhileOff?: () => Promise<ProofOff>;
  /** The definition that it gets where it does not come up, if that is not the one before. */
  readonly undo?: string;
  /** What else is kept about it. */
  readonly facts: Pick<ChangeRecord, 'changes' | 'evidence' | 'accepted'> &
    Partial<Pick<ChangeRecord, 'reason' | 'continues' | 'undoes' | 'restoresNvram'>>;
}

/**
 * Change one guest's persistent definition, or leave it as it is: back up, shut it down where that is asked for, see
 * that nothing has changed, define, read back, put back on any doubt, and have it come up again where it was shut down.
 * Each step is in the journal before it is taken.
 * @throws VirtioizeError `state-unwritable` where backup or journal can't be written; the guest is as it was then.
 */
export async function changeDefinition(context: ChangeContext, change: DefinitionChange): Promise<ChangeEnd> {
  const { restart } = change;
  const guest = { name: change.guest.name, uuid: change.guest.uuid };
  const id = newChangeId();
  const files = changeFiles(context.places.backups, guest.uuid, id);
  const steps = new Set<Step>();
  const begun = { record: { id, guest, action: change.action, changes: change.facts.changes }, steps };
  const step = (name: Step): Promise<void> => takeStep(context, begun, name);

  await Promise.all([step('begin'), step('back-up')]);
  const record = await backUp(context, change, id, files);
  const inHand: ChangeInHand = { record, files, steps };
  if (!(await isUnchanged(context, change, change.active))) {
    await closeChange(context, inHand, 'undone');
    return { id, side: 'changed-meanwhile' };
  }
  try {
    if (restart !== undefined) {
      await step('shut-down');
      const stop = await goOff(context, inHand, restart, {
        ...change,
        isUnchanged: () => isUnchanged(context, change, false),
      });
      if (stop !== undefined) return stop;
    }
    const after = change.after === change.before ? undefined : await defineAndVerify(context, change, files, step);
    if (restart === undefined) {
      await closeChange(context, inHand, 'done', after === undefined ? {} : { after });
      return { id, side: 'done' };
    }
    if (after !== undefined) await writeDurably(files.after, after);
    return await settleRunning(context, inHand, restart, { side: 'done', cause: undefined });
  } catch (error) {
    if (!isVirtioizeError(error)) throw error;
    const wasStarted = steps.has('start') || steps.has('watch');
    if (steps.has('define') && !wasStarted) steps.add('put-back');
    const { record: _, ...end } = await settleOrLeave(context, { id, guest, steps, cause: error, isOwn: true });
    if (error.code === 'state-unwritable' && end.side === 'undone' && end.isDown !== true) throw error;
    return end;
  }
}

/** @returns the definition that is to be kept as the new one. */
async function defineAndVerify(
  { session }: ChangeContext,
  { guest, after }: DefinitionChange,
  files: ChangeFiles,
  step: (name: Step) => Promise<void>,
): Promise<string> {
  await Promise.all([step('define'), step('verify')]); // one flush for both
  await defineGuest(session, guest, files.after);
  const actual = await dumpDefinition(session, guest, { secrets: true });
  const differences = findDifferences(after, actual);
  if (differences.length > 0) throw notAsAsked(differences);
  return asStored(after, actual);
}

async function backUp(
  { host, uri, by, versions }: ChangeContext,
  { guest, action, before, after, active, nvram, restart, undo, facts }: DefinitionChange,
  id: string,
  files: ChangeFiles,
): Promise<ChangeRecord> {
  const record: ChangeRecord = {
    formatVersion: 1,
    id,
    action,
    guest: { name: guest.name, uuid: guest.uuid },
    host,
    connection: uri,
    startedAt: new Date().toISOString(),
    state: 'started',
    by,
    versions,
    active,
    ...facts,
    ...(nvram === undefined ? {} : { nvram: nvram.path }),
    ...(restart === undefined ? {} : { restart }),
  };
  await writeBackup(files, { before, after, undo, nvram: nvram?.content }, record);
  return record;
}

async function isUnchanged(
  { session }: ChangeContext,
  { guest, before }: DefinitionChange,
  active: boolean,
): Promise<boolean> {
  // Of a guest that is off it prints the same without --inactive, and of one that runs something else.
  if (!active && (await dumpCurrentDefinition(session, guest, { secrets: true })) === before) return true;
  const [info, definition] = await Promise.all([
    readGuestInfo(session, guest),
    dumpDefinition(session, guest, { secrets: true }),
  ]);
  // One that was undefined while it runs still prints a definition, and has none: once off, it would be gone.
  return info.persistent && definition === before && isActive(info.state) === active;
}

function notAsAsked(differences: readonly string[]): VirtioizeError {
  return new VirtioizeError(
    'command-failed',
    `libvirt stored something else than was asked for: ${differences.join('; ')}.`,
    {
      hint: 'Please report this with virsh version and the kind of disk; the guest got its old definition back.',
    },
  );
}
