import { pruneBackups } from '../conversion/prune/prune-backups.ts';
import type { ChangeContext } from '../conversion/run-context.ts';
import type { CommandContext } from './command.ts';
import { writeLeveled } from './log-level.ts';
import { printable } from './views/printable.ts';

/** Remove old backups where the policy says how long they are kept. What was converted is told whatever comes of it. */
export async function pruneAsAsked({ policy, io }: CommandContext, host: ChangeContext): Promise<void> {
  if (policy.retention === undefined) return;
  try {
    await pruneBackups(host, policy.retention);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = `virtioize: some old backups could not be removed: ${printable(why)}`;
    writeLeveled(io.stderr, io, { text, level: 'warning' });
  }
}
