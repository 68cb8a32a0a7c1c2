import { checkGuests } from '../../conversion/check-guests.ts';
import { findInterrupted } from '../../conversion/find-interrupted.ts';
import type { SelectionOptions } from '../../conversion/resolve-selection.ts';
import type { GuestResult } from '../../conversion/result.ts';
import { ownUuid } from '../../store/host-key.ts';
import type { HostPlaces } from '../../store/state-dir.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { parseBuses } from '../options.ts';

export interface CheckOptions extends SelectionOptions {
  readonly from: string;
  readonly screens: boolean;
}

/** Whether guests keep the rules (docs/compliance.md), for cron and monitoring. Asks libvirt only, changes nothing. */
export async function check(
  { reachHost, policy, onGuest, interrupted }: CommandContext,
  argv: CheckOptions,
): Promise<CommandReport> {
  const buses = parseBuses(argv.from);
  const isOfAll = argv.guests.length === 0 && argv.exclude.length === 0 && argv.state === undefined;
  const host = await reachHost();
  const selection = { ...argv, all: argv.all || argv.guests.length === 0 };
  const self = ownUuid();
  const checks = await checkGuests(host, selection, {
    buses,
    self,
    waivers: policy.waive,
    now: new Date(),
    onGuest,
  });
  return {
    host: host.host,
    dryRun: false,
    ...checks,
    ...(argv.screens ? { screens: await screensOf(host.places, checks.guests) } : {}),
    recovered: [],
    unfinished: await findInterrupted(host.places),
    isOfAll: isOfAll && !interrupted.aborted,
  };
}

async function screensOf(places: HostPlaces, guests: readonly GuestResult[]): Promise<ReadonlyMap<string, Buffer>> {
  return (await import('../../conversion/rehearsal/read-screens.ts')).readScreens(places, guests);
}
