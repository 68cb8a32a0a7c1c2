import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalForm } from '../../../src/domain/canonical.ts';
import {
  parseDefinition,
  readDefinition,
  selectElement,
  selectText,
  serializeDefinition,
} from '../../../src/domain/xml.ts';

function roundTrip(text: string): string {
  return serializeDefinition(parseDefinition(text));
}

describe('a definition', () => {
  it('comes out as it went in, apart from its quotes', () => {
    const text = `<domain type="kvm" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <title a="x&#10;y&#9;z &quot;q&quot; 'p'">a &amp; b &lt;c&gt; ]]&gt; &#13;</title>
  <metadata><!-- kept --><k:x xmlns:k="urn:k" k:a="1"><![CDATA[ <raw> & ]]></k:x></metadata>
  <devices><disk/></devices>
  <qemu:commandline><qemu:arg value="-x"/></qemu:commandline>
</domain>`;
    expect(roundTrip(text)).toBe(text);
  });

  it('keeps every character of a text and of an attribute', () => {
    const printable = fc.string({ unit: 'grapheme' }).filter((text) => isXmlText(text) && !text.includes('\uFFFD'));
    fc.assert(
      fc.property(printable, (text) => {
        const document = parseDefinition('<domain><title a=""/></domain>');
        const title = selectElement(document, '/domain/title');
        title?.setAttribute('a', text);
        title?.appendChild(document.createTextNode(text));
        const written = serializeDefinition(document);
        for (const read of [parseDefinition(written), readDefinition(written)]) {
          expect(selectText(read, '/domain/title/@a')).toBe(text);
          expect(selectText(read, '/domain/title')).toBe(text);
        }
      }),
    );
  });

  it('keeps the characters that end a line in XML 1.1 alone', () => {
    const text = '<domain><title a="\u0085\u2028\u2029">\u0085\u2028\u2029</title></domain>';
    expect(roundTrip(text)).toBe(text);
  });

  it.each([
    '',
    '<domain>',
    '<domain><b></domain>',
    'text',
    '<domain/><domain/>',
    '<network/>',
    '<domain a=1/>',
    '<domain a="1" a="2"/>',
    '<domain>&x;</domain>',
    '<domain>\uFFFD</domain>',
  ])('that reads %j is refused with a clear error, whatever it is read for', (text) => {
    for (const read of [parseDefinition, readDefinition])
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'definition-unreadable' }));
  });

  it('does not resolve entities of its own', () => {
    const text = '<!DOCTYPE domain [<!ENTITY x SYSTEM "file:///etc/passwd">]><domain><name>&x;</name></domain>';
    for (const read of [parseDefinition, readDefinition])
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'definition-unreadable' }));
  });
});

describe('the canonical form', () => {
  const form = (text: string): string => canonicalForm(parseDefinition(text).documentElement as never);

  it('does not depend on the order of attributes or on white space', () => {
    expect(form("<domain b='2' a='1'><x/></domain>")).toBe(form('<domain a="1" b="2">\n  <x></x>\n</domain>'));
  });

  it.each([
    ["<domain a='1'/>", "<domain a='2'/>"],
    ['<domain><x/><y/></domain>', '<domain><y/><x/></domain>'],
    ['<domain><x>1</x></domain>', '<domain><x>2</x></domain>'],
    ['<domain><x/></domain>', '<domain><x/><x/></domain>'],
    ["<domain a='x&quot; b=&quot;y'/>", "<domain a='x' b='y'/>"],
  ])('differs for %s and %s', (one, other) => {
    expect(form(one)).not.toBe(form(other));
  });
});

/** XML 1.0 can hold every character but most controls, lone surrogates and two non-characters. */
function isXmlText(text: string): boolean {
  return Array.from(text).every((character) => {
    const code = character.codePointAt(0) ?? 0;
    const isControl = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d;
    return !isControl && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
  });
}
