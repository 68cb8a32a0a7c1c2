import { summarizeRules } from '../compliance/guest-compliance.ts';
import { judgeGuest, judgeUnreadable } from '../compliance/judge-guest.ts';
import type { RuleResult } from '../compliance/rule-result.ts';
import type { EmulatedBus } from '../domain/emulated-bus.ts';
import { type ErrorCode, isVirtioizeError, type VirtioizeError } from '../error.ts';
import type { StoredEvidence } from '../store/evidence.ts';
import type { ChangeRecord } from '../store/record.ts';
import type { GuestId } from '../virsh/guests.ts';
import type { Session } from '../virsh/session.ts';
import { driftRefusal } from './assess.ts';
import { attemptGuest, describeError } from './attempt-guest.ts';
import { type ConditionFacts, describeCondition, instanceDrift } from './guest-condition.ts';
import { type GuestFacts, readInstanceFacts, readStoredFacts, type StoredFacts } from './guest-facts.ts';
import { describeStatus, type ReadingContext, type StatusFacts } from './guest-status.ts';
import type { GuestResult } from './result.ts';

export interface CheckOptions {
  readonly buses: ReadonlySet<EmulatedBus>;
  /** The UUID of the machine that virtioize runs on, in case it is a guest itself. */
  readonly self: string | undefined;
  /** Marks the failures of a guest that a waiver covers. */
  readonly waive: (guest: GuestId, results: readonly RuleResult[]) => RuleResult[];
}

/**
 * What the rules say of one guest. libvirt is asked, never the guest, and nothing is written. Where it can't be read
 * they say `error`, where its instance alone can't, `unknown`; the result then tells why.
 * @throws VirtioizeError for what concerns the whole run: the connection, permission.
 */
export async function checkGuest(context: ReadingContext, guest: GuestId, options: CheckOptions): Promise<GuestResult> {
  const result = await attemptGuest(guest, () => readAndJudge(context, guest, options));
  if (result.compliance !== undefined) return result;
  return { ...result, compliance: judgeUnreadable(result.error?.message ?? 'It could not be read.') };
}

async function readAndJudge(context: ReadingContext, guest: GuestId, options: CheckOptions): Promise<GuestResult> {
  const read = await readCheckFacts(context, guest);
  const status = await describeStatus(context, read, options.buses, options.self);
  return judge(guest, read, status, options);
}

interface CheckFacts extends StatusFacts, ConditionFacts {
  /** What could not be read. */
  readonly trouble: VirtioizeError | undefined;
}

function readCheckFacts(context: ReadingContext, guest: GuestId): Promise<CheckFacts> {
  const { session, kept, report } = context;
  report({ guest: guest.name, step: 'read' });
  const reads = [
    readStoredFacts(context, guest, { secrets: false }),
    attempt('record-unreadable', () => kept.records(guest.uuid)),
    kept.evidence(guest.uuid),
  ] as const;
  return Promise.all(reads).then((read) => addInstance(session, ...read));
}

async function addInstance(
  session: Session,
  known: StoredFacts,
  history: Attempted<ChangeRecord[]>,
  stored: StoredEvidence | undefined,
): Promise<CheckFacts> {
  const seen = await attempt('command-failed', () => readInstanceFacts(session, known));
  // Damaged records are told, but do not keep the rules from being evaluated.
  const records = history.value ?? [];
  const facts: GuestFacts = { ...known, live: undefined, saved: undefined, ...seen.value };
  return { facts, records, stored, isInstanceKnown: seen.error === undefined, trouble: seen.error ?? history.error };
}

function judge(guest: GuestId, read: CheckFacts, status: GuestResult, { buses, waive }: CheckOptions): GuestResult {
  const { inventory = [] } = status;
  const compliance = waive(guest, judgeGuest(describeCondition(read, inventory, buses)));
  return { ...status, ...conclude(status, read, compliance), compliance };
}

/** What the rules make of a guest, in the words of all commands. */
function conclude(
  { outcome }: GuestResult,
  { facts, trouble }: CheckFacts,
  compliance: readonly RuleResult[],
): Partial<GuestResult> {
  if (trouble !== undefined) return { outcome: 'failed', error: describeError(trouble) };
  const word = summarizeRules(compliance);
  if (word === 'waived') return { outcome: 'skipped' };
  if (word === 'compliant' || outcome !== 'compliant') return {};
  // Its disks are as they should be, and their images are not.
  return { outcome: 'refused', refusals: instanceDrift(facts).map(driftRefusal) };
}

interface Attempted<T> {
  readonly value?: T;
  readonly error?: VirtioizeError;
}

/** What was read, or an error of this one kind. */
async function attempt<T>(code: ErrorCode, read: () => Promise<T>): Promise<Attempted<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (isVirtioizeError(error, code)) return { error };
    throw error;
  }
}
