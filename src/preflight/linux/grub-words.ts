import { UnreadableError } from '../guest-files.ts';

/** One command of GRUB's script language: its words as written, quotes included. `{` and `}` are commands of their own. */
export type GrubCommand = readonly string[];

/** Variables of GRUB. A value of undefined can't be told. */
export type GrubVariables = ReadonlyMap<string, string | undefined>;

const TOKEN = /\\\r?\n|[^\S\n]+|#[^\n]*|\n|;|(?:\\[^\n]|'[^']*'?|"(?:\\[\s\S]|[^"\\])*"?|[^\s;\\'"])+|\\/gy;
const MAX_WORD = 16 * 1024;

/** What another command may follow without a `;` between. */
const KEYWORDS = new Set(['then', 'else', 'do']);

/**
 * Split a script into its commands (GRUB manual, "Shell-like scripting").
 * @throws UnreadableError where it has a word that no boot loader would take.
 */
export function readCommands(text: string): GrubCommand[] {
  const commands: string[][] = [[]];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.length > MAX_WORD && !/^[\s#]/.test(token))
      throw new UnreadableError('it has a longer word than a boot loader takes');
    if (token === '\n' || token === ';') commands.push([]);
    else if (token === '{' || token === '}') commands.push([token], []);
    else if (KEYWORDS.has(token) && commands.at(-1)?.length === 0) commands.push([token], []);
    else if (!/^(?:\s|#|\\\r?\n)/.test(token)) commands.at(-1)?.push(token);
  }
  return commands.filter(({ length }) => length > 0);
}

/** Set by GRUB itself, so that not finding them in a script or in grubenv says nothing. */
const BUILT_IN =
  /^(?:feature_|grub_|net_|pxe|root$|prefix$|cmdpath$|config_|biosnum$|boot$|chosen$|lang$|secureboot|shim_|\d|[?@#*])/;

const PIECE = /'([^']*)'?|"((?:\\[\s\S]|[^"\\])*)"?|((?:\\[\s\S]|[^'"\\])+)|\\/g;
const SUBSTITUTION = /\\([\s\S])|\$(?:\{(\w+)\}|(\w+|[?@#*]))/g;

/** A word with its variables filled in and its quotes gone. What can't be told stays as `$name`. */
export function expandWord(
  word: string,
  variables: GrubVariables,
): { readonly text: string; readonly isSure: boolean } {
  let isSure = true;
  const fill = (text: string): string =>
    text.replace(SUBSTITUTION, (_, escaped?: string, braced?: string, bare?: string) => {
      if (escaped !== undefined) return escaped;
      const name = braced ?? bare ?? '';
      const value = variables.has(name) ? variables.get(name) : BUILT_IN.test(name) ? undefined : '';
      if (value === undefined) isSure = false;
      return value ?? `$${name}`;
    });
  const pieces = [...word.matchAll(PIECE)].map(([, literal, quoted, bare]) => literal ?? fill(quoted ?? bare ?? ''));
  return { text: pieces.join(''), isSure };
}

/** Longer than any kernel takes; a variable may stand for a long text many times over. */
const MAX_EXPANDED = 8192;

/**
 * Words with their variables filled in; a variable may hold several words.
 * @throws UnreadableError where that is longer than any command.
 */
export function expandWords(words: readonly string[], variables: GrubVariables): string[] {
  const expanded: string[] = [];
  let length = 0;
  for (const word of words) {
    const { text } = expandWord(word, variables);
    length += text.length + 1;
    if (length > MAX_EXPANDED) throw new UnreadableError('it has a longer line than a boot loader takes');
    expanded.push(...text.split(/\s+/).filter((part) => part !== ''));
  }
  return expanded;
}
