const PLAIN = /^[\w/.,:=@%+-]+$/;

/**
 * A word as guestfish's command line reads it: in double quotes, with every byte that is not plain as `\xHH`, so that no
 * name of a guest's ends the word, the line, or becomes an option.
 * @throws RangeError for a NUL, which no name holds.
 */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new RangeError('a word for guestfish holds no NUL');
  if (PLAIN.test(word) && !word.startsWith('-')) return word;
  const bytes = [...Buffer.from(word, 'utf8')].map((byte) => {
    const character = String.fromCharCode(byte);
    return PLAIN.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${bytes.join('')}"`;
}
