import { readFileSync, writeFileSync } from 'node:fs';
import { readDisks } from '../../../src/domain/disk.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';
import type { Answer } from '../../../src/virsh/answer.ts';
import type { GuestId } from '../../../src/virsh/guests.ts';

/** What a guest does, whatever it is told. */
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

interface Instance {
  readonly id: number;
  readonly definition: string;
  state: 'running' | 'paused';
  looks: number;
  writes: number;
}

/** How a guest is when its story begins. */
export interface GuestSpec extends GuestId {
  readonly definition: string;
  /** The definition of its running instance; undefined where it is off. */
  readonly live: string | undefined;
  readonly state?: Instance['state'];
  /** The definition that a managed save would resume. */
  readonly saved?: string;
  readonly isTransient?: boolean;
  readonly manners: Manners;
  /** Its power may be taken away although it writes. */
  readonly mayForce?: boolean;
}

/** A guest of a fake libvirt, in memory. */
export interface FakeGuest extends GuestId {
  definition: string;
  instance: Instance | undefined;
  manners: Manners;
  /** There is no such guest any more. */
  isGone: boolean;
  /** It has no persistent definition: it is gone once it is off. */
  isTransient: boolean;
  /** Somebody's job (a backup, a dump) holds it: libvirt then answers domstats without the counters, and as a success. */
  isHeld: boolean;
  /** Called before each command of whichever run: what somebody else does meanwhile, or an answer in place of its own. */
  meanwhile: (command: string) => Answer | undefined;
  /** The changing commands that were carried out, over all runs. */
  readonly commands: string[];
  /** What should never have happened. */
  readonly crimes: string[];
  /** The instance that ran when the story began. */
  readonly first: Instance | undefined;
  /** What the running instance is and does, for comparison: `off`, or its state and its disks. */
  readonly stands: string;
  /** It has a managed save. */
  readonly isSaved: boolean;
  /** Somebody else's virsh start. */
  startByHand(): void;
  /** Somebody else's virsh undefine: where it runs, it goes on without a persistent definition. */
  undefineByHand(): void;
  /** What happens while no run is there. */
  betweenRuns(): void;
  /** One command, as virsh answers it. */
  answer(words: readonly string[], changing: boolean): Answer;
}

