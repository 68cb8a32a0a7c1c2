import { ask } from './ask.ts';
import { virshFailure } from './failure.ts';
import type { Session } from './session.ts';

/** A guest's name and UUID. Commands address it by UUID: a name such as `1` could also be another guest's number. */
export interface GuestId {
  readonly name: string;
  readonly uuid: string;
}

export interface GuestInfo {
  /** libvirt's word: `running`, `shut off`, `paused`, `in shutdown`, `crashed`, `pmsuspended`, `idle`, `dying`. */
  readonly state: string;
  readonly persistent: boolean;
  readonly managedSave: boolean;
}

/** The guests of the connection, in libvirt's order: all of them, or those in one state. */
export async function listGuests(session: Session, state?: 'running' | 'shutoff'): Promise<GuestId[]> {
  const filter = state === undefined ? ['--all'] : [`--state-${state}`];
  const { stdout: output, errors } = await session.run(['list', ...filter, '--uuid', '--name']);
  if (errors.length > 0) throw virshFailure('list the guests', ['list'], errors);
  return output.split('\n').flatMap((line) => {
    const match = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s+(.+?)\s*$/.exec(line);
    return match === null ? [] : [{ uuid: match[1] ?? '', name: match[2] ?? '' }];
  });
}

/** What `virsh dominfo` tells of a guest. */
export async function readGuestInfo(session: Session, { uuid, name }: GuestId): Promise<GuestInfo> {
  const output = await ask(session, ['dominfo', uuid], { action: `read the state of '${name}'`, success: /^State:/m });
  const value = (key: string): string => new RegExp(`^${key}:\\s+(.*?)\\s*$`, 'm').exec(output)?.[1] ?? '';
  return {
    state: value('State'),
    persistent: value('Persistent') === 'yes',
    managedSave: value('Managed save') === 'yes',
  };
}

/** Whether a guest in this state has a running instance, however idle. */
export function isActive(state: string): boolean {
  return state !== 'shut off';
}

/** The job that holds a guest (migration, save, dump), or undefined. */
export async function readJob(session: Session, { uuid }: GuestId): Promise<string | undefined> {
  const { stdout } = await session.run(['domjobinfo', uuid]);
  const type = /^Job type:\s+(.*?)\s*$/m.exec(stdout)?.[1];
  return type === undefined || type === 'None' ? undefined : type;
}

/** Whether a block job (copy, commit, pull) runs on a disk of a running guest. */
export async function hasBlockJob(session: Session, { uuid }: GuestId, target: string): Promise<boolean> {
  const { stdout } = await session.run(['blockjob', uuid, target, '--raw']);
  return /^\s*type=/m.test(stdout);
}

/** Wait until libvirt's daemon, where it has only just started, has taken a running guest up again: a question to QEMU does. */
export async function waitUntilTakenUp(session: Session, { uuid }: GuestId): Promise<void> {
  await session.run(['dommemstat', uuid]);
}

export interface Snapshots {
  /** Names of snapshots that hold the disks' state inside the images, and the old definition with it. */
  readonly internal: readonly string[];
  readonly external: readonly string[];
  readonly checkpoints: readonly string[];
}

/** The guest's snapshots and checkpoints. Drivers that know neither report none. */
export async function readSnapshots(session: Session, { uuid }: GuestId): Promise<Snapshots> {
  const names = async (...command: string[]): Promise<string[]> => {
    const { stdout } = await session.run(command);
    return stdout.split('\n').filter((line) => line.trim() !== '');
  };
  const [internal, external, checkpoints] = await Promise.all([
    names('snapshot-list', uuid, '--name', '--internal'),
    names('snapshot-list', uuid, '--name', '--external'),
    names('checkpoint-list', uuid, '--name'),
  ]);
  return { internal, external, checkpoints };
}
