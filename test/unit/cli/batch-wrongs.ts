import { exitStatus } from '../../../src/cli/exit-status.ts';
import type { GuestResult, Outcome } from '../../../src/conversion/result.ts';
import { readDisks } from '../../../src/domain/disk.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';
import { EXIT_STATUS } from '../../../src/error.ts';
import { describeDisks } from '../conversion/fake-guest.ts';
import { type Kind, withoutEdit } from './batch-guest.ts';
import type { BatchStory, Run, Snapshot } from './batch-story.ts';

/** What each outcome is worth, worst first (SPEC, exit status); those that are not here are no outcomes of convert. */
const STATUS: Readonly<Partial<Record<Outcome, number>>> = {
  'needs-attention': 3,
  failed: 1,
  'rolled-back': 1,
  refused: 2,
  compliant: 0,
  converted: 0,
  skipped: 0,
};
const WORST_FIRST = [3, 1, 2, 0];
const FAILURES: readonly Outcome[] = ['failed', 'rolled-back', 'needs-attention'];

/** All that is wrong with how one run went. */
export function findWrongs(story: BatchStory, run: Run): string[] {
  const { report, error, before, after } = run;
  if (report === undefined) {
    const status = error === undefined ? undefined : EXIT_STATUS[error.code];
    return [
      ...(status === 69 || status === 73 ? [] : [`it ended with ${error?.code}`]),
      ...before.flatMap((one, n) => wrongsWhereLeft(one, after[n]).map((wrong) => `${one.name}: ${wrong}`)),
    ];
  }
  const { guests } = report;
  const names = before.filter(({ isGone }) => !isGone).map(({ name }) => name);
  const reported = guests.map(({ name }) => name).join();
  const told = run.log
    .flatMap((one) => (typeof one === 'string' ? [] : [one.name]))
    .sort()
    .join();
  return [
    ...(reported === names.join() ? [] : [`it reports ${reported}`]),
    ...(told === names.join() ? [] : [`it told of ${told}`]),
    ...wrongStatus(report),
    ...wrongBeginnings(story, run),
    ...after.flatMap(({ name, hasLostEdit }) => (hasLostEdit ? [`${name}: somebody else's edit is lost`] : [])),
    ...guests.flatMap((result) =>
      wrongsOfGuest(story, run, result).map((wrong) => `${result.name} (${result.outcome}): ${wrong}`),
    ),
  ];
}

/** Guests that can't be converted as they are, however often it is tried. */
const STUBBORN: ReadonlySet<Kind> = new Set(['paused', 'transient', 'saved', 'pending by hand', 'unproven']);

/** What a run in which nothing goes wrong has not done. */
export function findUndone(story: BatchStory, first: Run, second: Run): string[] {
  const { report, error } = second;
  if (report === undefined) return [`the second run ended with ${error?.code}: ${error?.message}`];
  const ended = report.guests.flatMap(({ name, outcome, refusals }) => {
    const kind = findStory(story, name)?.kind;
    const isTransient = second.before.some((one) => one.name === name && one.isTransient);
    const isStubborn = isTransient || (kind !== undefined && STUBBORN.has(kind));
    const mayBeRefused = isStubborn || refusals.some(({ code }) => code === 'failed-before');
    const isRight =
      ['compliant', 'converted'].includes(outcome) ||
      (outcome === 'refused' && mayBeRefused) ||
      (outcome === 'skipped' && kind === 'waived');
    return isRight ? [] : [`${name} is ${outcome} in the second run: ${JSON.stringify(refusals)}`];
  });
  const stopped = first.before.flatMap(({ name, stands }, n) => {
    const now = second.after[n];
    const isStopped = stands.startsWith('running') && now?.stands.startsWith('running') === false && !now.isGone;
    return isStopped ? [`${name} ran, and is ${now?.stands}`] : [];
  });
  const between = second.after.flatMap((now, n) => {
    const then = first.before[n];
    const isOne = then === undefined || now.isGone || isOnOneSide(then, now);
    return isOne ? [] : [`${now.name} is in between`];
  });
  return [...ended, ...stopped, ...between, ...wrongStatus(report)];
}

