import { domainXml } from '../../definitions/domain-xml.ts';
import { type FakeGuest, fail, type GuestSpec, type Manners } from '../conversion/fake-guest.ts';

/**
 * How a guest of a batch is before it. `pending`: an earlier run has converted it while it ran; `pending by hand`:
 * somebody else has.
 */
export type Kind =
  | 'off'
  | 'running'
  | 'paused'
  | 'transient'
  | 'saved'
  | 'compliant'
  | 'compliant and off'
  | 'pending'
  | 'pending by hand'
  | 'unproven'
  | 'waived';

/**
 * What befalls one guest in the first run: at its n-th command, or its n-th dump or define. An edit comes before a command
 * that reads: nobody can help one that comes right before a define.
 */
export interface Mishap {
  readonly kind: 'edited' | 'undefined' | 'dump gives nonsense' | 'define is refused';
  readonly at: number;
}

export interface GuestStory extends Manners {
  readonly kind: Kind;
  readonly disks: 1 | 2;
  readonly mishap: Mishap | undefined;
}

/** @param mayForce its power may be taken away although it writes. */
export function specOf(
  { kind, disks, name, uuid, shutdown, boot }: GuestStory & { readonly name: string; readonly uuid: string },
  mayForce: boolean,
): GuestSpec {
  const definitionOn = (prefix: string, bus: string): string =>
    domainXml({
      name,
      uuid,
      disks: ['a', 'b'].slice(0, disks).map((letter) => ({
        target: `${prefix}${letter}`,
        bus,
        source: `/images/${name}-${letter}.qcow2`,
      })),
    });
  const old = definitionOn('hd', 'ide');
  const common = { name, uuid, manners: { shutdown, boot }, mayForce, definition: old };
  switch (kind) {
    case 'off':
      return { ...common, live: undefined };
    case 'paused':
      return { ...common, live: old, state: 'paused' };
    case 'transient':
      return { ...common, live: old, isTransient: true };
    case 'saved':
      return { ...common, live: undefined, saved: old };
    case 'compliant':
      return { ...common, definition: definitionOn('vd', 'virtio'), live: definitionOn('vd', 'virtio') };
    case 'compliant and off':
      return { ...common, definition: definitionOn('vd', 'virtio'), live: undefined };
    case 'pending by hand':
      return { ...common, definition: definitionOn('hd', 'virtio'), live: old };
    default:
      return { ...common, live: old };
  }
}

const EDIT = ["<memory unit='KiB'>65536<", "<memory unit='KiB'>131072<"] as const;

/** The guests that somebody else has edited. */
const edited = new WeakSet<FakeGuest>();

/** Somebody else's virsh edit, of something that is no disk. */
export function editByHand(guest: FakeGuest): void {
  guest.definition = guest.definition.replace(...EDIT);
  edited.add(guest);
}

export function hasLostEdit(guest: FakeGuest): boolean {
  return edited.has(guest) && !guest.definition.includes(EDIT[1]);
}

export function withoutEdit(definition: string): string {
  return definition.replace(EDIT[1], EDIT[0]);
}

const READING = ['dominfo', 'domstate', 'domstats', 'qemu-agent-command'];

/** The commands before which, or in place of which, a mishap comes. */
const COMMANDS: Readonly<Record<Mishap['kind'], readonly string[]>> = {
  edited: [...READING, 'dumpxml'],
  undefined: READING,
  'dump gives nonsense': ['dumpxml'],
  'define is refused': ['define'],
};

/** Have what is to befall a guest happen in the runs that follow. */
export function befall(guest: FakeGuest | undefined, mishap: Mishap | undefined): void {
  if (guest === undefined || mishap === undefined) return;
  const { kind, at } = mishap;
  let count = 0;
  guest.meanwhile = (command) => {
    if (!COMMANDS[kind].includes(command) || ++count !== at) return undefined;
    if (kind === 'edited') editByHand(guest);
    if (kind === 'undefined') guest.undefineByHand();
    if (kind === 'dump gives nonsense') return { stdout: "<domain type='qemu'>\n  <name>", errors: [] };
    return kind === 'define is refused' ? fail('internal error: as the test wants') : undefined;
  };
}
