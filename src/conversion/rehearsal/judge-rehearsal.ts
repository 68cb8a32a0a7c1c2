import type { Warning } from '../../domain/finding.ts';
import type { Testimony } from '../../preflight/evidence.ts';
import type { Judgement } from '../../preflight/judgement.ts';
import { shorten } from '../../preflight/shorten.ts';
import type { Capture } from '../result.ts';
import type { CloneBoot } from './watch-clone.ts';

/** What a rehearsal says of its guest, and what would let it say more. */
export type RehearsalJudgement = Judgement & Pick<Testimony, 'hint'>;

/** How a rehearsal went. */
export interface Rehearsed {
  /** Of the clone on virtio. */
  readonly boot: CloneBoot;
  /** Of a clone on the disks that its guest has now; only where that on virtio did not come up. */
  readonly control?: CloneBoot;
  /** What the clone went without. */
  readonly leftOut: readonly string[];
  /** What the screen and console of the clone on virtio showed where it did not come up. */
  readonly capture: Capture;
  /** Whether somebody has seen by which names the guest finds its disks. */
  readonly namesAreKnown: boolean;
}

/**
 * What a rehearsal says of its guest. That a clone does not come up on virtio refutes only where another one comes up on
 * the old disks: else it may be the network or a key that it lacks, or the time.
 */
export function judgeRehearsal({ boot, control, leftOut, capture, namesAreKnown }: Rehearsed): RehearsalJudgement {
  const facts: Record<string, string> = {
    ...(boot.kind === 'up' ? { signal: `${boot.signal} after ${boot.seconds} s` } : {}),
    ...(leftOut.length === 0 ? {} : { 'the clone went without': leftOut.join(', ') }),
    ...(capture.screenshot === undefined ? {} : { screen: capture.screenshot }),
    ...(capture.console === undefined ? {} : { console: capture.console }),
  };
  if (boot.kind === 'up') {
    const summary = `A clone of it came up from virtio: ${boot.signal} after ${boot.seconds} s.`;
    return judge('proven', summary, { facts, warnings: namesAreKnown ? [] : [NAMES_UNSEEN] });
  }
  const look = capture.screenshot === undefined ? '' : `Look at its screen: ${capture.screenshot}. `;
  if (boot.kind === 'unclear') {
    const summary = `A rehearsal of it came to nothing: ${shorten(boot.why)}.`;
    return { ...judge('unknown', summary, { facts }), hint: look.trim() };
  }
  const story = `A clone of it did not come up from virtio within ${boot.seconds} s: ${shorten(boot.missing)}.`;
  if (control?.kind !== 'up') {
    const why = control?.kind === 'unclear' ? ` (${shorten(control.why)})` : '';
    const without = leftOut.length === 0 ? '' : `; both went without ${leftOut.join(', ')}`;
    const summary = `${story} Neither did one with its disks as they are${why}, so that says nothing${without}.`;
    const warning = { code: 'rehearsal-failed', message: summary } as const;
    return { ...judge('unknown', summary, { facts, warnings: [warning] }), hint: look.trim() };
  }
  const message = `${story} One with its disks as they are did, after ${control.seconds} s.`;
  const hint = `${look}Mend what it shows inside the guest, shut it down and rehearse it again.`;
  return { ...judge('refuted', message, { facts }), lack: { code: 'driver-missing', message, hint } };
}

/** Of a guest of which no clone could be started: that says nothing of it. */
export function notRehearsed(why: string, hint?: string): RehearsalJudgement {
  const judgement = judge('unknown', `It could not be rehearsed: ${shorten(why)}.`, { facts: {} });
  return hint === undefined ? judgement : { ...judgement, hint };
}

const NAMES_UNSEEN: Warning = {
  code: 'names-unseen',
  message:
    'Its clone came up, but nobody has seen by which names it finds its disks: a volume that is named by /dev/sdb1 or the like would be missing.',
};

function judge(
  verdict: Judgement['verdict'],
  summary: string,
  { facts, warnings = [] }: { readonly facts: Judgement['facts']; readonly warnings?: readonly Warning[] },
): Judgement {
  return { verdict, summary, facts, refusals: [], warnings };
}
