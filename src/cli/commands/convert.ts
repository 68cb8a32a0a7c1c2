import { carryOut } from '../../conversion/carry-out.ts';
import { convertGuest, planResult } from '../../conversion/convert-guest.ts';
import type { ConversionOptions, GuestPlan } from '../../conversion/guest-plan.ts';
import { planGuest, refreshPlan } from '../../conversion/plan-guest.ts';
import { planOnly } from '../../conversion/plan-only.ts';
import type { PrimeOptions } from '../../conversion/prime/prime-guest.ts';
import { needsPriming, primeThenPlan } from '../../conversion/prime/prime-where-needed.ts';
import { recoverAll } from '../../conversion/recover.ts';
import { startWanted } from '../../conversion/restart/start-wanted.ts';
import { emptyResult, type GuestResult, type Outcome } from '../../conversion/result.ts';
import type { ChangeContext } from '../../conversion/run-context.ts';
import { noteTold } from '../../conversion/told/note-told.ts';
import { VirtioizeError } from '../../error.ts';
import { dayOf, findWaiver } from '../../policy/exceptions.ts';
import type { Policy } from '../../policy/policy.ts';
import type { GuestId } from '../../virsh/guests.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { confirmChange } from '../confirm.ts';
import { readConversionOptions } from '../conversion-options.ts';
import { pruneAsAsked } from '../prune-as-asked.ts';
import { type RehearsalArguments, readPrimeOptions, readRehearsalOptions } from '../rehearsal-options.ts';
import { type RestartArguments, type RunLimits, readRunLimits } from '../restart-options.ts';
import type { PreflightOptions } from './preflight.ts';

export interface ConvertOptions extends PreflightOptions, RestartArguments, RehearsalArguments {
  readonly prime: boolean;
  readonly primeTimeout: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

const FAILURES: ReadonlySet<Outcome> = new Set(['failed', 'rolled-back', 'needs-attention']);

/** What is asked of all guests and of each. */
export interface ConvertRequest {
  readonly argv: ConvertOptions;
  readonly optionsFor: (guest: GuestId) => ConversionOptions;
  readonly limits: RunLimits;
  /** Plug a small virtio disk into guests that are not proven; undefined where none is. */
  readonly priming?: PrimeOptions;
}

/** @throws VirtioizeError `usage` */
export function readConvertRequest(argv: ConvertOptions, policy: Policy): ConvertRequest {
  if (argv.dryRun && (argv.rehearse || argv.prime)) {
    throw new VirtioizeError('usage', '--dry-run changes nothing: --rehearse and --prime go without it.', {
      hint: 'virtioize rehearse and virtioize prime do that alone.',
    });
  }
  const rehearsal = argv.rehearse ? readRehearsalOptions(argv, 'undecided') : undefined;
  return {
    argv,
    optionsFor: readConversionOptions(argv, policy, rehearsal),
    limits: readRunLimits(argv),
    ...(argv.prime ? { priming: readPrimeOptions(argv) } : {}),
  };
}

/** Move the emulated disks of guests to virtio: preflight, back up, rewrite, redefine, verify, restart where that is asked for. */
export async function convert(context: CommandContext, argv: ConvertOptions): Promise<CommandReport> {
  const { onGuest, policy } = context;
  const request = readConvertRequest(argv, policy);
  if (!argv.dryRun) return convertOn(await context.reachLockedHost(), context, request);
  const { optionsFor, limits } = request;
  const host = await context.reachHost();
  const plan = async (guest: GuestId) =>
    waivedResult(policy, guest) ?? planGuest(host, guest, optionsFor(guest), { secrets: false, writes: false });
  const plans = await planOnly(host, argv, { plan, remember: false, jobs: limits.planJobs, onGuest });
  return { host: host.host, dryRun: true, recovered: [], ...plans };
}

/** The same, on a host that is this run's alone. */
export async function convertOn(
  host: ChangeContext,
  context: CommandContext,
  { argv, optionsFor, limits, priming }: ConvertRequest,
): Promise<CommandReport> {
  const { onGuest, policy } = context;
  const planFor = (guest: GuestId) => planGuest(host, guest, optionsFor(guest), { secrets: true, writes: true });
  const isToBePrimed = (plan: GuestPlan): boolean => priming !== undefined && needsPriming(plan, host.uri);
  const recovered = await recoverAll(host);
  const guests = await carryOut(host, argv, {
    plan: async (guest) => waivedResult(policy, guest) ?? planFor(guest),
    // what comes of it is seen once it was asked whether to go on
    asPlanned: (plan) => (isToBePrimed(plan) ? { ...planResult(plan), outcome: 'planned' } : planResult(plan)),
    async run(plan) {
      const options = optionsFor(plan.facts);
      const known =
        priming !== undefined && isToBePrimed(plan)
          ? await primeThenPlan(host, plan, () => planFor(plan.facts), priming)
          : await refreshPlan(host, plan, options);
      return convertGuest(host, known, options.reason);
    },
    confirm: (plans) => confirmChange(context, { verb: 'Convert', plans, yes: argv.yes }),
    onResult: onGuest,
    recovered,
    ...limits,
    isFailure: ({ outcome }) => FAILURES.has(outcome),
  });
  const late = argv.restart === 'never' ? [] : await startWanted(host);
  await pruneAsAsked(context, host);
  const report = { host: host.host, dryRun: false, recovered: [...recovered, ...late], unfinished: [], guests };
  return context.tellsNewsOnly ? { ...report, nothingNew: await noteTold(host, guests) } : report;
}

/** A guest that the policy leaves as it is. */
function waivedResult(policy: Policy, guest: GuestId): GuestResult | undefined {
  const waiver = findWaiver(policy, guest, 'VIO-001', dayOf(new Date()));
  if (waiver === undefined) return undefined;
  const { reason, expires } = waiver;
  const message = `Waived until ${expires} in ${policy.file}: ${reason}`;
  return { ...emptyResult(guest), outcome: 'skipped', warnings: [{ code: 'waived', message }] };
}
