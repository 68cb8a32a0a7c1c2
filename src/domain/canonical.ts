import { childElements, type ReadDocument, type ReadElement, selectElements } from './xml.ts';

/**
 * A text that is equal for two elements exactly where libvirt would read the same from both: attributes sorted,
 * white space between elements gone, the rest to the letter. Made to be compared, not to be parsed.
 */
export function canonicalForm(element: ReadElement): string {
  const attributes = Array.from(element.attributes)
    .map(({ name, value }) => `${name}=${JSON.stringify(value)}`)
    .sort();
  const children = childElements(element);
  const content =
    children.length > 0
      ? children.map((child) => canonicalForm(child)).join('')
      : JSON.stringify((element.textContent ?? '').trim());
  return `<${[element.nodeName, ...attributes].join(' ')}>${content}`;
}

/** The canonical forms of all elements that an XPath expression selects, as one text. */
export function canonicalForms(document: ReadDocument, expression: string): string {
  return selectElements(document, expression).map(canonicalForm).join('\n');
}
