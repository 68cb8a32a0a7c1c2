import type { Refusal } from '../../domain/finding.ts';
import type { DiskChange } from '../../domain/rewrite.ts';
import { readDefinition, selectElements } from '../../domain/xml.ts';
import { agentStartUp } from '../../preflight/agent/agent-start-up.ts';
import type { StartUp } from '../../preflight/linux/start-up.ts';
import { shorten } from '../../preflight/shorten.ts';
import { askAgent } from '../../virsh/agent.ts';
import type { GuestFacts } from '../guest-facts.ts';
import type { RestartOptions } from '../guest-plan.ts';
import type { HostContext } from '../run-context.ts';
import { restartRefusals } from './restart-refusals.ts';

/** How a guest would be restarted, and what speaks against it. */
export interface RestartPlan {
  readonly options: RestartOptions;
  readonly startUp: StartUp;
  /** The disks that are watched when it comes up. */
  readonly moves: readonly DiskChange[];
  readonly refusals: readonly Refusal[];
}

export interface RestartSubject {
  readonly facts: GuestFacts;
  readonly options: RestartOptions;
  /** The definition that it would start with. */
  readonly after: string;
  readonly moves: RestartPlan['moves'];
}

/** See whether a running guest can be shut down and started again, with nobody at its console. Read-only. */
export async function planRestart(
  { session }: HostContext,
  { facts, options, after, moves }: RestartSubject,
): Promise<RestartPlan> {
  const startUp = await agentStartUp(
    (execute, args, timeoutSeconds) =>
      askAgent(session, facts, args === undefined ? { execute } : { execute, arguments: args }, timeoutSeconds),
    facts.live,
  );
  const refusals = [...(await restartRefusals(session, facts, after)), ...passphraseRefusals(facts, startUp)];
  return { options, startUp, moves, refusals };
}

function passphraseRefusals({ definition }: GuestFacts, { askedFor }: StartUp): Refusal[] {
  if (askedFor !== undefined && askedFor.length > 0) {
    return [
      {
        code: 'needs-passphrase',
        message: `When it starts, its system asks for a passphrase at the console (/etc/crypttab: ${askedFor.slice(0, 3).map(shorten).join(', ')}).`,
        hint: 'Restart it yourself, with somebody at its console: convert it with --restart never.',
      },
    ];
  }
  if (askedFor !== undefined || selectElements(readDefinition(definition), '/domain/devices/tpm').length === 0)
    return [];
  return [
    {
      code: 'needs-passphrase',
      message:
        'It has a TPM, which may hold the key of its disks, and its system can not be asked: after a change of its hardware it may want a recovery key at the console.',
      hint: 'Suspend the protection for one restart (BitLocker: manage-bde -protectors -disable C: -rebootcount 1), then --accept needs-passphrase --reason TEXT.',
    },
  ];
}
