import type { GuestJson } from '../program.ts';
import type { Label } from './labelled-guest.ts';

/** What the program says of a guest: its verdict, or what it refuses. */
type Answer = 'proven' | 'likely' | 'unknown' | 'refused';

/** One labelled guest and what the program said of it. */
export interface Comparison {
  readonly name: string;
  readonly label: Label;
  readonly answer: Answer;
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
  readonly summaries: readonly string[];
}

/** Hold what the program says of each guest against its label. Throws where it says nothing of one. */
export function compareAll(
  guests: readonly { readonly name: string; readonly label: Label }[],
  answers: readonly GuestJson[],
): Comparison[] {
  return guests.map(({ name, label }) => {
    const guest = answers.find((one) => one.name === name);
    if (guest === undefined) throw new Error(`the program says nothing of ${name}`);
    return {
      name,
      label,
      answer: answerOf(guest),
      refusals: codesOf(guest.refusals),
      warnings: codesOf(guest.warnings),
      summaries: guest.evidence.map(({ summary }) => summary),
    };
  });
}

/** `proven` and `likely` only where nothing else stands in the way. */
function answerOf({ refusals, evidence }: GuestJson): Answer {
  const verdicts = evidence.map(({ verdict }) => verdict);
  if (refusals.length === 0) return 'proven';
  if (refusals.some(({ code }) => code !== 'no-driver-evidence') || verdicts.includes('refuted')) return 'refused';
  return verdicts.includes('likely') ? 'likely' : 'unknown';
}

function codesOf(findings: readonly { readonly code: string }[]): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

const LABELS = ['ready', 'likely', 'not ready', 'unknowable'] as const;
const ANSWERS = ['proven', 'likely', 'unknown', 'refused'] as const;

/** How many guests of each label got each answer. */
export function confusionTable(comparisons: readonly Comparison[]): string {
  const row = (words: readonly (string | number)[]): string => words.map((word) => String(word).padEnd(12)).join('');
  const lines = LABELS.map((label) => {
    const labelled = comparisons.filter((one) => one.label.is === label);
    return row([label, ...ANSWERS.map((answer) => labelled.filter((one) => one.answer === answer).length)]);
  });
  const others = comparisons.filter((one) => !isAsLabelled(one));
  return [
    row(['', ...ANSWERS]),
    ...lines,
    ...others.map(
      ({ name, label, answer, refusals, summaries }) =>
        `${name}: ${label.is}, answered ${answer} (${refusals.join(', ')}): ${summaries.join(' ')}`,
    ),
  ].join('\n');
}

/** Whether the answer is the best that can be given. */
export function isAsLabelled({ label, answer, refusals }: Comparison): boolean {
  if (label.is === 'ready') return answer === 'proven';
  if (label.is === 'likely') return answer === 'likely';
  if (label.is === 'unknowable') return answer !== 'proven';
  return answer === 'refused' && refusals.join() === [...(label.refusals ?? [])].sort().join();
}
