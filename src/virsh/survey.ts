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

/**
 * Guests that are not plainly off, and those with a past: of most hosts' few, while virsh takes longer for long lists.
 * One that is off has a definition that stays, else it would be gone. Their states come first: one that is saved in
 * between is in that list.
 */
const NOT_PLAINLY_OFF = [['--state-running', '--state-paused', '--state-other'], ['--with-managed-save']];
const WITH_PAST = [['--with-snapshot'], ['--with-checkpoint']];

/** The UUIDs of the guests that are listed; undefined where libvirt does not tell. */
type Listed = ReadonlySet<string> | undefined;

interface Lists {
  readonly notPlainlyOff: Listed;
  readonly withPast: Listed;
}

/** What may have changed since is looked at once more before a guest is changed. */
const FRESH_MS = 5000;

export function createSurvey(session: Session): Survey {
  let known: { readonly at: number; readonly lists: Promise<Lists> } | undefined;
  const read = (): Promise<Lists> => {
    if (known === undefined || Date.now() - known.at > FRESH_MS) known = { at: Date.now(), lists: readLists(session) };
    return known.lists;
  };
  return {
    isPlainlyOff: async (guest) => isAbsent(guest, (await read()).notPlainlyOff),
    async hasNoPast(guest) {
      const { notPlainlyOff, withPast } = await read();
      return isAbsent(guest, notPlainlyOff) && isAbsent(guest, withPast);
    },
    lookAhead() {
      read().catch(() => {}); // whoever needs it is told
    },
    ...readAhead(session),
  };
}

/** False also where that is not known. */
function isAbsent({ uuid }: GuestId, listed: Listed): boolean {
  return listed?.has(uuid) === false;
}

async function readLists(session: Session): Promise<Lists> {
  const [notPlainlyOff, withPast] = await Promise.all([
    listUuids(session, NOT_PLAINLY_OFF),
    listUuids(session, WITH_PAST),
  ]);
  return { notPlainlyOff, withPast };
}

/** The guests that any of the filters lets through. Not every driver knows each of them. */
async function listUuids(session: Session, filters: readonly (readonly string[])[]): Promise<Listed> {
  const answers = await Promise.all(filters.map((words) => session.run(['list', '--all', ...words, '--uuid'])));
  if (answers.some(({ errors }) => errors.length > 0)) return undefined;
  return new Set(answers.flatMap(({ stdout }) => stdout.split('\n').map((line) => line.trim())));
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
