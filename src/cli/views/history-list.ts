import type { ChalkInstance } from 'chalk';
import type { HistoryEntry } from '../../conversion/read-history.ts';
import { printable } from './printable.ts';

const RESTART_WORDS = {
  verified: 'restarted, came up',
  unverified: 'restarted, not seen to have come up',
  'did-not-come-up': 'it did not come up',
} as const;

/** What was changed, oldest first, each with its evidence and where its backup lies. */
export function renderHistory(
  history: readonly HistoryEntry[],
  { style, verbose }: { readonly style: ChalkInstance; readonly verbose: boolean },
): string {
  if (history.length === 0) return 'Nothing was changed yet.';
  return history
    .map(({ id, at, guest, action, state, restart, by, reason, accepted, evidence, changes, folder }) => {
      const stateText = state === 'done' ? style.green(state) : style.yellow(state);
      const lines = [
        `${at}  ${style.bold(printable(guest.name))}  ${action}  ${stateText}${restart === undefined ? '' : ` (${RESTART_WORDS[restart]})`}  by ${printable(by)}`,
      ];
      lines.push(`  ${changes.map(({ from, to }) => `${from} -> ${to}`).join(', ') || 'no disk changed its bus'}`);
      for (const { source, verdict, summary } of evidence)
        lines.push(`  evidence (${source}): ${verdict}. ${printable(summary)}`);
      if (accepted.length > 0) lines.push(`  taken on: ${accepted.join(', ')}`);
      if (reason !== undefined) lines.push(`  reason: ${printable(reason)}`);
      lines.push(style.dim(`  backup: ${folder}${verbose ? `  (${id})` : ''}`));
      return lines.join('\n');
    })
    .join('\n');
}
