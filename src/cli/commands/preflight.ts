import { withHost } from '../../conversion/open-host.ts';
import { planGuest } from '../../conversion/plan-guest.ts';
import { planOnly } from '../../conversion/plan-only.ts';
import type { SelectionOptions } from '../../conversion/resolve-selection.ts';
import type { GuestId } from '../../virsh/guests.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { type EvidenceOptions, readConversionOptions } from '../conversion-options.ts';
import { readJobs } from '../restart-options.ts';

export interface PreflightOptions extends SelectionOptions, EvidenceOptions {
  readonly jobs: string;
}

/** Prove that guests can boot from virtio, and show the evidence. Guests are asked, never changed. */
export async function preflight(context: CommandContext, argv: PreflightOptions): Promise<CommandReport> {
  const { reading, onGuest, policy } = context;
  const optionsFor = await readConversionOptions(argv, policy);
  const jobs = readJobs(argv.jobs);
  return withHost(reading, async (host) => {
    const selection = { ...argv, all: argv.all || argv.guests.length === 0 };
    const plan = (guest: GuestId) => planGuest(host, guest, optionsFor(guest), { secrets: false, writes: true });
    const plans = await planOnly(host, selection, { plan, remember: true, jobs, onGuest });
    return { host: host.host, dryRun: false, recovered: [], ...plans };
  });
}
