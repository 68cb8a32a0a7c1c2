import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { canonicalForm } from '../../../src/domain/canonical.ts';
import type { EmulatedBus } from '../../../src/domain/disk.ts';
import { rewriteDefinition } from '../../../src/domain/rewrite.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';
import { repository } from '../../repository.ts';

const FOLDER = join(repository, 'test/fixtures/rewrite');

interface Finding {
  readonly code: string;
  readonly disk?: string;
}

/** What a golden case expects beside its `-out.xml`; the definitions are as libvirt prints them. */
interface GoldenCase {
  readonly name: string;
  readonly title: string;
  readonly options: {
    readonly from: EmulatedBus[];
    readonly naming: 'free' | 'keep' | 'rename';
    readonly ours: string[];
  };
  readonly refusals: Finding[];
  readonly warnings: Finding[];
  readonly disks: unknown[];
}

const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({
    name: file.slice(0, -'.json'.length),
    ...(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Omit<GoldenCase, 'name'>),
  }));

describe('the rewriter, case by case', () => {
  it('has at least 60 hand-written definitions', () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });

  it.each(cases)('$name: $title', ({ name, options, refusals, warnings, disks }) => {
    const input = readFileSync(join(FOLDER, `${name}-in.xml`), 'utf8');
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
      disks.map((disk) => ({ ...(disk as object), dropped: [...(disk as { dropped: string[] }).dropped].sort() })),
    );
    const expected = join(FOLDER, `${name}-out.xml`);
    if (existsSync(expected)) expect(lines(result.definition ?? '')).toEqual(lines(readFileSync(expected, 'utf8')));
    else expect(result.definition).toBeUndefined();
  });
});

function findings(list: readonly Finding[]): string[] {
  return list.map(({ code, disk }) => [code, disk].filter(Boolean).join(' ')).sort();
}

/** The canonical form, an element a line, so that a difference can be read. */
function lines(definition: string): string[] {
  return canonicalForm(parseDefinition(definition).documentElement as never).split(/(?=<)/);
}
