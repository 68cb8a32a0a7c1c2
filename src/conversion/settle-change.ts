import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { readDisks } from '../domain/disk.ts';
import { findDifferences } from '../domain/verify.ts';
import { parseDefinition } from '../domain/xml.ts';
import { isVirtioizeError, VirtioizeError } from '../error.ts';
import { readIfPresent, writeDurably } from '../store/durable-file.ts';
import { announce, type UnfinishedChange } from '../store/journal.ts';
import { type ChangeFiles, type ChangeRecord, changeFiles, readRecord } from '../store/record.ts';
import { defineGuest, dumpDefinition } from '../virsh/definitions.ts';
import { closeChange } from './close-change.ts';
import type { ChangeContext } from './run-context.ts';

export interface Settled {
  /** On which side the guest is now; `unsettled` where that needs a person. */
  readonly side: 'done' | 'undone' | 'unsettled';
  readonly record?: ChangeRecord;
  readonly error?: VirtioizeError;
}

/**
 * Bring a change that was begun to an end: where libvirt already has the new definition, finish; where it still has the
 * old one, say so; where putting back was under way, put back. What is neither the old nor the new definition is left
 * as it is, for a person to look at. Doing it twice, or being killed in it, does no harm.
 * @throws VirtioizeError `state-unwritable`
 */
async function settleChange(context: ChangeContext, unfinished: Omit<UnfinishedChange, 'since'>): Promise<Settled> {
  const { id, guest, steps } = unfinished;
  const files = changeFiles(context.places.backups, guest.uuid, id);
  context.report({ guest: guest.name, step: 'recover' });
  const record = await readRecord(files);
  if (record === undefined && steps.has('define')) return needsPerson(`${files.record} is gone`, files);
  if (record === undefined) return forgetUnbegun(context, unfinished, files);
  if (!steps.has('define')) return finish(context, record, files, 'undone');
  const [before, after] = await Promise.all([readIfPresent(files.before), readIfPresent(files.after)]);
  if (before === undefined || after === undefined) return needsPerson(`${files.folder} has lost a definition`, files);

  const current = await readCurrent(context, record);
  if (typeof current !== 'string') {
    // Nothing is left that could be in between.
    if (current.code === 'no-such-guest') return finish(context, record, files, 'undone');
    return { side: 'unsettled', record, error: current };
  }
  const side = sideOf(current, { before, after, changes: record.changes });
  if (side === undefined) return { ...needsPerson('its definition is neither the old nor the new one', files), record };
  if (side === 'undone' || !steps.has('put-back')) {
    if (side === 'done') await writeDurably(files.after, current);
    return finish(context, record, files, side);
  }
  return putBack(context, record, files);
}

/**
 * The same, but where it can't even be looked at (a damaged record, a lost connection) the guest is left for a person.
 * @throws VirtioizeError `state-unwritable` where what was found can't be written down.
 */
export async function settleOrLeave(
  context: ChangeContext,
  unfinished: Omit<UnfinishedChange, 'since'>,
): Promise<Settled> {
  try {
    return await settleChange(context, unfinished);
  } catch (error) {
    if (!isVirtioizeError(error) || error.code === 'state-unwritable') throw error;
    return { side: 'unsettled', error };
  }
}

async function finish(
  context: ChangeContext,
  record: ChangeRecord,
  files: ChangeFiles,
  side: 'done' | 'undone',
): Promise<Settled> {
  await closeChange(context, record, files, side);
  return { side, record: { ...record, state: side } };
}

/** It was interrupted while the backup was being written: nothing was asked of libvirt yet. */
async function forgetUnbegun(
  context: ChangeContext,
  { id, guest }: Omit<UnfinishedChange, 'since'>,
  files: ChangeFiles,
): Promise<Settled> {
  await rm(files.folder, { recursive: true, force: true });
  await announce(context.places.journal, { change: id, guest, step: 'end', side: 'undone' });
  return { side: 'undone' };
}

const RECONNECT_TIMEOUT_MS = 30_000;

/** The definition now; the session reconnects by itself once a daemon that died is back. */
async function readCurrent({ session }: ChangeContext, { guest }: ChangeRecord): Promise<string | VirtioizeError> {
  const deadline = Date.now() + RECONNECT_TIMEOUT_MS;
  for (;;) {
    try {
      return await dumpDefinition(session, guest, { secrets: true });
    } catch (error) {
      if (!isVirtioizeError(error)) throw error;
      const mayComeBack = error.code === 'connection-lost' || error.code === 'command-failed';
      if (!mayComeBack || Date.now() > deadline) return error;
      await delay(500);
    }
  }
}

/** Which of the two definitions the guest has, whatever else was changed in it since; undefined: neither. */
function sideOf(
  current: string,
  { before, after, changes }: Pick<ChangeRecord, 'changes'> & { before: string; after: string },
): 'done' | 'undone' | undefined {
  if (current === before || findDifferences(before, current).length === 0) return 'undone';
  if (findDifferences(after, current).length === 0) return 'done';
  const disks = readDisks(parseDefinition(current));
  const has = ({ target, bus }: { target: string; bus: string }): boolean =>
    disks.some((disk) => disk.target === target && disk.bus === bus && disk.device === 'disk');
  if (changes.length > 0 && changes.every(({ from, to }) => has(from) && !has(to))) return 'undone';
  if (changes.length > 0 && changes.every(({ from, to }) => has(to) && !has(from))) return 'done';
  return undefined;
}

async function putBack(context: ChangeContext, record: ChangeRecord, files: ChangeFiles): Promise<Settled> {
  const { guest, id } = record;
  // A full disk must not keep the old definition from coming back: `define` is in the journal already.
  await announce(context.places.journal, { change: id, guest, step: 'put-back' }).catch(ignoreUnwritable);
  context.report({ guest: guest.name, step: 'put-back' });
  try {
    await defineGuest(context.session, guest, files.before);
    const before = (await readIfPresent(files.before)) ?? '';
    const current = await dumpDefinition(context.session, guest, { secrets: true });
    if (findDifferences(before, current).length > 0)
      return { ...needsPerson('its old definition did not come back', files), record };
  } catch (error) {
    if (!isVirtioizeError(error)) throw error;
    return { side: 'unsettled', record, error };
  }
  await closeChange(context, record, files, 'undone').catch(ignoreUnwritable); // the next run closes it
  return { side: 'undone', record: { ...record, state: 'undone' } };
}

function ignoreUnwritable(error: unknown): void {
  if (!isVirtioizeError(error, 'state-unwritable')) throw error;
}

function needsPerson(why: string, files: ChangeFiles): Settled {
  return {
    side: 'unsettled',
    error: new VirtioizeError('command-failed', `A change of this guest was interrupted, and ${why}.`, {
      hint: `Compare virsh dumpxml --inactive with ${files.before} and ${files.after}, and virsh define the one that is right; then run virtioize recover.`,
    }),
  };
}