/** What a run does where there is nothing left to do. */
export function findRestless(second: Run, third: Run): string[] {
  const told = (run: Run): string => run.report?.guests.map(({ name, outcome }) => `${name} ${outcome}`).join() ?? '';
  const isSame = JSON.stringify(third.before) === JSON.stringify(third.after);
  return [
    ...(third.commands.length === 0 && isSame ? [] : [`the third run did ${third.commands.join()}`]),
    ...(third.report === undefined ? [`the third run ended with ${third.error?.code}`] : wrongStatus(third.report)),
    ...(third.report?.recovered.length === 0 ? [] : ['the third run had something to recover']),
    ...(third.report?.guests ?? []).flatMap(({ name, outcome, restart }) =>
      outcome === 'converted' && restart !== 'pending' ? [`${name} was converted only by the third run`] : [],
    ),
    ...(told(second).replaceAll(/converted/g, 'compliant') === told(third).replaceAll(/converted/g, 'compliant')
      ? []
      : [`the second run told ${told(second)}, the third ${told(third)}`]),
  ];
}

function wrongStatus(report: NonNullable<Run['report']>): string[] {
  const all = [
    ...report.guests.map(({ outcome }) => STATUS[outcome]),
    ...report.recovered.filter(({ outcome }) => outcome === 'needs-attention').map(() => 3),
  ];
  const worst = WORST_FIRST.find((status) => all.includes(status)) ?? 0;
  const actual = exitStatus(report);
  return actual === worst ? [] : [`its exit status is ${actual}, and should be ${worst}`];
}

/** Guests that were begun after so many had failed; those that were under way then may go on. */
function wrongBeginnings({ maxFailures, restart, jobs }: BatchStory, { log }: Run): string[] {
  const most = maxFailures ?? (restart === 'never' ? Number.POSITIVE_INFINITY : 1);
  let failures = 0;
  const late = log.filter((one) => {
    if (typeof one === 'string') return failures >= most;
    // One that failed while it was only looked at is no failed change.
    if (FAILURES.includes(one.outcome) && log.includes(one.name)) failures += 1;
    return false;
  });
  return late.length < jobs ? [] : [`it began ${late.length} after ${most} had failed`];
}

function wrongsOfGuest(story: BatchStory, { before, after }: Run, result: GuestResult): string[] {
  const n = before.findIndex(({ name }) => name === result.name);
  const [then, now] = [before[n], after[n]];
  if (then === undefined || now === undefined) return ['there is no such guest'];
  const wrongs = [
    ...(STATUS[result.outcome] === undefined ? ['it is no outcome of convert'] : []),
    ...wrongsOfSaying(story, result),
  ];
  // What somebody else has undefined is nothing that could be brought anywhere; that it stays so is checked.
  if (now.isGone || (now.isTransient && !then.isTransient)) return wrongs;
  return [...wrongs, ...wrongsOfBeing(result, then, now)];
}

function findStory({ guests }: BatchStory, name: string): BatchStory['guests'][number] | undefined {
  return guests[Number(name.slice(1))];
}

