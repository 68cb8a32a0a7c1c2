import { carryOut } from '../../conversion/carry-out.ts';
import { planResult } from '../../conversion/convert-guest.ts';
import { type GuestFacts, readGuestFacts } from '../../conversion/guest-facts.ts';
import { keepEvidence } from '../../conversion/keep-evidence.ts';
import { planGuest } from '../../conversion/plan-guest.ts';
import { primeGuest, primeRefusals } from '../../conversion/prime/prime-guest.ts';
import { readinessOf } from '../../conversion/readiness.ts';
import { recoverAll } from '../../conversion/recover.ts';
import type { SelectionOptions } from '../../conversion/resolve-selection.ts';
import { emptyResult, type GuestResult } from '../../conversion/result.ts';
import type { Refusal } from '../../domain/finding.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { confirmChange } from '../confirm.ts';
import { NOTHING_TAKEN_ON, readConversionOptions } from '../conversion-options.ts';
import { readPrimeOptions } from '../rehearsal-options.ts';
import { readJobs } from '../restart-options.ts';

export interface PrimeOptions extends SelectionOptions {
  readonly from: string;
  readonly scratchDir: string;
  readonly primeTimeout: string;
  readonly jobs: string;
  readonly yes: boolean;
}

interface PrimePlan {
  readonly facts: GuestFacts;
  readonly refusals: readonly Refusal[];
}

/** Have running guests bind their driver: plug a small virtio disk in for a while, then see what is proven. */
export async function prime(context: CommandContext, argv: PrimeOptions): Promise<CommandReport> {
  const { onGuest, policy } = context;
  const optionsFor = readConversionOptions({ ...argv, ...NOTHING_TAKEN_ON }, policy);
  const jobs = readJobs(argv.jobs);
  const options = readPrimeOptions(argv);
  const host = await context.reachLockedHost();
  const recovered = await recoverAll(host);
  const guests = await carryOut(host, argv, {
    async plan(guest): Promise<PrimePlan> {
      const facts = await readGuestFacts(host, guest, { secrets: false });
      return { facts, refusals: primeRefusals(facts, host.uri) };
    },
    asPlanned,
    async run({ facts }) {
      const problem = await primeGuest(host, facts, options);
      const plan = await planGuest(host, facts, optionsFor(facts), { secrets: false, writes: true });
      const result: GuestResult = { ...planResult(plan), ...readinessOf(plan) };
      await keepEvidence(host, result);
      return problem === undefined ? result : refused(result, problem);
    },
    confirm: (plans) => confirmChange(context, { verb: 'Plug a disk into', plans, yes: argv.yes }),
    onResult: onGuest,
    recovered,
    planJobs: jobs,
    jobs,
    maxFailures: Number.POSITIVE_INFINITY,
    isFailure: ({ outcome }) => outcome === 'failed' || outcome === 'needs-attention',
  });
  return { host: host.host, dryRun: false, recovered, unfinished: [], guests };
}

function asPlanned({ facts, refusals }: PrimePlan): GuestResult {
  const { state } = facts;
  return { ...emptyResult(facts), state, refusals, outcome: refusals.length > 0 ? 'refused' : 'planned' };
}

/** What kept the disk from being taken up comes first. */
function refused({ ready: _, ...result }: GuestResult, problem: Refusal): GuestResult {
  return { ...result, outcome: 'refused', ready: 'not-yet', refusals: [problem, ...result.refusals] };
}
