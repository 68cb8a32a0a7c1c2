import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Page, readPage } from '../../pages/markdown.ts';

let original: Page;
let translation: Page;

beforeAll(async () => {
  [original, translation] = await Promise.all([readPage('README.md'), readPage('README.ja.md')]);
});

describe('the Japanese README', () => {
  it('has the headings of the English one, level by level', () => {
    const levels = ({ headings }: Page): number[] => headings.map(({ depth }) => depth);
    expect(levels(translation)).toEqual(levels(original));
  });

  it('has its blocks of code, to the letter', () => {
    expect(translation.codeBlocks).toEqual(original.codeBlocks);
  });

  it('has its tables, row by row', () => {
    expect(translation.tables).toEqual(original.tables);
  });

  it('leads where it leads, in the same order; each leads to the other', () => {
    const elsewhere = ({ links }: Page): string[] => links.filter((link) => !/^README(?:\.ja)?\.md$/.test(link));
    expect(elsewhere(translation)).toEqual(elsewhere(original));
    expect([original.links, translation.links]).toEqual([
      expect.arrayContaining(['README.ja.md']),
      expect.arrayContaining(['README.md']),
    ]);
  });

  it('names all commands, options and outcomes that the English one names', () => {
    expect(original.codeWords.filter((word) => !translation.text.includes(word))).toEqual([]);
  });
});
