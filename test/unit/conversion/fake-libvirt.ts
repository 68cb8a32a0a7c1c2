import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeContext, StepEvent } from '../../../src/conversion/run-context.ts';
import { VirtioizeError } from '../../../src/error.ts';
import { makeFolderDurably } from '../../../src/store/durable-file.ts';
import { type HostPlaces, hostPlaces } from '../../../src/store/state-dir.ts';
import type { Answer } from '../../../src/virsh/answer.ts';
import type { RunOptions, Session } from '../../../src/virsh/session.ts';
import { createSurvey } from '../../../src/virsh/survey.ts';
import { createFakeGuest, type FakeGuest, fail, type GuestSpec, noSuchGuest } from './fake-guest.ts';

/**
 * What goes wrong in one run, at its n-th changing command, or at its n-th line in the journal (from 1).
 * `kill before|after command`, `kill after line`: virtioize is gone there. `command|answer lost`: libvirtd dies before or
 * after it carried the command out, and is back at once. `journal full`: this line and all after it can't be written.
 * `backup full`: at this line's guest there is no room for a backup. At the n-th command of any kind: `virsh ends`, and no
 * more can be asked; `interrupt`: somebody presses Ctrl-C.
 */
export interface Fault {
  readonly kind:
    | 'kill before command'
    | 'kill after command'
    | 'kill after line'
    | 'command lost'
    | 'answer lost'
    | 'journal full'
    | 'backup full'
    | 'virsh ends'
    | 'interrupt';
  readonly at: number;
}

/** virtioize was killed here: no code may go on from it. */
export class Killed extends Error {}

/** A libvirt in memory, and a state directory in a folder of its own. A recorded fake. */
export interface FakeLibvirt {
  readonly places: HostPlaces;
  readonly guests: readonly FakeGuest[];
  /** A context for one more run, with at most one fault. */
  openRun(fault?: Fault, onStep?: (event: StepEvent) => void): ChangeContext;
  /** What happens while no run is there. */
  betweenRuns(): void;
  dispose(): Promise<void>;
}

/** @param wait how the time passes for which a run waits for events. */
export async function createFakeLibvirt(
  specs: readonly GuestSpec[],
  wait: (ms: number) => Promise<void> = () => delay(1),
): Promise<FakeLibvirt> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-model-'));
  const places = hostPlaces(folder, 'host');
  await makeFolderDurably(places.folder);
  const room = createRoom(places);
  let lastId = 1;
  const guests = specs.map((spec) => createFakeGuest(spec, () => lastId++));

  /** As a libvirtd that is started anew: it counts on from the instances that run (qemuProcessReconnect). */
  const forgetIds = (): void => {
    lastId = Math.max(0, ...guests.map(({ instance }) => instance?.id ?? 0)) + 1;
  };
  const answer = (words: readonly string[], changing: boolean): Answer => {
    if (words[0] === 'list') return { stdout: listGuests(guests, words), errors: [] };
    const text = words[0] === 'define' ? readFileSync(words[1] ?? '', 'utf8') : words.join(' ');
    const guest = guests.find(({ uuid }) => text.includes(uuid));
    if (guest !== undefined) return guest.answer(words, changing);
    return words[0]?.startsWith('dom') ? noSuchGuest('?') : fail(`unknown command: '${words[0]}'`);
  };
  return {
    places,
    guests,
    betweenRuns() {
      room.free();
      for (const guest of guests) guest.betweenRuns();
      forgetIds();
    },
    openRun(fault, onStep = () => {}) {
      const life: Life = { isOver: false };
      const interruption = new AbortController();
      const session = openFaultySession(answer, life, { fault, onDeath: forgetIds, interruption });
      const count = countLines(room, life, fault);
      return {
        session,
        survey: createSurvey(session),
        uri: session.uri,
        host: 'host',
        places,
        report(event) {
          onStep(event);
          count(event, guests);
        },
        version: '0',
        by: 'a test',
        versions: { virtioize: '0', libvirt: '0' },
        events: { next: wait, resets: () => 0, close: async () => {} },
        interrupted: interruption.signal,
      };
    },
    dispose: async () => rm(folder, { recursive: true, force: true }),
  };
}

