import type { Clone } from '../../domain/clone.ts';
import type { Testimony } from '../../preflight/evidence.ts';
import type { Judgement } from '../../preflight/judgement.ts';
import { shorten } from '../../preflight/shorten.ts';
import type { Capture } from '../result.ts';
import type { CloneBoot } from './watch-clone.ts';

/** What a rehearsal says of its guest, and what would let it say more. */
export type RehearsalJudgement = Judgement & Pick<Testimony, 'hint'>;

/** How a rehearsal went. */
export interface Rehearsed {
  readonly boot: CloneBoot;
  readonly clone: Pick<Clone, 'leftOut' | 'maybeNeeded'>;
  /** What its screen and console showed where it did not come up. */
  readonly capture: Capture;
}

/** What a rehearsal says of its guest. One that lacked what the system may need says nothing where it did not come up. */
export function judgeRehearsal({ boot, clone, capture }: Rehearsed): RehearsalJudgement {
  const facts: Record<string, string> = {
    ...(boot.kind === 'up' ? { signal: `${boot.signal} after ${boot.seconds} s` } : {}),
    ...(clone.leftOut.length === 0 ? {} : { 'the clone went without': clone.leftOut.join(', ') }),
    ...(capture.screenshot === undefined ? {} : { screen: capture.screenshot }),
    ...(capture.console === undefined ? {} : { console: capture.console }),
  };
  if (boot.kind === 'up') {
    const summary = `A clone of it came up from virtio: ${boot.signal} after ${boot.seconds} s.`;
    return judge('proven', summary, facts);
  }
  const look = capture.screenshot === undefined ? '' : ` Look at its screen: ${capture.screenshot}`;
  if (boot.kind === 'unclear')
    return {
      ...judge('unknown', `A rehearsal of it came to nothing: ${shorten(boot.why)}.`, facts),
      hint: look.trim(),
    };
  const story = `A clone of it did not come up from virtio within ${boot.seconds} s: ${shorten(boot.missing)}.`;
  if (clone.maybeNeeded.length > 0) {
    const summary = `${story} It went without ${clone.maybeNeeded.join(', ')}, which its system may need, so that says nothing.`;
    return { ...judge('unknown', summary, facts), hint: look.trim() };
  }
  return {
    ...judge('refuted', story, facts),
    lack: {
      code: 'driver-missing',
      message: story,
      hint: `${look.trim() === '' ? '' : `${look.trim()}. `}Mend what it shows inside the guest, shut it down and rehearse it again; where the machine was too slow, with a longer --boot-timeout.`,
    },
  };
}

/** Of a guest of which no clone could be started: that says nothing of it. */
export function notRehearsed(why: string, hint?: string): RehearsalJudgement {
  const judgement = judge('unknown', `It could not be rehearsed: ${shorten(why)}.`, {});
  return hint === undefined ? judgement : { ...judgement, hint };
}

function judge(verdict: Judgement['verdict'], summary: string, facts: Judgement['facts']): Judgement {
  return { verdict, summary, facts, refusals: [], warnings: [] };
}
