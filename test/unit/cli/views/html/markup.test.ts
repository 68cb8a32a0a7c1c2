import { describe, expect, it } from '@jest/globals';
import { DOMParser, onWarningStopParsing } from '@xmldom/xmldom';
import fc from 'fast-check';
import { html, serialize, verbatim } from '../../../../../src/cli/views/html/markup.ts';
import { printable } from '../../../../../src/cli/views/printable.ts';

const withoutReplacements = (text: string): string => text.replaceAll('\ufffd', '');

describe('a piece of a page', () => {
  it('shows any text as that text, between tags and in an attribute', () => {
    fc.assert(
      // the parser takes U+FFFD for a sign of a wrong encoding
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }).map(withoutReplacements), (text) => {
        const markup = serialize(html`<p title="${text}">${text}</p>`);
        const parsed = new DOMParser({ onError: onWarningStopParsing }).parseFromString(markup, 'text/xml');
        const paragraph = parsed.documentElement;
        expect(paragraph?.textContent).toBe(printable(text));
        expect(paragraph?.getAttribute('title')).toBe(printable(text));
        expect(paragraph?.attributes).toHaveLength(1);
      }),
    );
  });

  it.each([
    ['a tag', '<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['the end of an attribute', '"><img onerror="x">', '&quot;&gt;&lt;img onerror=&quot;x&quot;&gt;'],
    ['an entity', '&lt;', '&amp;lt;'],
    ['marks that turn the direction of writing', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
    ['an escape code', '\u001b[2J', '\\u001b[2J'],
    ['what stands for a match in a replacement', '$& $1', '$&amp; $1'],
  ])('takes %s for text', (_, text, expected) => {
    expect(serialize(html`<p>${text}`)).toBe(`<p>${expected}`);
  });

  it('takes in other pieces and numbers as they are, lists one after the other, and nothing for undefined', () => {
    const names = ['a', '<b>'].map((name) => html`<li>${name}`);
    expect(serialize(html`<ul>${names}</ul>${undefined}<b>${3}</b>${['x', ['y']]}`)).toBe(
      '<ul><li>a<li>&lt;b&gt;</ul><b>3</b>xy',
    );
  });

  it('can not be made by what only looks like one', () => {
    const lookalike: object = JSON.parse('[{"markup": "<script>"}]');
    expect(() => html`${lookalike as string[]}`).toThrow(TypeError);
  });

  it('has the text of the program itself as it is', () => {
    expect(serialize(html`<style>${verbatim('p>a{}')}</style>`)).toBe('<style>p>a{}</style>');
  });
});
