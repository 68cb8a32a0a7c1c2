import type { GuestResult, Outcome } from '../../conversion/result.ts';
import type { LogLevel } from '../log-level.ts';

const LEVELS: Readonly<Record<Outcome, LogLevel>> = {
  compliant: 'info',
  planned: 'info',
  converted: 'info',
  skipped: 'info',
  refused: 'warning',
  'rolled-back': 'error', // it did not come up
  failed: 'error',
  'needs-attention': 'error',
};

/** How much what a command found out about a guest matters. To `check`, whatever is no failure is a breach. */
export function guestLevel({ outcome, restart }: GuestResult, command: string): LogLevel {
  if (outcome === 'rolled-back' && command === 'rollback') return 'info';
  if (restart === 'unverified') return 'warning';
  return command === 'check' && LEVELS[outcome] === 'info' ? 'warning' : LEVELS[outcome];
}
