import { readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeContext, StepEvent } from '../../../src/conversion/run-context.ts';
import { readDisks } from '../../../src/domain/disk.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';
import { VirtioizeError } from '../../../src/error.ts';
import { makeFolderDurably } from '../../../src/store/durable-file.ts';
import { type HostPlaces, hostPlaces } from '../../../src/store/state-dir.ts';
import type { Answer } from '../../../src/virsh/answer.ts';
import type { RunOptions, Session } from '../../../src/virsh/session.ts';

export const GUEST = { name: 'guest', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };

/** What the one guest does, whatever it is told. */
export interface Manners {
  /** `late`: only once nobody waits for it any more. */
  readonly shutdown: 'goes off' | 'stays' | 'late';
  /**
   * What it makes of its new disks; it always comes up with its old ones. `up`: its agent tells so; `writes`: it has no
   * agent then, but writes and flushes; `writes at last`: only when it is given up; `silent`: it never writes;
   * `goes off`: it is off again at once.
   */
  readonly boot: 'up' | 'writes' | 'writes at last' | 'silent' | 'goes off';
}

/**
 * What goes wrong in one run, at its n-th changing command, or at its n-th line in the journal (from 1).
 * `kill before|after command`, `kill after line`: virtioize is gone there. `command|answer lost`: libvirtd dies before or
 * after it carried the command out, and is back at once. `journal full`: this line and all after it can't be written.
 */
export interface Fault {
  readonly kind:
    | 'kill before command'
    | 'kill after command'
    | 'kill after line'
    | 'command lost'
    | 'answer lost'
    | 'journal full';
  readonly at: number;
}

/** virtioize was killed here: no code may go on from it. */
export class Killed extends Error {}

interface Instance {
  readonly id: number;
  readonly definition: string;
  state: 'running' | 'paused';
  looks: number;
  writes: number;
}

/** A libvirt with one guest, in memory, and a state directory in a folder of its own. A recorded fake. */
export interface OneGuestLibvirt {
  readonly places: HostPlaces;
  /** The changing commands that were carried out, over all runs. */
  readonly commands: string[];
  /** What should never have happened. */
  readonly crimes: string[];
  definition: string;
  instance: Instance | undefined;
  /** Somebody has undefined it. */
  isGone: boolean;
  /** Somebody's job (a backup, a dump) holds it: libvirt then answers domstats without the counters, and as a success. */
  isHeld: boolean;
  /** Called before each command of whichever run: what somebody else does meanwhile. */
  meanwhile: (command: string) => void;
  /** Somebody else's virsh start. */
  startByHand(): void;
  /** The instance that ran when the story began. */
  readonly first: Instance;
  /** A context for one more run, with at most one fault. */
  openRun(fault?: Fault): ChangeContext;
  /** What happens while no run is there. */
  betweenRuns(): void;
  /** What the running instance is and does, for comparison: `off`, or its state and its disks. */
  readonly stands: string;
  dispose(): Promise<void>;
}

