import { beforeAll, describe, expect, it } from '@jest/globals';
import { parseCommandLine } from '../../../src/cli/program.ts';
import { wordsOf } from '../../pages/console.ts';
import { listPages, type Page, readPage } from '../../pages/markdown.ts';

let pages: readonly Page[];

beforeAll(async () => {
  pages = await Promise.all((await listPages()).map(readPage));
});

/** All command lines of virtioize that a page shows: in its blocks of commands, and within its text. */
function commandLinesOf({ codeBlocks, codeWords }: Page): string[] {
  const lines = codeBlocks
    .filter(({ language }) => language === 'sh' || language === 'console')
    .flatMap(({ text }) => text.split('\n').map((line) => line.replace(/^[#$] /, '')));
  return [...lines, ...codeWords]
    .filter((line) => /^virtioize (?!--(?:help|version)\b)[a-z-]/.test(line))
    .map((line) => line.replace(/\s+#.*$/, '').replace(/ (?:>|2>|\|\||&&|\|) ?.*$/, ''));
}

/** Why the program would not understand a command line; undefined where it would. */
async function flawOf(line: string): Promise<string | undefined> {
  const [, ...argv] = wordsOf(line);
  // the configuration of the machine that this runs on is none of a page's
  const words = argv.some((word) => /^--(?:no-)?config$/.test(word)) ? argv : [...argv, '--no-config'];
  try {
    await parseCommandLine({ argv: words, env: {}, version: '0' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('each command line on the pages of this repository', () => {
  it('is one that the program understands', async () => {
    const lines = new Map(pages.flatMap((page) => commandLinesOf(page).map((line) => [line, page.path] as const)));
    const flaws: string[] = [];
    for (const [line, path] of lines) {
      const flaw = await flawOf(line);
      if (flaw !== undefined) flaws.push(`${path}: ${line}: ${flaw}`);
    }
    expect(flaws).toEqual([]);
    expect(lines.size).toBeGreaterThan(30);
  });
});
