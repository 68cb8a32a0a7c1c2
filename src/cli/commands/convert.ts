import { carryOut } from '../../conversion/carry-out.ts';
import { convertGuest, planResult } from '../../conversion/convert-guest.ts';
import { withHost, withLockedHost } from '../../conversion/open-host.ts';
import { planGuest, refreshPlan } from '../../conversion/plan-guest.ts';
import { planOnly } from '../../conversion/plan-only.ts';
import { primeWhereNeeded } from '../../conversion/prime/prime-where-needed.ts';
import { recoverAll } from '../../conversion/recover.ts';
import { startWanted } from '../../conversion/restart/start-wanted.ts';
import { emptyResult, type GuestResult, type Outcome } from '../../conversion/result.ts';
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
import { type RestartArguments, readRunLimits } from '../restart-options.ts';
import type { PreflightOptions } from './preflight.ts';

export interface ConvertOptions extends PreflightOptions, RestartArguments, RehearsalArguments {
  readonly prime: boolean;
  readonly primeTimeout: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

const FAILURES: ReadonlySet<Outcome> = new Set(['failed', 'rolled-back', 'needs-attention']);

/** Move the emulated disks of guests to virtio: preflight, back up, rewrite, redefine, verify, restart where that is asked for. */
export async function convert(context: CommandContext, argv: ConvertOptions): Promise<CommandReport> {
  const { reading, changing, onGuest, policy } = context;
  if (argv.dryRun && (argv.rehearse || argv.prime)) {
    throw new VirtioizeError('usage', '--dry-run changes nothing: --rehearse and --prime go without it.', {
      hint: 'virtioize rehearse and virtioize prime do that alone.',
    });
  }
  const rehearsal = argv.rehearse ? readRehearsalOptions(argv, 'undecided') : undefined;
  const optionsFor = await readConversionOptions(argv, policy, rehearsal);
  const priming = readPrimeOptions(argv);
  const limits = readRunLimits(argv);
  const waived = (guest: GuestId) => waivedResult(policy, guest);
  if (argv.dryRun) {
    return withHost(reading, async (host) => {
      const plan = async (guest: GuestId) =>
        waived(guest) ?? planGuest(host, guest, optionsFor(guest), { secrets: false, writes: false });
      const plans = await planOnly(host, argv, { plan, remember: false, jobs: limits.planJobs, onGuest });
      return { host: host.host, dryRun: true, recovered: [], ...plans };
    });
  }
  return withLockedHost(changing, async (host) => {
    const recovered = await recoverAll(host);
    const guests = await carryOut(host, argv, {
      async plan(guest) {
        const plan = () => planGuest(host, guest, optionsFor(guest), { secrets: true, writes: true });
        return waived(guest) ?? (argv.prime ? primeWhereNeeded(host, plan, priming) : plan());
      },
      asPlanned: planResult,
      run: async (plan) => {
        const options = optionsFor(plan.facts);
        return convertGuest(host, await refreshPlan(host, plan, options), options.reason);
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
  });
}

/** A guest that the policy leaves as it is. */
function waivedResult(policy: Policy, guest: GuestId): GuestResult | undefined {
  const waiver = findWaiver(policy, guest, 'VIO-001', dayOf(new Date()));
  if (waiver === undefined) return undefined;
  const { reason, expires } = waiver;
  const message = `Waived until ${expires} in ${policy.file}: ${reason}`;
  return { ...emptyResult(guest), outcome: 'skipped', warnings: [{ code: 'waived', message }] };
}
