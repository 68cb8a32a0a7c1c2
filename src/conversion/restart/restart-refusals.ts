import type { Refusal } from '../../domain/finding.ts';
import { findLiveOnly } from '../../domain/live-only.ts';
import { readDefinition, selectText } from '../../domain/xml.ts';
import type { Session } from '../../virsh/session.ts';
import type { GuestFacts } from '../guest-facts.ts';
import { findStartProblems } from '../startability/startability.ts';

/**
 * What speaks against powering a guest off and starting it with another definition: what it would lose, whether it would
 * go off at all, and what would keep it from starting again, with its new definition and with its old one.
 * @param after the definition that it would be started with.
 */
export async function restartRefusals(session: Session, facts: GuestFacts, after: string): Promise<Refusal[]> {
  const { name, definition, live } = facts;
  const startProblems = await findStartProblems(session, { name, before: definition, after, live });
  if (live === undefined) return startProblems;
  return [...lossRefusals(definition, live), ...neverOffRefusals(name, live), ...startProblems];
}

function lossRefusals(persistent: string, live: string): Refusal[] {
  const lost = findLiveOnly(persistent, live);
  if (lost.length === 0) return [];
  return [
    {
      code: 'live-differs',
      message: `A power-off would lose what only the running guest has: ${joinWords(lost)}.`,
      hint: 'Make it permanent (virsh attach-disk, attach-device, change-media, setvcpus with --config), or restart the guest by hand; --accept live-differs --reason TEXT if it may be lost.',
    },
  ];
}

/** on_poweroff=restart: the guest is reset within the QEMU that runs, which keeps the old disks. */
function neverOffRefusals(name: string, live: string): Refusal[] {
  const action = selectText(readDefinition(live), '/domain/on_poweroff') ?? 'destroy';
  if (action !== 'restart' && action !== 'rename-restart') return [];
  return [
    {
      code: 'never-off',
      message: `The guest never goes off (on_poweroff is '${action}'): it would come up again with its old disks.`,
      hint: `Let it go off this time: virsh set-lifecycle-action ${name} poweroff destroy --live.`,
    },
  ];
}

function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
