import { attemptGuest } from '../../conversion/attempt-guest.ts';
import { findInterrupted } from '../../conversion/find-interrupted.ts';
import { readGuestStatus } from '../../conversion/guest-status.ts';
import { resolveSelection, type SelectionOptions } from '../../conversion/resolve-selection.ts';
import { READ_JOBS, settleAll } from '../../conversion/settle-all.ts';
import { ownUuid } from '../../store/host-key.ts';
import { createKept } from '../../store/kept.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { parseBuses } from '../options.ts';

export interface StatusOptions extends SelectionOptions {
  readonly from: string;
}

/** Every guest and disk: bus, verdict, what stands in the way. Asks libvirt only; no guest is entered. */
export async function status({ reachHost, onGuest }: CommandContext, argv: StatusOptions): Promise<CommandReport> {
  const buses = parseBuses(argv.from);
  const host = await reachHost();
  const context = { ...host, kept: createKept(host.places) };
  const selected = await resolveSelection(context, { ...argv, all: argv.all || argv.guests.length === 0 });
  const self = ownUuid();
  const guests = await settleAll(selected, READ_JOBS, async (guest) => {
    const result = await attemptGuest(guest, () => readGuestStatus(context, guest, buses, self));
    onGuest(result);
    return result;
  });
  return {
    host: context.host,
    dryRun: false,
    guests,
    recovered: [],
    unfinished: await findInterrupted(context.places),
  };
}
