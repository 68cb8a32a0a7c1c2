import { EMULATED_BUSES } from '../../src/domain/emulated-bus.ts';
import { isAcceptable, isRefusalCode, REFUSALS } from '../../src/domain/finding.ts';
import type { Option } from './declarations.ts';

/** What a shell can offer for a value: words, files, folders, or guests of the connection. */
export type Completed = { readonly words: readonly string[] } | 'file' | 'folder' | 'guest' | 'nothing';

/** What declarations do not tell of the values that options take. */
const KNOWN: Readonly<Record<string, Completed>> = {
  config: 'file',
  'state-dir': 'folder',
  'scratch-dir': 'folder',
  exclude: 'guest',
  from: { words: EMULATED_BUSES },
  accept: { words: Object.keys(REFUSALS).filter((code) => isRefusalCode(code) && isAcceptable(code)) },
};

/** What to offer behind an option; undefined for one that takes no value. */
export function completedValue({ name, isSwitch, choices }: Option): Completed | undefined {
  if (isSwitch) return undefined;
  return choices.length > 0 ? { words: choices } : (KNOWN[name] ?? 'nothing');
}

/**
 * The words that set an option: `--quiet`, `-q`; for a switch that is on, what puts it off; for the configuration, what goes
 * without.
 */
export function spellings({ name, letter, isSwitch, standard }: Option): readonly string[] {
  const isOn = isSwitch && standard === 'on';
  return [isOn ? `--no-${name}` : `--${name}`, ...(letter === undefined ? [] : [`-${letter}`])];
}