/** @param nextId libvirt's number for the next instance. */
export function createFakeGuest(spec: GuestSpec, nextId: () => number): FakeGuest {
  const { name, uuid, saved, mayForce = false } = spec;
  let isAsked = false;
  /** Who asked last was told that it has no persistent definition. */
  let isToldTransient = false;

  const create = (text: string): Instance => ({
    id: nextId(),
    definition: text,
    state: 'running',
    looks: 0,
    writes: 0,
  });
  const first: Instance | undefined =
    spec.live === undefined ? undefined : { ...create(spec.live), state: spec.state ?? 'running', writes: 100 };
  const isNew = ({ definition: text }: Instance): boolean => text.includes("bus='virtio'");
  const bootOf = (one: Instance): Manners['boot'] => (isNew(one) && one !== first ? guest.manners.boot : 'up');
  const goOff = (): void => {
    guest.instance = undefined;
    if (guest.isTransient) guest.isGone = true;
  };

  const guest: FakeGuest = {
    name,
    uuid,
    definition: spec.definition,
    instance: first,
    manners: spec.manners,
    isGone: false,
    isTransient: spec.isTransient ?? false,
    isHeld: false,
    meanwhile: () => undefined,
    commands: [],
    crimes: [],
    first,
    get stands() {
      return guest.instance === undefined
        ? 'off'
        : `${guest.instance.state} ${describeDisks(guest.instance.definition)}`;
    },
    isSaved: saved !== undefined,
    startByHand() {
      guest.instance ??= create(guest.definition);
    },
    undefineByHand() {
      guest.isTransient = true;
      if (guest.instance === undefined) guest.isGone = true;
    },
    betweenRuns() {
      if (isAsked && guest.manners.shutdown === 'late' && guest.instance === first) goOff();
      isAsked = false;
    },
    answer([command = '', ...words], changing) {
      const instead = guest.meanwhile(command);
      if (instead !== undefined) return instead;
      const { instance, definition } = guest;
      if (guest.isGone) return noSuchGuest(uuid);
      if (changing) guest.commands.push(command);
      if (changing && isToldTransient) guest.crimes.push(`${command} of a guest that was known to be transient`);
      if (command === 'dominfo') isToldTransient = guest.isTransient;
      switch (command) {
        case 'dominfo':
          return say(
            `State:          ${instance?.state ?? 'shut off'}\nPersistent:     ${guest.isTransient ? 'no' : 'yes'}\nManaged save:   ${saved === undefined ? 'no' : 'yes'}\n`,
          );
        case 'domstate':
          if (instance !== undefined && bootOf(instance) === 'goes off' && instance.looks++ > 0) {
            goOff();
            return say('shut off (shutdown)\n');
          }
          return say(instance === undefined ? 'shut off (shutdown)\n' : `${instance.state} (${reasonOf(instance)})\n`);
        case 'dumpxml':
          if (words.includes('--inactive')) return say(definition);
          return instance === undefined
            ? say(definition)
            : say(instance.definition.replace("<domain type='qemu'", `<domain type='qemu' id='${instance.id}'`));
        case 'managedsave-dumpxml':
          return saved === undefined ? fail('Domain does not have managed save image') : say(saved);
        case 'define':
          guest.definition = inQuotesOfLibvirt(readFileSync(words[0] ?? '', 'utf8'));
          guest.isTransient = false;
          return say(`Domain '${name}' defined from ${words[0]}\n`);
        case 'shutdown':
          if (instance === undefined) return fail('Requested operation is not valid: domain is not running');
          isAsked = true;
          if (guest.manners.shutdown === 'goes off') goOff();
          return say(`Domain '${name}' is being shutdown\n`);
        case 'start':
          if (instance !== undefined) return fail('Domain is already active');
          guest.startByHand();
          writeVariables(definition);
          return say(`Domain '${name}' started\n`);
        case 'destroy':
          if (instance === undefined) return fail('Requested operation is not valid: domain is not running');
          if (instance.writes > 0 && !(mayForce && instance === first))
            guest.crimes.push('destroyed a guest that writes');
          goOff();
          return say(`Domain '${name}' destroyed\n`);
        case 'suspend':
          if (instance === undefined) return fail('domain is not running');
          instance.state = 'paused';
          return say(`Domain '${name}' suspended\n`);
        case 'resume':
          if (instance?.state !== 'paused') return fail('Requested operation is not valid: domain is already running');
          instance.state = 'running';
          return say(`Domain '${name}' resumed\n`);
        case 'screenshot':
          if (instance !== undefined && bootOf(instance) === 'writes at last') instance.writes += 20;
          return fail('no screen');
        case 'domstats':
          return instance === undefined ? say(`Domain: '${name}'\n`) : say(readCounters(instance));
        case 'qemu-agent-command':
          if (instance?.state !== 'running' || bootOf(instance) !== 'up')
            return fail('Guest agent is not responding: QEMU guest agent is not connected');
          return say(JSON.stringify({ return: agentAnswer(words.at(-1) ?? '', instance.definition) }));
        default:
          return fail(`unknown command: '${command}'`);
      }
    },
  };

  function readCounters(instance: Instance): string {
    if (instance.state === 'running' && ['up', 'writes'].includes(bootOf(instance))) instance.writes += 20;
    const { writes } = instance;
    if (guest.isHeld) return `Domain: '${name}'\n  block.count=1\n  block.0.name=vda\n`;
    const lines = hardDisks(instance.definition).map(
      ({ target }, n) =>
        `  block.${n}.name=${target}\n  block.${n}.wr.reqs=${writes}\n  block.${n}.fl.reqs=${writes / 10}\n`,
    );
    return `Domain: '${name}'\n${lines.join('')}`;
  }
  return guest;
}

function say(stdout: string): Answer {
  return { stdout, errors: [] };
}

export function fail(message: string): Answer {
  return { stdout: '', errors: [message] };
}

export function noSuchGuest(uuid: string): Answer {
  return { stdout: '', errors: [`failed to get domain '${uuid}'`, 'Domain not found'] };
}

function inQuotesOfLibvirt(definition: string): string {
  return definition.replaceAll(/="([^"']*)"/g, "='$1'");
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
