import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { REFUSALS } from '../../../src/domain/finding.ts';
import { EXIT_STATUS } from '../../../src/error.ts';
import { firstCells, readPage } from '../../pages/markdown.ts';
import { repository } from '../../repository.ts';

describe('the pages that list something', () => {
  it('name each dependency of package.json once, and no other', async () => {
    const { dependencies, devDependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
      readonly dependencies?: object;
      readonly devDependencies: object;
    };
    const listed = codesIn(firstCells(await readPage('docs/dependencies.md')));
    expect(listed.sort()).toEqual([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies)].sort());
  });

  it('name each refusal once, and no other', async () => {
    const listed = codesIn(firstCells(await readPage('docs/refusals.md')));
    expect(listed.sort()).toEqual(Object.keys(REFUSALS).sort());
  });

  it('name each exit status of an error with all its codes', async () => {
    const page = await readPage('docs/exit-codes.md');
    const listed = page.rows
      .filter(([status = '', codes = '']) => /^\d+$/.test(status) && Number(status) >= 64 && codes !== '')
      .flatMap(([status, codes = '']) => codesIn([codes]).map((code) => [code, Number(status)]));
    const inRuns = Object.entries(EXIT_STATUS).filter(([, status]) => status >= 64);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(inRuns));
    const ofGuests = Object.entries(EXIT_STATUS).flatMap(([code, status]) => (status < 64 ? [code] : []));
    expect(ofGuests.filter((code) => !page.codeWords.includes(code))).toEqual([]);
  });
});

/** The words in backquotes. */
function codesIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));
}
