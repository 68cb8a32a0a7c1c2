import { adoptLiveSourcesOf } from '../../conversion/adopt-live-source.ts';
import { attemptGuest } from '../../conversion/attempt-guest.ts';
import { recoverAll } from '../../conversion/recover.ts';
import { resolveSelection } from '../../conversion/resolve-selection.ts';
import type { GuestResult } from '../../conversion/result.ts';
import { VirtioizeError } from '../../error.ts';
import { createSurvey } from '../../virsh/survey.ts';
import type { CommandContext, CommandReport } from '../command.ts';

export interface RecoverOptions {
  readonly guests: readonly string[];
  readonly adoptLiveSource: boolean;
}

/**
 * Finish or undo whatever an interrupted run left. What was left unfinished on this host is settled whichever guests
 * are named: no guest may stay in between.
 */
export async function recover(context: CommandContext, argv: RecoverOptions): Promise<CommandReport> {
  if (argv.adoptLiveSource && argv.guests.length === 0) {
    throw new VirtioizeError('usage', '--adopt-live-source needs the guests named.', {
      hint: 'virtioize status shows which guests have source-drift.',
    });
  }
  const host = await context.reachLockedHost();
  const selection = { guests: argv.guests, all: argv.guests.length === 0, exclude: [], state: undefined };
  // a survey of its own: what is settled next changes what this one has seen
  const asSeenBefore = { session: host.session, survey: createSurvey(host.session) };
  const selected = argv.guests.length === 0 ? [] : await resolveSelection(asSeenBefore, selection);
  const guests: GuestResult[] = [...(await recoverAll(host))];
  if (argv.adoptLiveSource)
    for (const guest of selected) guests.push(await attemptGuest(guest, () => adoptLiveSourcesOf(host, guest)));
  for (const result of guests) context.onGuest(result);
  return { host: host.host, dryRun: false, guests, recovered: [], unfinished: [] };
}
