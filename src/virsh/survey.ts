import { dumpInBulk } from './bulk.ts';
import { isLocal, runsInVirsh } from './connection-uri.ts';
import { type DumpOptions, dumpDefinition } from './definitions.ts';
import type { GuestId } from './guests.ts';
import type { Session } from './session.ts';

/** What libvirt's lists tell of all guests at once, so that most of them need not be asked about one by one. */
export interface Survey {
  /** Whether the guest is off, with a definition that stays and without a managed save. False also where that is not known. */
  isPlainlyOff(guest: GuestId): Promise<boolean>;
  /** Whether it is so and has neither snapshot nor checkpoint. */
  hasNoPast(guest: GuestId): Promise<boolean>;
  /** Ask for the lists already, while something else is waited for. */
  lookAhead(): void;
  /** Tell which guests are going to be asked about, and in which order. */
  expect(guests: readonly GuestId[]): void;
  /** The persistent definition, as it was at most some seconds ago. */
  definition(guest: GuestId, options: DumpOptions): Promise<string>;
}

const PLAINLY_OFF = ['--state-shutoff', '--persistent', '--without-managed-save'];
const WITHOUT_PAST = [...PLAINLY_OFF, '--without-snapshot', '--without-checkpoint'];

/** What may have changed since is looked at once more before a guest is changed. */
const FRESH_MS = 5000;

export function createSurvey(session: Session): Survey {
  const lists = new Map<readonly string[], { readonly at: number; readonly uuids: Promise<ReadonlySet<string>> }>();
  const read = (filters: readonly string[]): Promise<ReadonlySet<string>> => {
    const known = lists.get(filters);
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return known.uuids;
    const uuids = listUuids(session, filters);
    lists.set(filters, { at: Date.now(), uuids });
    return uuids;
  };
  return {
    isPlainlyOff: async ({ uuid }) => (await read(WITHOUT_PAST)).has(uuid) || (await read(PLAINLY_OFF)).has(uuid),
    hasNoPast: async ({ uuid }) => (await read(WITHOUT_PAST)).has(uuid),
    lookAhead() {
      read(WITHOUT_PAST).catch(() => {}); // whoever needs it is told
    },
    ...readAhead(session),
  };
}

/** With fewer, a virsh of their own is not worth its start. */
const MANY = 8;
/** As many as fit into one argument of a command (128 KiB). */
const AHEAD = 1000;

/** Definitions are read ahead, many at a time; before one is changed, it is read and compared once more. */
function readAhead(session: Session): Pick<Survey, 'expect' | 'definition'> {
  const isPossible = isLocal(session.uri) && !runsInVirsh(session.uri);
  let expected: readonly GuestId[] = [];
  let ahead = AHEAD;
  let known: { readonly at: number; readonly definitions: Map<string, Promise<string | undefined>> } | undefined;
  let taken = 0;
  const find = (guest: GuestId, options: DumpOptions): Promise<string | undefined> | undefined => {
    const isOld = known !== undefined && Date.now() - known.at > FRESH_MS;
    if (isOld) ahead = Math.max(MANY, taken); // there is no use in going further ahead than was needed while it was fresh
    if (isOld || known?.definitions.has(guest.uuid) !== true) {
      const from = expected.findIndex(({ uuid }) => uuid === guest.uuid);
      const next = from < 0 ? [] : expected.slice(from, from + ahead);
      if (next.length < MANY) return undefined;
      known = { at: Date.now(), definitions: new Map(dumpInBulk(session.uri, next, options)) };
      taken = 0;
    }
    const definition = known?.definitions.get(guest.uuid);
    known?.definitions.delete(guest.uuid);
    taken += 1;
    return definition;
  };
  return {
    expect(guests) {
      expected = isPossible ? guests : [];
    },
    definition: async (guest, options) =>
      (await find(guest, options)) ?? (await dumpDefinition(session, guest, options)),
  };
}

/** A driver that can't filter so tells of none. */
async function listUuids(session: Session, filters: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout, errors } = await session.run(['list', ...filters, '--uuid']);
  return new Set(errors.length > 0 ? [] : stdout.split('\n').map((line) => line.trim()));
}