export async function createOneGuestLibvirt(
  definition: string,
  live: string,
  { shutdown, boot }: Manners,
  { mayForce = false } = {},
): Promise<OneGuestLibvirt> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-model-'));
  const places = hostPlaces(folder, 'host');
  await makeFolderDurably(places.folder);
  const full = swapJournal(places.journal);
  let lastId = 1;
  let isAsked = false;

  /** As a libvirtd that is started anew: it counts on from the instances that run (qemuProcessReconnect). */
  const forgetIds = (): void => {
    lastId = (model.instance?.id ?? 0) + 1;
  };
  const create = (text: string): Instance => ({
    id: lastId++,
    definition: text,
    state: 'running',
    looks: 0,
    writes: 0,
  });
  const isNew = ({ definition: text }: Instance): boolean => text.includes("bus='virtio'");
  const mannersOf = (one: Instance): Manners['boot'] => (isNew(one) ? boot : 'up');

  const model: OneGuestLibvirt = {
    places,
    commands: [],
    crimes: [],
    definition,
    instance: undefined,
    isGone: false,
    isHeld: false,
    meanwhile: () => {},
    startByHand() {
      model.instance ??= create(model.definition);
    },
    first: create(live),
    betweenRuns() {
      full.free();
      if (isAsked && shutdown === 'late' && model.instance === first) model.instance = undefined;
      isAsked = false;
      forgetIds();
    },
    get stands() {
      return model.instance === undefined
        ? 'off'
        : `${model.instance.state} ${describeDisks(model.instance.definition)}`;
    },
    openRun(fault) {
      const life: Life = { isOver: false };
      const session = openFaultySession(answer, life, { fault, onDeath: forgetIds });
      return {
        session,
        uri: session.uri,
        host: 'host',
        places,
        report: countLines(full, life, fault),
        version: '0',
        by: 'a test',
        versions: { virtioize: '0', libvirt: '0' },
        events: { next: async () => delay(1), resets: () => 0, close: async () => {} },
        interrupted: new AbortController().signal,
      };
    },
    dispose: async () => rm(folder, { recursive: true, force: true }),
  };
  const { first } = model;
  first.writes = 100;
  model.instance = first;

  /** One command, as virsh answers it. */
  function answer([command = '', ...words]: readonly string[], changing: boolean): Answer {
    model.meanwhile(command);
    const { instance } = model;
    if (model.isGone) return { stdout: '', errors: [`failed to get domain '${GUEST.uuid}'`, 'Domain not found'] };
    if (changing) model.commands.push(command);
    const fail = (message: string): Answer => ({ stdout: '', errors: [message] });
    const say = (stdout: string): Answer => ({ stdout, errors: [] });
    switch (command) {
      case 'dominfo':
        return say(`State:          ${instance?.state ?? 'shut off'}\nPersistent:     yes\nManaged save:   no\n`);
      case 'domstate':
        if (instance !== undefined && mannersOf(instance) === 'goes off' && instance.looks++ > 0) {
          model.instance = undefined;
          return say('shut off (shutdown)\n');
        }
        return say(instance === undefined ? 'shut off (shutdown)\n' : `${instance.state} (${reasonOf(instance)})\n`);
      case 'dumpxml':
        if (words.includes('--inactive')) return say(model.definition);
        return instance === undefined
          ? say(model.definition)
          : say(instance.definition.replace("<domain type='qemu'", `<domain type='qemu' id='${instance.id}'`));
      case 'define':
        model.definition = readFileSync(words[0] ?? '', 'utf8');
        return say(`Domain 'guest' defined from ${words[0]}\n`);
      case 'shutdown':
        if (instance === undefined) return fail('Requested operation is not valid: domain is not running');
        isAsked = true;
        if (shutdown === 'goes off') model.instance = undefined;
        return say("Domain 'guest' is being shutdown\n");
      case 'start':
        if (instance !== undefined) return fail('Domain is already active');
        model.startByHand();
        writeVariables(model.definition);
        return say("Domain 'guest' started\n");
      case 'destroy':
        if (instance === undefined) return fail('Requested operation is not valid: domain is not running');
        if (instance.writes > 0 && !(mayForce && instance === first))
          model.crimes.push('destroyed a guest that writes');
        model.instance = undefined;
        return say("Domain 'guest' destroyed\n");
      case 'suspend':
        if (instance === undefined) return fail('domain is not running');
        instance.state = 'paused';
        return say("Domain 'guest' suspended\n");
      case 'resume':
        if (instance?.state !== 'paused') return fail('Requested operation is not valid: domain is already running');
        instance.state = 'running';
        return say("Domain 'guest' resumed\n");
      case 'screenshot':
        if (instance !== undefined && mannersOf(instance) === 'writes at last') instance.writes += 20;
        return fail('no screen');
      case 'domstats':
        return instance === undefined ? say("Domain: 'guest'\n") : say(readCounters(instance));
      case 'qemu-agent-command':
        if (instance?.state !== 'running' || mannersOf(instance) !== 'up')
          return fail('Guest agent is not responding: QEMU guest agent is not connected');
        return say(JSON.stringify({ return: agentAnswer(words.at(-1) ?? '', instance.definition) }));
      default:
        return fail(`unknown command: '${command}'`);
    }
  }

  function readCounters(instance: Instance): string {
    if (instance.state === 'running' && ['up', 'writes'].includes(mannersOf(instance))) instance.writes += 20;
    const { writes } = instance;
    if (model.isHeld) return "Domain: 'guest'\n  block.count=1\n  block.0.name=vda\n";
    const lines = hardDisks(instance.definition).map(
      ({ target }, n) =>
        `  block.${n}.name=${target}\n  block.${n}.wr.reqs=${writes}\n  block.${n}.fl.reqs=${writes / 10}\n`,
    );
    return `Domain: 'guest'\n${lines.join('')}`;
  }
  return model;
}

