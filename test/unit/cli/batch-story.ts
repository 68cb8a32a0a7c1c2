import { type ConvertOptions, convertOn, readConvertRequest } from '../../../src/cli/commands/convert.ts';
import type { RunReport } from '../../../src/cli/report.ts';
import type { GuestResult } from '../../../src/conversion/result.ts';
import type { StepEvent } from '../../../src/conversion/run-context.ts';
import { isVirtioizeError, type VirtioizeError } from '../../../src/error.ts';
import { NO_POLICY, type Policy } from '../../../src/policy/policy.ts';
import type { FakeGuest } from '../conversion/fake-guest.ts';
import { createFakeLibvirt, type FakeLibvirt, type Fault } from '../conversion/fake-libvirt.ts';
import { pass } from '../virtual-clock.ts';
import { befall, type GuestStory, hasLostEdit, type Kind, specOf } from './batch-guest.ts';

export interface BatchStory {
  readonly guests: readonly GuestStory[];
  readonly restart: ConvertOptions['restart'];
  readonly maxFailures: number | undefined;
  readonly jobs: number;
  /** Within `45s` a guest that only writes is seen to go on; a batch may then last so long that it plans anew. */
  readonly bootTimeout: '12s' | '45s';
  /** What goes wrong with the first run as a whole. */
  readonly fault: Fault | undefined;
}

/** Where a guest stands between two runs. */
export interface Snapshot extends Pick<FakeGuest, 'name' | 'definition' | 'stands' | 'isGone' | 'isTransient'> {
  /** What somebody else has edited in its definition is not there any more. */
  readonly hasLostEdit: boolean;
}

/** One run of convert over all guests, and what it did. */
export interface Run {
  /** Undefined where the run ended with an error. */
  readonly report: RunReport | undefined;
  readonly error: VirtioizeError | undefined;
  readonly before: readonly Snapshot[];
  readonly after: readonly Snapshot[];
  /** The changing commands. */
  readonly commands: readonly string[];
  /** The guests that were begun, and the results that were told, in their order. */
  readonly log: readonly (string | GuestResult)[];
}

/** A host in the middle of its story. */
export interface BatchHost extends FakeLibvirt {
  run(fault?: Fault): Promise<Run>;
}

const uuidOf = (n: number): string => `6f1ed5c8-3d02-4a6b-8f5c-${String(n + 1).padStart(12, '0')}`;

/** A host with the guests of a story, to whom their mishaps are about to happen; those at `left` are not there. */
export async function createBatchHost(
  { guests, ...options }: Omit<BatchStory, 'fault'>,
  left: ReadonlySet<number> = new Set(),
): Promise<BatchHost> {
  const stories = guests.flatMap((guest, n) => (left.has(n) ? [] : [{ ...guest, name: `g${n}`, uuid: uuidOf(n) }]));
  const specs = stories.map((story) => specOf(story, options.restart === 'force'));
  const libvirt = await createFakeLibvirt(specs, pass);
  const named = (...kinds: Kind[]): string[] =>
    stories.flatMap(({ kind, name }) => (kinds.includes(kind) ? [name] : []));
  const policy = policyFor(
    stories.flatMap(({ kind, name }) => (kind === 'unproven' ? [] : [name])),
    named('waived'),
  );
  const pending = named('pending');
  if (pending.length > 0)
    await convertAll(libvirt, policy, { ...options, restart: 'never', guests: pending, fault: undefined });
  for (const [n, { mishap }] of stories.entries()) befall(libvirt.guests[n], mishap);
  return { ...libvirt, run: (fault) => convertAll(libvirt, policy, { ...options, fault }) };
}

/** From now on nothing goes wrong with any guest. */
export async function goOnInPeace(libvirt: FakeLibvirt): Promise<void> {
  libvirt.betweenRuns();
  for (const guest of libvirt.guests) {
    guest.meanwhile = () => undefined;
    guest.manners = { shutdown: 'goes off', boot: 'up' };
  }
  await pass(60_000);
}

interface Asked extends Pick<BatchStory, 'restart' | 'maxFailures' | 'jobs' | 'bootTimeout'> {
  /** All where none is named. */
  readonly guests?: readonly string[];
  readonly fault?: Fault | undefined;
}

async function convertAll(libvirt: FakeLibvirt, policy: Policy, asked: Asked): Promise<Run> {
  const { guests = [], restart, maxFailures, jobs, bootTimeout, fault } = asked;
  const argv: ConvertOptions = {
    guests,
    all: guests.length === 0,
    exclude: [],
    state: undefined,
    from: 'ide,sata,scsi',
    requireEvidence: 'proven',
    assumeDriver: false,
    accept: [],
    reason: undefined,
    rename: false,
    rehearse: false,
    prime: false,
    primeTimeout: '2m',
    scratchDir: '/nowhere',
    scratchLimit: '8G',
    restart,
    shutdownTimeout: '5s',
    bootTimeout,
    waitTcp: undefined,
    rollback: true,
    jobs: String(jobs),
    restartJobs: String(jobs),
    maxFailures: maxFailures === undefined ? undefined : String(maxFailures),
    dryRun: false,
    yes: true,
  };
  const log: (string | GuestResult)[] = [];
  const onStep = ({ step, guest }: StepEvent): void => {
    if (step === 'begin') log.push(guest);
  };
  const host = libvirt.openRun(fault, onStep);
  const { uri, interrupted } = host;
  const context = {
    io: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: {} },
    reachHost: async () => host,
    reachLockedHost: async () => host,
    policy,
    tellsNewsOnly: false,
    interrupted,
    onGuest: (result: GuestResult) => void log.push(result),
    showPlan: async () => {},
    pauseProgress: () => {},
  };
  const before = libvirt.guests.map(takeSnapshot);
  const done = libvirt.guests.map(({ commands }) => commands.length);
  const { report, error } = await convertOn(host, context, readConvertRequest(argv, policy)).then(
    (found) => ({
      report: { command: 'convert', connection: uri, startedAt: '', finishedAt: '', ...found },
      error: undefined,
    }),
    (thrown: unknown) => {
      if (!isVirtioizeError(thrown)) throw thrown;
      return { report: undefined, error: thrown };
    },
  );
  return {
    report,
    error,
    before,
    after: libvirt.guests.map(takeSnapshot),
    commands: libvirt.guests.flatMap(({ commands }, n) => commands.slice(done[n])),
    log,
  };
}

function takeSnapshot(guest: FakeGuest): Snapshot {
  const { name, definition, stands, isGone, isTransient } = guest;
  return { name, definition, stands, isGone, isTransient, hasLostEdit: hasLostEdit(guest) };
}

function policyFor(attested: readonly string[], waived: readonly string[]): Policy {
  const common = { reason: 'a test', expires: '9999-12-31' };
  return {
    ...NO_POLICY,
    file: 'config.yaml',
    attest: [{ ...common, guests: attested }],
    waive: [{ ...common, guests: waived, rules: ['VIO-001'] }],
  };
}
