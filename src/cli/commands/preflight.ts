import { withHost } from '../../conversion/open-host.ts';
import { planOnly } from '../../conversion/plan-only.ts';
import type { SelectionOptions } from '../../conversion/resolve-selection.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { type EvidenceOptions, readConversionOptions } from '../conversion-options.ts';
import { readJobs } from '../restart-options.ts';

export interface PreflightOptions extends SelectionOptions, EvidenceOptions {
  readonly jobs: string;
}

/** Prove that guests can boot from virtio, and show the evidence. Guests are asked, never changed. */
export async function preflight(context: CommandContext, argv: PreflightOptions): Promise<CommandReport> {
  const conversion = await readConversionOptions(argv);
  const { reading, onGuest } = context;
  const jobs = readJobs(argv.jobs);
  return withHost(reading, async (host) => {
    const selection = { ...argv, all: argv.all || argv.guests.length === 0 };
    const plans = await planOnly(host, selection, conversion, { remember: true, jobs, onGuest });
    return { host: host.host, dryRun: false, recovered: [], ...plans };
  });
}
