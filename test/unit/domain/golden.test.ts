import { describe, expect, it } from '@jest/globals';
import { canonicalForm } from '../../../src/domain/canonical.ts';
import { rewriteDefinition } from '../../../src/domain/rewrite.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';
import {
  type GoldenFinding,
  isRewritten,
  readGoldenCases,
  readGoldenDefinition,
} from '../../definitions/golden-cases.ts';

const cases = readGoldenCases();

describe('the rewriter, case by case', () => {
  it('has at least 60 hand-written definitions', () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });

  it.each(cases)('$name: $title', ({ name, options, refusals, warnings, disks }) => {
    const input = readGoldenDefinition({ name }, 'in');
    const naming = options.naming === 'keep' ? 'keep' : 'free';
    const result = rewriteDefinition(input, {
      buses: new Set(options.from),
      naming,
      keptBefore: new Set(options.ours),
    });
    expect({ refusals: findings(result.refusals), warnings: findings(result.warnings) }).toEqual({
      refusals: findings(refusals),
      warnings: findings(warnings),
    });
    expect(result.changes.map(({ from, to, dropped }) => ({ from, to, dropped: [...dropped].sort() }))).toEqual(
      disks.map((disk) => ({ ...disk, dropped: [...disk.dropped].sort() })),
    );
    if (isRewritten({ name }))
      expect(lines(result.definition ?? '')).toEqual(lines(readGoldenDefinition({ name }, 'out')));
    else expect(result.definition).toBeUndefined();
  });
});

function findings(list: readonly GoldenFinding[]): string[] {
  return list.map(({ code, disk }) => [code, disk].filter(Boolean).join(' ')).sort();
}

/** The canonical form, an element a line, so that a difference can be read. */
function lines(definition: string): string[] {
  return canonicalForm(parseDefinition(definition).documentElement as never).split(/(?=<)/);
}
