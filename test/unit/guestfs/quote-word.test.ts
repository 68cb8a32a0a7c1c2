import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { quoteWord } from '../../../src/guestfs/quote-word.ts';

describe('a word for guestfish', () => {
  it('stands bare where it is plain', () => {
    expect(quoteWord('/boot/initrd.img-6.1.0-13-amd64')).toBe('/boot/initrd.img-6.1.0-13-amd64');
  });

  it.each([
    ['/a b', '"/a\\x20b"'],
    ['/a"; run', '"/a\\x22\\x3b\\x20run"'],
    ['/a\nrm-rf /', '"/a\\x0arm-rf\\x20/"'],
    ['/ü', '"/\\xc3\\xbc"'],
    ['-n', '"-n"'],
    ['', '""'],
    ['/a\\x41', '"/a\\x5cx41"'],
    ['<!/bin/sh', '"\\x3c\\x21/bin/sh"'],
    ['~root/x', '"\\x7eroot/x"'],
    ['|sh', '"\\x7csh"'],
    ['#', '"\\x23"'],
  ])('%j is %s', (word, quoted) => {
    expect(quoteWord(word)).toBe(quoted);
  });

  it('never ends its line or its quotes, and is read as what it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (word) => {
        fc.pre(!word.includes('\0'));
        const quoted = quoteWord(word);
        expect(quoted).toMatch(/^(?:"[\w/.,:=@%+\\-]*"|[\w/.,:=@%+][\w/.,:=@%+-]*)$/);
        expect(unquote(quoted)).toBe(word);
      }),
    );
  });

  it('holds no NUL', () => {
    expect(() => quoteWord('/a\0b')).toThrow(RangeError);
  });
});

/** As guestfish(1) reads a word in double quotes: `\xHH` is a byte. */
function unquote(quoted: string): string {
  const bytes = quoted
    .replace(/^"(.*)"$/s, '$1')
    .replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
