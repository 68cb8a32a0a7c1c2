import { readChainNeeds } from '../../domain/disk-needs.ts';
import type { Refusal } from '../../domain/finding.ts';
import { readStartNeeds, type StartNeed } from '../../domain/start-needs.ts';
import type { Session } from '../../virsh/session.ts';
import { findCommandLineProblems } from './command-line-problems.ts';
import { openHostSupply } from './host-supply.ts';
import { lackRefusal } from './lack-refusal.ts';
import type { Side } from './start-refusal.ts';

/** A guest that is to be powered off and started again: with its new definition, or, should that fail, with its old one. */
export interface RestartDefinitions {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** The running instance, where there is one. */
  readonly live: string | undefined;
}

/**
 * All that would keep a guest from being started again, told while it can still be left running: what either definition
 * needs and the host lacks, and what libvirt says to its emulator and machine type. What can't be judged from here is no
 * refusal.
 * @throws VirtioizeError `connection-lost`, `command-timeout`
 */
export async function findStartProblems(session: Session, definitions: RestartDefinitions): Promise<Refusal[]> {
  const { name, before, live } = definitions;
  const supply = await openHostSupply(session, live ?? before);
  const [lacking, commandLine] = await Promise.all([
    Promise.all(
      gatherNeeds(definitions).map(async ({ need, side }) => {
        const lack = await supply.findLack(need);
        return lack === undefined ? [] : [lackRefusal({ name, need, lack, side })];
      }),
    ),
    findCommandLineProblems(session, definitions),
  ]);
  return [...lacking.flat(), ...commandLine];
}

/** Each need once. The emulator is left to libvirt, whose word about it holds for other machines, too. */
function gatherNeeds({ before, after, live }: RestartDefinitions): { need: StartNeed; side: Side }[] {
  const old = byPlace(readStartNeeds(before));
  const next = byPlace(readStartNeeds(after));
  const chains = byPlace(live === undefined ? [] : readChainNeeds(before, live));
  const all = new Map([...chains, ...next, ...old]);
  return [...all].map(([place, need]) => {
    const inBoth = (old.has(place) && next.has(place)) || chains.has(place);
    return { need, side: inBoth ? 'both' : old.has(place) ? 'old' : 'new' };
  });
}

function byPlace(needs: readonly StartNeed[]): Map<string, StartNeed> {
  const judged = needs.filter((need) => !('role' in need && need.role === 'emulator'));
  return new Map(judged.map((need) => [placeOf(need), need]));
}

function placeOf(need: StartNeed): string {
  if ('path' in need) return need.path;
  return need.kind === 'volume' ? JSON.stringify([need.pool, need.volume]) : JSON.stringify([need.kind, need.name]);
}
