import { describe, expect, it } from '@jest/globals';
import { EXIT_STATUSES, exitStatusHelp } from '../../../src/cli/exit-status-help.ts';
import { EXIT_STATUS } from '../../../src/error.ts';

describe('what the help says of exit statuses', () => {
  it('has each that an error ends with', () => {
    const told = EXIT_STATUSES.map(([status]) => status);
    expect(told).toEqual(expect.arrayContaining(Object.values(EXIT_STATUS).map(String)));
  });

  it('has a line for each that says how guests stand, and fits a terminal', () => {
    const lines = exitStatusHelp().split('\n');
    expect(lines.slice(1, 5).map((line) => line.slice(0, 5))).toEqual(['  0  ', '  1  ', '  2  ', '  3  ']);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    for (const [status, meaning] of EXIT_STATUSES)
      expect(lines.join(' ').replace(/ +/g, ' ')).toContain(`${status} ${meaning}`);
  });
});
