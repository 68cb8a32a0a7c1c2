import type { Page } from './markdown.ts';

/** A command that a page shows, with what it says that is printed. */
export interface ShownCommand {
  readonly command: string;
  readonly output: string;
}

/** The commands in the `console` blocks of a page, in their order. A prompt (`#` or `$`) begins each. */
export function shownCommands({ codeBlocks }: Page): ShownCommand[] {
  return codeBlocks
    .filter(({ language }) => language === 'console')
    .flatMap(({ text }) => text.split(/^[#$] /m).slice(1))
    .map((shown) => {
      const end = shown.indexOf('\n');
      return end < 0 ? { command: shown, output: '' } : { command: shown.slice(0, end), output: shown.slice(end + 1) };
    });
}

/** The words of a command line, as a shell takes it apart. Plain words and single quotes are all that pages need. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|[^\s']+/g)].map(([word, quoted]) => quoted ?? word);
}

/** What differs from host to host, and from run to run. The first that matches a place counts. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\d{8}T\d{9}Z-[0-9a-f]{6}/g, 'ID'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID'],
  [/\b\d+\.\d+\.\d+(?:-[\w.+-]*\w)?/g, 'RELEASE'],
  [/\bby \S+(?: \(as \S+\))?$/gm, 'by WHOM'],
  [/\b\d+ (?:s|min|h|days)(?= ago|\.)/g, 'SPAN'],
  [/^( *)@@ .* @@$/gm, '$1@@'],
  [/(\S) {2,}/g, '$1  '], // columns are as wide as what is in them
];

/** A text without what differs from host to host. */
export function shapeOf(text: string): string {
  return MASKS.reduce((masked, [pattern, mask]) => masked.replaceAll(pattern, mask), text).trim();
}
