import { describe, expect, it } from '@jest/globals';
import { selectGuests } from '../../../src/policy/select-guests.ts';

const guests = ['web-1', 'web-2', 'db-1', '*', '[odd]', '!not'].map((name, index) => ({
  name,
  uuid: `6f1ed5c8-3d02-4a6b-8f5c-00000000000${index}`,
}));

function names(...patterns: string[]): string[] {
  return selectGuests(guests, { patterns, all: false, exclude: [] }).map(({ name }) => name);
}

describe('a selection', () => {
  it('means a guest by its exact name, before any pattern', () => {
    expect(names('*')).toEqual(['*']);
    expect(names('[odd]')).toEqual(['[odd]']);
    expect(names('!not')).toEqual(['!not']);
  });

  it('means a guest by its UUID, in either case', () => {
    expect(names('6F1ED5C8-3D02-4A6B-8F5C-000000000002')).toEqual(['db-1']);
  });

  it('keeps the order given, and names each guest once', () => {
    expect(names('web-2', 'web-*', 'db-1', 'web-1')).toEqual(['web-2', 'web-1', 'db-1']);
  });

  it('leaves out what is excluded', () => {
    expect(
      selectGuests(guests, { patterns: [], all: true, exclude: ['web-*', '[[]odd]'] }).map(({ name }) => name),
    ).toEqual(['db-1', '*', '!not']);
  });

  it('of nothing is a usage error', () => {
    expect(() => names()).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it.each([
    ['wbe-1', "'web-1'"],
    ['DB-1', "'db-1'"],
    ['nothing-like-it', 'Did you mean'],
    ['x-*', 'Did you mean'],
  ])('of %s, which matches none, tells near misses', (pattern, hint) => {
    expect(() => names('web-1', pattern)).toThrow(
      expect.objectContaining({ code: 'no-such-guest', hint: expect.stringContaining(hint) }),
    );
  });
});
