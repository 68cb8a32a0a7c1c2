import { findInterrupted } from '../../conversion/find-interrupted.ts';
import { readHistory } from '../../conversion/read-history.ts';
import { VirtioizeError } from '../../error.ts';
import type { CommandContext, CommandReport } from '../command.ts';

export interface HistoryOptions {
  readonly guests: readonly string[];
}

/** What was done, when, by whom, on what evidence; guests that are gone by now included. */
export async function history({ reachHost }: CommandContext, argv: HistoryOptions): Promise<CommandReport> {
  const context = await reachHost();
  const all = await readHistory(context);
  const wanted = all.filter(
    ({ guest }) => argv.guests.length === 0 || argv.guests.includes(guest.name) || argv.guests.includes(guest.uuid),
  );
  const unknown = argv.guests.find((name) => all.every(({ guest }) => guest.name !== name && guest.uuid !== name));
  if (unknown !== undefined) {
    throw new VirtioizeError('no-such-guest', `There is no history of a guest '${unknown}'.`, {
      hint: "'virtioize history' shows all there is.",
    });
  }
  return {
    host: context.host,
    dryRun: false,
    guests: [],
    recovered: [],
    unfinished: await findInterrupted(context.places),
    history: wanted,
  };
}
