import { planGuest } from '../../conversion/plan-guest.ts';
import { planOnly } from '../../conversion/plan-only.ts';
import { recoverAll } from '../../conversion/recover.ts';
import type { SelectionOptions } from '../../conversion/resolve-selection.ts';
import type { GuestId } from '../../virsh/guests.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { type EvidenceOptions, readConversionOptions } from '../conversion-options.ts';
import { type RehearsalArguments, readRehearsalOptions } from '../rehearsal-options.ts';
import { readJobs } from '../restart-options.ts';

export interface PreflightOptions extends SelectionOptions, EvidenceOptions {
  readonly jobs: string;
}

/**
 * Prove that guests can boot from virtio, and show the evidence. Guests are asked, never changed. With `--rehearse`
 * clones of them are booted, for which the host's lock is held.
 */
export async function preflight(
  context: CommandContext,
  argv: PreflightOptions & RehearsalArguments,
): Promise<CommandReport> {
  if (argv.rehearse) return rehearseGuests(context, argv, 'undecided');
  const { onGuest, policy } = context;
  const optionsFor = readConversionOptions(argv, policy);
  const jobs = readJobs(argv.jobs);
  const host = await context.reachHost();
  const selection = { ...argv, all: argv.all || argv.guests.length === 0 };
  const plan = (guest: GuestId) => planGuest(host, guest, optionsFor(guest), { secrets: false, writes: true });
  const plans = await planOnly(host, selection, { plan, remember: true, jobs, onGuest });
  return { host: host.host, dryRun: false, recovered: [], ...plans };
}

/** The same, with a clone booted of guests that are off: of all, or of those that nothing cheaper decides. */
export async function rehearseGuests(
  context: CommandContext,
  argv: PreflightOptions & Omit<RehearsalArguments, 'rehearse'>,
  when: 'always' | 'undecided',
): Promise<CommandReport> {
  const { onGuest, policy } = context;
  const optionsFor = readConversionOptions(argv, policy, readRehearsalOptions(argv, when));
  const jobs = readJobs(argv.jobs);
  const host = await context.reachLockedHost();
  const recovered = await recoverAll(host);
  const selection = { ...argv, all: argv.all || (when === 'undecided' && argv.guests.length === 0) };
  const plan = (guest: GuestId) => planGuest(host, guest, optionsFor(guest), { secrets: false, writes: true });
  const plans = await planOnly(host, selection, { plan, remember: true, jobs, onGuest });
  return { host: host.host, dryRun: false, recovered, ...plans };
}
