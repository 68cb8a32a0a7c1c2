/**
 * One command line for virsh's own interactive parser, every word quoted. No shell ever sees it.
 * @throws TypeError for control characters: virsh reads its commands through readline, which would execute them.
 */
export function quoteCommand(words: readonly string[]): string {
  return words.map((word) => quoteWord(word)).join(' ');
}

function quoteWord(word: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(word))
    throw new TypeError(`control character in a virsh argument: ${JSON.stringify(word)}`);
  return /^[\w/.:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
