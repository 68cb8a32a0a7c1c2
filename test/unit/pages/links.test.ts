import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { anchorOf, listPages, type Page, readPage } from '../../pages/markdown.ts';
import { repository } from '../../repository.ts';

let pages: ReadonlyMap<string, Page>;

beforeAll(async () => {
  const read = await Promise.all((await listPages()).map(readPage));
  pages = new Map(read.map((page) => [page.path, page]));
});

/** Why a link leads nowhere; undefined where it does not. */
function flawOf(link: string, from: Page): string | undefined {
  if (/^[a-z]+:/i.test(link)) return undefined; // elsewhere
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from.path : normalize(join(dirname(from.path), decodeURIComponent(file)));
  if (!existsSync(join(repository, path))) return `${link}: no such file`;
  if (anchor === undefined) return undefined;
  const anchors = pages.get(path)?.headings.map(({ text }) => anchorOf(text)) ?? [];
  return anchors.includes(decodeURIComponent(anchor)) ? undefined : `${link}: no such heading`;
}

describe('the pages of this repository', () => {
  it('link to files and headings that are there', () => {
    const flaws = [...pages.values()].flatMap((page) =>
      page.links.flatMap((link) => {
        const flaw = flawOf(link, page);
        return flaw === undefined ? [] : [`${page.path} -> ${flaw}`];
      }),
    );
    expect(flaws).toEqual([]);
    expect(pages.size).toBeGreaterThan(5);
  });

  it('name files of this repository that are there', () => {
    const named = [...pages.values()].flatMap((page) =>
      page.codeWords.filter((word) => /^(?:src|test|docs|deploy)\/[\w./-]+$/.test(word)),
    );
    expect([...new Set(named)].filter((file) => !existsSync(join(repository, file)))).toEqual([]);
    expect(named).toContain('src/virsh/session.ts');
  });
});
