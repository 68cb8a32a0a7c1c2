import { disksOf } from '../domain/disk.ts';
import { asStored, findDifferences } from '../domain/verify.ts';
import { isVirtioizeError, VirtioizeError } from '../error.ts';
import type { ChangeFiles } from '../store/change-files.ts';
import { readIfPresent, writeDurably } from '../store/durable-file.ts';
import type { ChangeRecord } from '../store/record.ts';
import { defineGuest, dumpDefinition } from '../virsh/definitions.ts';
import { outlast } from '../virsh/outlast.ts';
import { type ChangeEnd, type ChangeInHand, ignoreUnwritable, takeStepAnyway } from './change-in-hand.ts';
import type { ChangeContext } from './run-context.ts';

/**
 * Find out which definition the guest has, and bring back the old one where that was under way.
 * @returns the end of the change where that needs a person.
 */
export async function settleDefinition(
  context: ChangeContext,
  change: ChangeInHand,
): Promise<'done' | 'undone' | ChangeEnd> {
  const { record, files, steps } = change;
  const [before, after] = await Promise.all([readIfPresent(files.before), readIfPresent(files.after)]);
  if (before === undefined || after === undefined)
    return needsPerson(record.id, `${files.folder} has lost a definition`, files);
  const undo = (await readIfPresent(files.undo)) ?? before;
  const current = await readCurrent(context, record);
  if (current === undefined) return 'undone'; // nothing is left that could be in between
  const side = sideOf(current, { before, after, undo, changes: record.changes });
  if (side === undefined) return needsPerson(record.id, 'its definition is neither the old nor the new one', files);
  if (side === 'done' && steps.has('put-back')) return putBack(context, change, before);
  // Where that can't be written, it is what was asked for, which libvirt has stored.
  if (side === 'done') await writeDurably(files.after, asStored(after, current)).catch(ignoreUnwritable);
  return side;
}

/** Undefined where the guest is gone. */
async function readCurrent({ session }: ChangeContext, { guest }: ChangeRecord): Promise<string | undefined> {
  try {
    return await outlast(session, () => dumpDefinition(session, guest, { secrets: true }));
  } catch (error) {
    if (isVirtioizeError(error, 'no-such-guest')) return undefined;
    throw error;
  }
}

/** Which of the definitions the guest has, whatever else was changed in it since; undefined: none of them. */
function sideOf(
  current: string,
  {
    before,
    after,
    undo,
    changes,
  }: Pick<ChangeRecord, 'changes'> & { readonly before: string; readonly after: string; readonly undo: string },
): 'done' | 'undone' | undefined {
  const is = (definition: string): boolean =>
    current === definition || findDifferences(definition, current).length === 0;
  if (before !== undo && is(undo)) return 'undone';
  if (is(before)) return before === after ? 'done' : 'undone';
  if (is(after)) return 'done';
  const disks = disksOf(current);
  const has = ({ target, bus }: { target: string; bus: string }): boolean =>
    disks.some((disk) => disk.target === target && disk.bus === bus && disk.device === 'disk');
  if (changes.length > 0 && changes.every(({ from, to }) => has(from) && !has(to))) return 'undone';
  if (changes.length > 0 && changes.every(({ from, to }) => has(to) && !has(from))) return 'done';
  return undefined;
}

async function putBack(context: ChangeContext, change: ChangeInHand, before: string): Promise<'undone' | ChangeEnd> {
  const { session } = context;
  const { guest, id } = change.record;
  // A full disk must not keep the old definition from coming back: `define` is in the journal already.
  await takeStepAnyway(context, change, 'put-back');
  await outlast(session, () => defineGuest(session, guest, change.files.before));
  const current = await outlast(session, () => dumpDefinition(session, guest, { secrets: true }));
  if (findDifferences(before, current).length > 0)
    return needsPerson(id, 'its old definition did not come back', change.files);
  return 'undone';
}

/** The end of a change that a person has to look at. */
export function needsPerson(id: string, why: string, files: ChangeFiles): ChangeEnd {
  return {
    id,
    side: 'unsettled',
    error: new VirtioizeError('command-failed', `A change of this guest was interrupted, and ${why}.`, {
      hint: `Compare virsh dumpxml --inactive with ${files.before} and ${files.after}, and virsh define the one that is right; then run virtioize recover.`,
    }),
  };
}
