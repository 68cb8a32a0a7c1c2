import { describe, expect, it } from '@jest/globals';
import { renderPhases } from '../../../../src/cli/views/progress.ts';

const NOW = 1_000_000;
const ago = (seconds: number): number => NOW - seconds * 1000;

describe('the guests that are at work', () => {
  it('are shown with their phase and how long it takes', () => {
    const phases = new Map([
      ['web1', { step: 'watch', since: ago(12.7) }],
      ['web2', { step: 'shut-down', since: ago(0.3) }],
    ] as const);
    expect(renderPhases(phases, NOW)).toBe('web1: waiting for it to come up, 12 s · web2: shutting down');
  });

  it('are counted where there are too many for a line', () => {
    const phases = new Map(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, { step: 'start', since: ago(0) }] as const),
    );
    expect(renderPhases(phases, NOW)).toMatch(/^a: starting · b: starting · c: starting · d: starting · 2 more$/);
  });

  it('can not drive a terminal by their names', () => {
    expect(renderPhases(new Map([['\u001b[2J', { step: 'define', since: NOW }]]), NOW)).not.toContain('\u001b');
  });
});
