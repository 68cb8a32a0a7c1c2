import { describe, expect, it } from '@jest/globals';
import { canonicalForm } from '../../../src/domain/canonical.ts';
import {
  attribute,
  childElements,
  parseDefinition,
  type ReadDocument,
  type ReadElement,
  readDefinition,
  selectElements,
  selectText,
} from '../../../src/domain/xml.ts';
import { readGoldenCases, readGoldenDefinition } from '../../definitions/golden-cases.ts';

const EXPRESSIONS = [
  '//*',
  '/domain/os/*',
  '/domain/devices/disk',
  "/domain/devices/controller[@type='pci']",
  "/domain/os/loader[@type='pflash'] | /domain/os/nvram | /domain/name",
  "/domain/os[@firmware='efi' or loader/@type='pflash' or nvram]",
  "//*[@dev][../@type='file']",
];

/** What is read of a definition by each way that there is. */
function told(document: ReadDocument): unknown {
  const describeElement = (element: ReadElement): unknown[] => [
    element.nodeName,
    element.localName,
    element.namespaceURI,
    childElements(element).length > 0 ? 'elements' : element.textContent,
    Array.from(element.attributes, ({ name, value }) => [name, value, attribute(element, name)]),
  ];
  return [
    canonicalForm(document.documentElement as ReadElement),
    EXPRESSIONS.map((expression) => selectElements(document, expression).map(describeElement)),
    ['/domain/@type', '/domain/name', "//target[@bus='ide']/@dev"].map((one) => selectText(document, one)),
  ];
}

describe('a definition that is only read', () => {
  it.each(readGoldenCases())('tells what one tells that can be changed: $name', (golden) => {
    const text = readGoldenDefinition(golden, 'in');
    expect(told(readDefinition(text))).toEqual(told(parseDefinition(text)));
  });

  it('tells of text as it stands, in pieces too, and leaves white space between elements out', () => {
    const text = '<domain>\n <a> </a><b> <![CDATA[<x>]]> &amp;\r\n</b><c>one<d/>two<!-- no --></c>\n</domain>';
    const { documentElement } = readDefinition(text);
    expect(selectElements(documentElement as ReadElement, '*').map(({ textContent }) => textContent)).toEqual([
      ' ',
      ' <x> &\n',
      'onetwo',
    ]);
    expect(documentElement?.textContent).toBe('  <x> &\nonetwo');
  });

  it('has the attributes that stand there, and none of those that all objects have', () => {
    const { documentElement } = readDefinition("<domain __proto__='p' constructor=''/>");
    const element = documentElement as ReadElement;
    const names = ['__proto__', 'constructor', 'toString'];
    expect(names.map((name) => [attribute(element, name), element.hasAttribute(name)])).toEqual([
      ['p', true],
      ['', true],
      [undefined, false],
    ]);
    expect(Array.from(element.attributes, ({ name, value }) => [name, value])).toEqual([
      ['__proto__', 'p'],
      ['constructor', ''],
    ]);
  });

  it('has no document type, not even one without entities', () => {
    expect(() => readDefinition('<!DOCTYPE domain><domain/>')).toThrow(
      expect.objectContaining({ code: 'definition-unreadable' }),
    );
  });
});
