/**
 * A text with nothing in it that a terminal would obey: control characters (escape codes, line feeds, C1) and marks
 * that turn the direction of writing are shown as their code. Names, paths and files of guests are not to be trusted.
 */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
