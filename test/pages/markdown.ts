import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { marked, type Token, type Tokens } from 'marked';
import { repository } from '../repository.ts';

/** A page of the repository, taken apart. */
export interface Page {
  /** From the repository's top folder on. */
  readonly path: string;
  readonly text: string;
  readonly headings: readonly { readonly depth: number; readonly text: string }[];
  readonly codeBlocks: readonly { readonly language: string; readonly text: string }[];
  /** Code within the lines of a text. */
  readonly codeWords: readonly string[];
  /** Where its links and pictures lead, in their order. */
  readonly links: readonly string[];
  /** How many rows and columns each table has. */
  readonly tables: readonly { readonly rows: number; readonly columns: number }[];
  /** The rows of all tables, each cell as it is written. */
  readonly rows: readonly (readonly string[])[];
}

/** Folders that hold no page of this repository. */
const OTHERS = new Set(['node_modules', 'dist', '.cache', '.git']);

/** The paths of all pages of the repository. */
export async function listPages(folder = ''): Promise<string[]> {
  const entries = await readdir(join(repository, folder), { withFileTypes: true });
  const pages = entries.map(async (entry) => {
    if (entry.isDirectory()) return OTHERS.has(entry.name) ? [] : listPages(join(folder, entry.name));
    return entry.name.endsWith('.md') ? [join(folder, entry.name)] : [];
  });
  return (await Promise.all(pages)).flat().sort();
}

export async function readPage(path: string): Promise<Page> {
  const text = await readFile(join(repository, path), 'utf8');
  const tokens: Token[] = [];
  void marked.walkTokens(marked.lexer(text), (token) => void tokens.push(token));
  const all = <T extends Tokens.Generic>(type: string): T[] => tokens.filter((token) => token.type === type) as T[];
  return {
    path,
    text,
    headings: all<Tokens.Heading>('heading').map(({ depth, text: heading }) => ({ depth, text: heading })),
    codeBlocks: all<Tokens.Code>('code').map(({ lang = '', text: code }) => ({ language: lang, text: code })),
    codeWords: all<Tokens.Codespan>('codespan').map(({ text: code }) => code),
    links: tokens.flatMap((token) => (token.type === 'link' || token.type === 'image' ? [String(token.href)] : [])),
    tables: all<Tokens.Table>('table').map(({ rows, header }) => ({ rows: rows.length, columns: header.length })),
    rows: all<Tokens.Table>('table').flatMap(({ rows }) => rows.map((row) => row.map(({ text: cell }) => cell))),
  };
}

/** What stands first in the rows of a page's tables. */
export function firstCells({ rows }: Page): string[] {
  return rows.map(([first = '']) => first);
}

/** What a heading is called in a link to it, as GitHub and its like have it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}
