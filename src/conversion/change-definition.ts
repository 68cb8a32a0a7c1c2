import { randomBytes } from 'node:crypto';
import { findDifferences } from '../domain/verify.ts';
import { isVirtioizeError, VirtioizeError } from '../error.ts';
import { makeFolderDurably, writeDurably } from '../store/durable-file.ts';
import { announce, type Step } from '../store/journal.ts';
import { type ChangeFiles, type ChangeRecord, changeFiles, writeRecord } from '../store/record.ts';
import { defineGuest, dumpDefinition } from '../virsh/definitions.ts';
import { type GuestId, isActive, readGuestInfo } from '../virsh/guests.ts';
import { closeChange } from './close-change.ts';
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
  /** What else is kept about it. */
  readonly facts: Pick<ChangeRecord, 'changes' | 'evidence' | 'accepted'> &
    Partial<Pick<ChangeRecord, 'reason' | 'continues' | 'undoes' | 'restoresNvram'>>;
}

export type ChangeEnd =
  | { readonly side: 'done'; readonly id: string }
  /** The guest is as it was; `error` says why. */
  | { readonly side: 'undone'; readonly id: string; readonly error: VirtioizeError }
  /** Somebody else changed or started it between planning and doing: it was not touched. */
  | { readonly side: 'changed-meanwhile'; readonly id: string }
  /** Which side it is on could not be told, or it could not be brought to one. The journal keeps it open. */
  | { readonly side: 'unsettled'; readonly id: string; readonly error: VirtioizeError };

/**
 * Change one guest's persistent definition, or leave it as it is: back up, see that nothing has changed, define, read
 * back, and put back on any doubt. Each step is in the journal before it is taken.
 * @throws VirtioizeError `state-unwritable` where backup or journal can't be written; the guest is as it was then.
 */
export async function changeDefinition(context: ChangeContext, change: DefinitionChange): Promise<ChangeEnd> {
  const { guest } = change;
  const id = newChangeId();
  const files = changeFiles(context.places.backups, guest.uuid, id);
  const step = async (name: Step): Promise<void> => {
    await announce(context.places.journal, { change: id, guest: { name: guest.name, uuid: guest.uuid }, step: name });
    context.report({ guest: guest.name, step: name });
  };
  const settle = async (error: VirtioizeError): Promise<ChangeEnd> => {
    const steps = new Set<Step>(['begin', 'back-up', 'define', 'put-back']);
    const settled = await settleOrLeave(context, { id, guest, steps });
    if (settled.side === 'undone') return { side: 'undone', id, error };
    return { side: 'unsettled', id, error: settled.error ?? error };
  };

  await step('begin');
  await step('back-up');
  const record = await backUp(context, change, id, files);
  if (!(await isUnchanged(context, change))) {
    await closeChange(context, record, files, 'undone');
    return { side: 'changed-meanwhile', id };
  }
  await step('define');
  try {
    await defineGuest(context.session, guest, files.after);
    await step('verify');
    const actual = await dumpDefinition(context.session, guest, { secrets: true });
    const differences = findDifferences(change.after, actual);
    if (differences.length > 0) throw notAsAsked(differences);
    await writeDurably(files.after, actual);
    await closeChange(context, record, files, 'done');
    return { side: 'done', id };
  } catch (error) {
    if (!isVirtioizeError(error)) throw error;
    const end = await settle(error);
    if (error.code === 'state-unwritable' && end.side === 'undone') throw error;
    return end;
  }
}

/** Sorts by time. */
function newChangeId(): string {
  const time = new Date()
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.(\d+)Z$/, '$1Z');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

async function backUp(
  { places, host, uri, by, versions }: ChangeContext,
  { guest, action, before, after, active, nvram, facts }: DefinitionChange,
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
  };
  await makeFolderDurably(places.backups);
  await makeFolderDurably(files.folder);
  await writeDurably(files.before, before);
  await writeDurably(files.after, after);
  if (nvram !== undefined) await writeDurably(files.nvram, nvram.content);
  await writeRecord(files, record);
  return record;
}

async function isUnchanged({ session }: ChangeContext, { guest, before, active }: DefinitionChange): Promise<boolean> {
  const [info, definition] = await Promise.all([
    readGuestInfo(session, guest),
    dumpDefinition(session, guest, { secrets: true }),
  ]);
  return definition === before && isActive(info.state) === active;
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