function listGuests(guests: readonly FakeGuest[], words: readonly string[]): string {
  const filter = words.find((word) => FILTERS[word] !== undefined) ?? '--all';
  const listed = guests.filter((guest) => !guest.isGone && FILTERS[filter]?.(guest) !== false);
  return listed.map(({ uuid, name }) => (words.includes('--name') ? `${uuid} ${name}\n` : `${uuid}\n`)).join('');
}

/** Its guests are running or paused where they are not off, and have neither snapshots nor checkpoints. */
const FILTERS: Readonly<Record<string, (guest: FakeGuest) => boolean>> = {
  '--state-running': ({ instance }) => instance !== undefined,
  '--with-managed-save': ({ isSaved }) => isSaved,
  '--with-snapshot': () => false,
  '--with-checkpoint': () => false,
};

/** Whether the virtioize of one run is still there. */
interface Life {
  isOver: boolean;
}

function die(life: Life): never {
  life.isOver = true;
  throw new Killed();
}

interface Failing {
  readonly fault: Fault | undefined;
  readonly onDeath: () => void;
  readonly interruption: AbortController;
}

function openFaultySession(
  answer: (words: readonly string[], changing: boolean) => Answer,
  life: Life,
  { fault, onDeath, interruption }: Failing,
): Session {
  let commands = 0;
  let changes = 0;
  let isOver = false;
  const lose = (): never => {
    onDeath();
    throw new VirtioizeError('connection-lost', 'libvirtd died.');
  };
  return {
    uri: 'test:///fake',
    async run(words, { changing = false }: RunOptions = {}) {
      if (life.isOver) throw new Killed();
      if (++commands === fault?.at) {
        if (fault.kind === 'virsh ends') isOver = true;
        if (fault.kind === 'interrupt') interruption.abort();
      }
      if (isOver) throw new VirtioizeError('connection-lost', 'virsh ended.');
      const isHit = changing && ++changes === fault?.at;
      if (isHit && fault.kind === 'kill before command') die(life);
      if (isHit && fault.kind === 'command lost') lose();
      const result = answer(words, changing);
      if (isHit && fault.kind === 'kill after command') die(life);
      if (isHit && fault.kind === 'answer lost') lose();
      return result;
    },
    outlivesReader: true,
    isOver: () => isOver,
    close: async () => {},
  };
}

/** Every line of the journal is reported once it is written. */
function countLines(
  room: Room,
  life: Life,
  fault: Fault | undefined,
): (event: StepEvent, guests: readonly FakeGuest[]) => void {
  let lines = 0;
  if (fault?.kind === 'journal full' && fault.at === 1) room.fillJournal();
  return ({ step, guest }, guests) => {
    if (life.isOver) throw new Killed();
    if (step === 'recover' || step === 'read' || step === 'prove') return;
    lines += 1;
    if (fault?.kind === 'kill after line' && lines === fault.at) die(life);
    if (fault?.kind === 'journal full' && lines === fault.at - 1) room.fillJournal();
    if (fault?.kind === 'backup full' && lines === fault.at)
      room.fillBackups(guests.find(({ name }) => name === guest)?.uuid ?? '');
  };
}

/** The room in a state directory. */
interface Room {
  fillJournal(): void;
  fillBackups(uuid: string): void;
  free(): void;
}

/**
 * The journal is a link, so that it can lead nowhere, and can't be written, while the backups can; it reads as empty then.
 * A guest that has no backups yet can't get any where a file has the name of their folder.
 */
function createRoom({ journal, backups }: HostPlaces): Room {
  const inTheWay: string[] = [];
  const lead = (to: string): void => {
    const fresh = join(dirname(journal), '.journal-link');
    symlinkSync(to, fresh);
    renameSync(fresh, journal);
  };
  lead('journal.real');
  return {
    fillJournal: () => lead('nowhere/journal'),
    fillBackups(uuid) {
      try {
        writeFileSync(join(backups, uuid), '', { flag: 'wx' });
        inTheWay.push(join(backups, uuid));
      } catch {
        // It has backups already: the run goes on without this fault.
      }
    },
    free() {
      lead('journal.real');
      for (const file of inTheWay.splice(0)) rmSync(file);
    },
  };
}