/** The firmware notes what it has found. */
function writeVariables(definition: string): void {
  const path = /<nvram>(.*)<\/nvram>/.exec(definition)?.[1];
  if (path !== undefined) writeFileSync(path, `for ${describeDisks(definition)}`);
}

function reasonOf({ state }: Instance): string {
  return state === 'paused' ? 'user' : 'booted';
}

function hardDisks(definition: string): { target: string; bus: string }[] {
  return readDisks(parseDefinition(definition)).map(({ target, bus }) => ({ target, bus }));
}

export function describeDisks(definition: string): string {
  return hardDisks(definition)
    .map(({ target, bus }) => `${target} on ${bus}`)
    .join(', ');
}

function agentAnswer(command: string, definition: string): unknown {
  const none = { domain: -1, bus: -1, slot: -1, function: -1 };
  const disks = hardDisks(definition).map(({ bus }) => ({
    'bus-type': bus,
    'pci-controller': none,
    bus: 0,
    target: 0,
    unit: 0,
  }));
  if (command.includes('guest-get-disks')) return disks.map((address) => ({ name: '/dev/x', address }));
  if (command.includes('guest-get-fsinfo')) return [{ mountpoint: '/', disk: disks }];
  return {};
}

/** Whether the virtioize of one run is still there. */
interface Life {
  isOver: boolean;
}

function die(life: Life): never {
  life.isOver = true;
  throw new Killed();
}

function openFaultySession(
  answer: (words: readonly string[], changing: boolean) => Answer,
  life: Life,
  { fault, onDeath }: { readonly fault: Fault | undefined; readonly onDeath: () => void },
): Session {
  let changes = 0;
  const lose = (): never => {
    onDeath();
    throw new VirtioizeError('connection-lost', 'libvirtd died.');
  };
  return {
    uri: 'test:///fake',
    async run(words, { changing = false }: RunOptions = {}) {
      if (life.isOver) throw new Killed();
      const isHit = changing && ++changes === fault?.at;
      if (isHit && fault.kind === 'kill before command') die(life);
      if (isHit && fault.kind === 'command lost') lose();
      const result = answer(words, changing);
      if (isHit && fault.kind === 'kill after command') die(life);
      if (isHit && fault.kind === 'answer lost') lose();
      return result;
    },
    isOver: () => false,
    close: async () => {},
  };
}

/** Every line of the journal is reported once it is written. */
function countLines(full: JournalSwap, life: Life, fault: Fault | undefined): (event: StepEvent) => void {
  let lines = 0;
  if (fault?.kind === 'journal full' && fault.at === 1) full.fill();
  return ({ step }) => {
    if (life.isOver) throw new Killed();
    if (step === 'recover' || step === 'read' || step === 'prove') return;
    lines += 1;
    if (fault?.kind === 'kill after line' && lines === fault.at) die(life);
    if (fault?.kind === 'journal full' && lines === fault.at - 1) full.fill();
  };
}

interface JournalSwap {
  fill(): void;
  free(): void;
}

/** The journal is a link, so that its file system can be full (/dev/full) while that of the backups is not. */
function swapJournal(journal: string): JournalSwap {
  const lead = (to: string): void => {
    const fresh = join(dirname(journal), '.journal-link');
    symlinkSync(to, fresh);
    renameSync(fresh, journal);
  };
  lead('journal.real');
  return { fill: () => lead('/dev/full'), free: () => lead('journal.real') };
}
