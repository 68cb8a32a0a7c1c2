import { withHost } from '../../conversion/open-host.ts';
import { planOnly } from '../../conversion/plan-only.ts';
import type { SelectionOptions } from '../../conversion/resolve-selection.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { type EvidenceOptions, readConversionOptions } from '../conversion-options.ts';

export interface PreflightOptions extends SelectionOptions, EvidenceOptions {}

/** Prove that guests can boot from virtio, and show the evidence. Guests are asked, never changed. */
export async function preflight(context: CommandContext, argv: PreflightOptions): Promise<CommandReport> {
  const conversion = await readConversionOptions(argv);
  const { reading, onGuest, interrupted } = context;
  return withHost(reading, async (host) => {
    const selection = { ...argv, all: argv.all || argv.guests.length === 0 };
    const plans = await planOnly(host, selection, conversion, { remember: true, interrupted, onGuest });
    return { host: host.host, dryRun: false, recovered: [], ...plans };
  });
}