/** What a result must and must not have beside its outcome. */
function wrongsOfSaying(story: BatchStory, { name, outcome, restart, refusals, error }: GuestResult): string[] {
  const mode = story.restart;
  const isInPeace = story.fault === undefined && findStory(story, name)?.mishap === undefined;
  const isFailure = FAILURES.includes(outcome);
  const wrongs: [boolean, string][] = [
    [outcome === 'converted' && restart === undefined, 'it does not say whether it needs a restart'],
    [outcome !== 'converted' && outcome !== 'needs-attention' && restart !== undefined, `its restart is ${restart}`],
    [mode === 'never' && (restart === 'verified' || restart === 'unverified'), `it was restarted (${restart})`],
    [isFailure !== (error !== undefined), `its error is ${error?.code}`],
    [outcome === 'needs-attention' && isInPeace, 'nothing went wrong but what it can be brought back from'],
    [outcome === 'refused' && refusals.length === 0, 'it has no refusal'],
    [outcome === 'converted' && refusals.length > 0, `it has refusals: ${refusals.map(({ code }) => code).join()}`],
  ];
  return wrongs.flatMap(([isWrong, what]) => (isWrong ? [what] : []));
}

function wrongsOfBeing({ outcome, restart }: GuestResult, then: Snapshot, now: Snapshot): string[] {
  switch (outcome) {
    case 'converted':
      return [...wrongsOfNew(then, now), ...wrongsOfRunning(restart, then, now)];
    case 'rolled-back':
      return wrongsWhereLeft(asItRan(then), now);
    case 'needs-attention':
      return isOnOneSide(then, now) ? [] : ['its definition is in between'];
    default:
      return wrongsWhereLeft(then, now);
  }
}

/** A guest that should be as it was, but for what somebody else has done. */
function wrongsWhereLeft(then: Snapshot, now: Snapshot | undefined): string[] {
  if (now === undefined || now.isGone || now.isTransient !== then.isTransient) return [];
  return [
    ...(describe(then.definition) === describe(now.definition) ? [] : ['its definition is another']),
    ...(then.stands === now.stands ? [] : [`it was ${then.stands}, and is ${now.stands}`]),
  ];
}

function wrongsOfNew(then: Snapshot, now: Snapshot): string[] {
  return sideOf(then, now) === 'new' ? [] : ['its definition is not the new one'];
}

function wrongsOfRunning(restart: GuestResult['restart'], then: Snapshot, now: Snapshot): string[] {
  const isRestarted = restart === 'verified' || restart === 'unverified';
  const expected = isRestarted ? `running ${describeDisks(now.definition)}` : then.stands;
  const isOff = expected === 'off';
  return [
    ...(now.stands === expected ? [] : [`it should be ${expected}, and is ${now.stands}`]),
    ...((restart === 'not-needed') === isOff ? [] : [`its restart is ${restart}, and it is ${now.stands}`]),
  ];
}

/** A pending guest is put back to what it runs with. */
function asItRan(then: Snapshot): Snapshot {
  const definition = then.definition.replaceAll(/<target dev='(.*?)' bus='virtio'\/>/g, "<target dev='$1' bus='ide'/>");
  return { ...then, definition: then.stands.includes('on ide') ? definition : then.definition };
}

/** Whether a guest has its old or its new definition, or the one that it ran with. */
function isOnOneSide(then: Snapshot, now: Snapshot): boolean {
  return sideOf(then, now) !== undefined || sideOf(asItRan(then), now) !== undefined;
}

/** Which definition a guest has; undefined: neither. */
function sideOf(then: Snapshot, now: Snapshot): 'old' | 'new' | undefined {
  if (describe(then.definition) === describe(now.definition) && then.definition.includes("bus='ide'")) return 'old';
  const was = readDisks(parseDefinition(then.definition));
  const is = readDisks(parseDefinition(now.definition));
  const isMoved = is.every(({ bus, source }, n) => bus === 'virtio' && source === was[n]?.source);
  const isRest = withoutDisks(then.definition) === withoutDisks(now.definition);
  return isMoved && isRest && is.length === was.length ? 'new' : undefined;
}

/** A definition for comparison: what somebody else has edited in it is left out, as are addresses, which come and go. */
function describe(definition: string): string {
  return withoutDisks(definition) + describeDisks(definition);
}

function withoutDisks(definition: string): string {
  return withoutEdit(definition)
    .replaceAll(/<disk[\s\S]*?<\/disk>/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
