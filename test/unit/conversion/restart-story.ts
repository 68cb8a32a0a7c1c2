import { changeDefinition, type DefinitionChange } from '../../../src/conversion/change-definition.ts';
import { takenBack } from '../../../src/conversion/past-conversions.ts';
import { recoverAll } from '../../../src/conversion/recover.ts';
import { isVirtioizeError } from '../../../src/error.ts';
import { readBootId } from '../../../src/store/boot-id.ts';
import { findUnfinished, findWanted, readJournal } from '../../../src/store/journal.ts';
import { readGuestRecords } from '../../../src/store/past-records.ts';
import type { RestartRecord } from '../../../src/store/record.ts';
import { domainXml } from '../../definitions/domain-xml.ts';
import { describeDisks, type Manners } from './fake-guest.ts';
import { type Fault, Killed } from './fake-libvirt.ts';
import { createOneGuestLibvirt, GUEST, type OneGuestLibvirt } from './one-guest-libvirt.ts';

export const OLD = domainXml({ disks: [{ target: 'hda', bus: 'ide', source: '/images/a.qcow2' }] });
export const NEW = domainXml({ disks: [{ target: 'vda', bus: 'virtio', source: '/images/a.qcow2' }] });

const MOVE = { before: { target: 'hda', bus: 'ide' }, after: { target: 'vda', bus: 'virtio' } };
const EARLIER = 'an-earlier-conversion';

export interface Scenario extends Manners {
  /** `convert` a guest that runs with its old disks; `restart` one that was converted while it ran. */
  readonly work: 'convert' | 'restart';
  readonly mode: RestartRecord['mode'];
  /** What goes wrong in the run itself, and then in one recovery after another. */
  readonly faults: readonly Fault[];
  /** What the guest does is waited for, however busy this machine is; only where nothing goes wrong, or it takes long. */
  readonly isPatient?: boolean;
}

/** A whole story: a change, what interrupts it, and the recoveries that follow; the last two are left alone. */
export async function play({ work, mode, faults, isPatient = false, ...manners }: Scenario): Promise<OneGuestLibvirt> {
  const definition = work === 'convert' ? OLD : NEW;
  const libvirt = await createOneGuestLibvirt(definition, OLD, manners, { mayForce: mode === 'force' });
  const change = await changeOf(work, mode, isPatient ? manners : undefined);
  await survive(() => changeDefinition(libvirt.openRun(faults[0]), change));
  for (const fault of [...faults.slice(1), undefined, undefined]) {
    libvirt.betweenRuns();
    await survive(() => recoverAll(libvirt.openRun(fault)));
  }
  return libvirt;
}

/** A run may be killed, or end with an error of its own. */
export async function survive(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Killed || isVirtioizeError(error))) throw error;
  }
}

/**
 * With times of some ms: a guest that has not reacted by then is taken to never do.
 * @param waitedFor how a guest behaves that is given time for what it does.
 */
export async function changeOf(
  work: Scenario['work'],
  mode: RestartRecord['mode'],
  waitedFor?: Manners,
): Promise<DefinitionChange> {
  const bootId = await readBootId();
  const restart: RestartRecord = {
    mode,
    shutdownTimeoutMs: waitedFor?.shutdown === 'goes off' ? 30_000 : 3,
    bootTimeoutMs: waitedFor?.boot === 'up' ? 30_000 : 6,
    rollBack: true,
    ...(bootId === undefined ? {} : { bootId }),
    instance: '1',
    disks: [{ ...MOVE, written: true, writesThrough: false }],
    agent: { disks: 1, others: {}, mountPoints: ['/'] },
  };
  const facts = { evidence: [], accepted: [] };
  const changes = [{ source: '/images/a.qcow2', from: MOVE.before, to: MOVE.after, dropped: [] }];
  const common = { guest: GUEST, action: 'convert', after: NEW, active: true, restart } as const;
  return work === 'convert'
    ? { ...common, before: OLD, facts: { ...facts, changes } }
    : { ...common, before: NEW, undo: OLD, facts: { ...facts, changes: [], undoes: [EARLIER] } };
}

/** All that is wrong with how a story ended; empty where the guest is as it was, or as it was asked to be. */
export async function findWrongs(
  { guest, places }: OneGuestLibvirt,
  { work, shutdown, mode, boot }: Omit<Scenario, 'faults'>,
): Promise<string[]> {
  const { definition, instance } = guest;
  const journal = await readJournal(places.journal);
  const records = await readGuestRecords(places.backups, GUEST.uuid);
  const isNew = definition === NEW;
  const live = instance === undefined ? 'off' : describeDisks(instance.definition);
  const neverWentOff = instance === guest.first;
  const isPending = neverWentOff && work === 'restart';
  const saysNew = work === 'convert' ? records.some(({ state }) => state === 'done') : !takenBack(records).has(EARLIER);
  const wrongs: [boolean, string][] = [
    [!isNew && definition !== OLD, 'its definition is in between'],
    [instance === undefined, 'it is off'],
    [instance?.state === 'paused', 'it is paused'],
    [live !== 'off' && live !== describeDisks(definition) && !isPending, `it runs ${live}, and is not defined so`],
    [findUnfinished(journal).length > 0, 'its change is still open'],
    [findWanted(journal).length > 0 && !neverWentOff, 'it was started again and is still waited for'],
    [saysNew !== isNew, `its records say that it is ${saysNew ? 'converted' : 'as it was'}, and it is not`],
    [shutdown === 'stays' && mode === 'graceful' && !neverWentOff, 'it was powered off without --restart force'],
    [isNew && (boot === 'silent' || boot === 'goes off') && !isPending, 'it has disks that it does not come up with'],
  ];
  return [...guest.crimes, ...wrongs.flatMap(([isWrong, what]) => (isWrong ? [what] : []))];
}

export async function wrongsOf(scenario: Scenario): Promise<string[]> {
  const libvirt = await play(scenario);
  try {
    return await findWrongs(libvirt, scenario);
  } finally {
    await libvirt.dispose();
  }
}
