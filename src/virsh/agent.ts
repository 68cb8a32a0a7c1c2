import type { GuestId } from './guests.ts';
import type { Session } from './session.ts';

/** What became of a command to the guest agent. */
export type AgentAnswer =
  | { readonly kind: 'answer'; readonly value: unknown }
  /** The agent refused: too old for the command, the command blocked, or it failed inside the guest. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Nobody answers: no agent, not started yet, or hanging. */
  | { readonly kind: 'silent'; readonly message: string };

const SILENT =
  /agent is not (?:connected|responding|available|configured)|not configured|timed out|timeout|not running|unresponsive/i;

/** libvirt itself may wait for 30 s for whatever else goes on with the guest, and then for the agent to be in step. */
const LIBVIRT_MS = 60_000;

/**
 * Send one command to the agent inside a running guest. What comes back is the guest's word: of bounded size (libvirt
 * lets 4 to 10 MiB through) and of any shape.
 * @param timeoutSeconds how long the guest may take, in whole seconds.
 */
export async function askAgent(
  session: Session,
  { uuid }: GuestId,
  command: { readonly execute: string; readonly arguments?: Readonly<Record<string, unknown>> },
  timeoutSeconds = 10,
): Promise<AgentAnswer> {
  const words = ['qemu-agent-command', uuid, '--timeout', String(timeoutSeconds), asciiJson(command)];
  const { stdout, errors } = await session.run(words, { timeoutMs: timeoutSeconds * 1000 + LIBVIRT_MS });
  const text = stdout.trim();
  if (text.startsWith('{')) return parseAnswer(text);
  const message = errors.join('; ') || 'the agent gave no answer';
  return { kind: SILENT.test(message) ? 'silent' : 'refused', message };
}

function parseAnswer(text: string): AgentAnswer {
  try {
    const { return: value } = JSON.parse(text) as { return?: unknown };
    return { kind: 'answer', value };
  } catch {
    return { kind: 'refused', message: 'the agent answered with something that is not JSON' };
  }
}

/** virsh reads its commands through readline in the C locale: ASCII alone is safe there. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
