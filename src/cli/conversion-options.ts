import pLimit from 'p-limit';
import type { ConversionOptions } from '../conversion/guest-plan.ts';
import type { RehearsalOptions } from '../conversion/rehearsal/rehearse.ts';
import { dayOf, exceptionsFor } from '../policy/exceptions.ts';
import type { Policy } from '../policy/policy.ts';
import { ownUuid } from '../store/host-key.ts';
import type { GuestId } from '../virsh/guests.ts';
import { checkReason, parseAccepted, parseBuses } from './options.ts';
import { type RestartArguments, readJobs, readRestartOptions } from './restart-options.ts';

export interface EvidenceOptions {
  readonly from: string;
  readonly requireEvidence: 'proven' | 'likely';
  readonly assumeDriver: boolean;
  readonly accept: readonly string[];
  readonly reason: string | undefined;
  readonly rename: boolean;
  readonly jobs: string;
}

/** Of a command that only finds out how guests stand. */
export const NOTHING_TAKEN_ON = {
  requireEvidence: 'proven',
  assumeDriver: false,
  accept: [],
  reason: undefined,
  rename: false,
} as const satisfies Omit<EvidenceOptions, 'from' | 'jobs'>;

/**
 * What is asked for each guest: by the command line for all of them, and by the policy for some.
 * @throws VirtioizeError `usage`
 */
export function readConversionOptions(
  argv: EvidenceOptions & Partial<RestartArguments>,
  policy: Policy,
  rehearsal?: RehearsalOptions,
): (guest: GuestId) => ConversionOptions {
  checkReason(argv);
  const restart = argv.restart === undefined ? undefined : readRestartOptions(argv as RestartArguments);
  const common = {
    buses: parseBuses(argv.from),
    rename: argv.rename,
    ownUuid: ownUuid(),
    inTurn: pLimit(readJobs(argv.jobs)),
    ...(rehearsal === undefined ? {} : { rehearsal }),
  };
  const accepted = parseAccepted(argv.accept);
  const today = dayOf(new Date());
  return (guest) => {
    const exceptions = exceptionsFor(policy, guest, today);
    const reasons = [argv.reason, exceptions.reason].filter((reason) => reason !== undefined);
    return {
      ...common,
      ...(restart === undefined || !exceptions.mayRestart ? {} : { restart }),
      requiredEvidence: exceptions.likelyIsEnough ? 'likely' : argv.requireEvidence,
      vouched: argv.assumeDriver || exceptions.vouched,
      accepted: new Set([...accepted, ...exceptions.accepted]),
      reason: reasons.length === 0 ? undefined : reasons.join('; '),
    };
  };
}
