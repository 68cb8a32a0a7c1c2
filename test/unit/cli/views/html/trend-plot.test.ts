import { describe, expect, it } from '@jest/globals';
import { serialize } from '../../../../../src/cli/views/html/markup.ts';
import { renderTrend } from '../../../../../src/cli/views/html/trend-plot.ts';

type Points = readonly (readonly [string, number])[];

function plot(points: Points): string {
  return serialize(renderTrend(points.map(([at, guests]) => ({ at, guests }))));
}

function lineOf(page: string): string | undefined {
  return /class="line" d="([^"]*)"/.exec(page)?.[1];
}

function labels(page: string, kind: 'levels' | 'times'): string[] {
  const part = new RegExp(`<div class="${kind}"[^>]*>(.*?)</div>`).exec(page)?.[1] ?? '';
  return [...part.matchAll(/<span>([^<]*)/g)].map(([, label = '']) => label);
}

describe('the plot of the trend', () => {
  it('is a line of steps over time: what was so stays so until the next point', () => {
    const page = plot([
      ['2026-01-01T00:00:00Z', 4],
      ['2026-01-03T00:00:00Z', 2],
      ['2026-01-11T00:00:00Z', 1],
    ]);
    expect(lineOf(page)).toBe('M0 0H200V100H1000V150');
    expect(labels(page, 'times')).toEqual(['2026-01-01', '2026-01-06', '2026-01-11']);
    expect(page).toContain('aria-label="From 4 guests with emulated disks to 1."');
  });

  it('has the same as a table', () => {
    const page = plot([
      ['2026-01-01T00:00:00Z', 4],
      ['2026-01-03T00:00:00Z', 2],
    ]);
    expect(page).toContain('<tr><td>2026-01-01 00:00<td>4<tr>');
    expect(page).toContain('<td>2026-01-03 00:00<td>2</tbody>');
  });

  it.each([
    [0, ['1', '0']],
    [1, ['1', '0']],
    [3, ['3', '2', '1', '0']],
    [7, ['8', '6', '4', '2', '0']],
    [19, ['20', '15', '10', '5', '0']],
    [41, ['60', '40', '20', '0']],
    [1000, ['1000', '500', '0']],
  ])('has whole numbers beside it, up to what is no less than %i', (most, expected) => {
    const page = plot([
      ['2026-01-01T00:00:00Z', most],
      ['2026-01-03T00:00:00Z', 0],
    ]);
    expect(labels(page, 'levels')).toEqual(expected);
  });

  it('has times below where it is all within a few days, and stands where it is all at one time', () => {
    const at = '2026-01-01T00:00:00Z';
    const page = plot([
      [at, 2],
      [at, 1],
    ]);
    expect(labels(page, 'times')).toEqual(Array(3).fill('2026-01-01 00:00'));
    expect(lineOf(page)).toBe('M0 0H1000V100');
  });

  it.each([[[]], [[['2026-01-01T00:00:00Z', 3]]]] as [Points][])(
    'is none where nothing was ever changed: %j',
    (points) => {
      expect(plot(points)).toContain('The journal tells of no conversion of these guests yet.');
      expect(plot(points)).not.toContain('<svg');
    },
  );
});
