import { childElements, type Element } from './xml.ts';

export interface CanonicalOptions {
  /** Child elements to leave out, at any depth. */
  readonly without?: ReadonlySet<string>;
}

/**
 * A text that is equal for two elements exactly where libvirt would read the same from both: attributes sorted,
 * white space between elements gone, the rest to the letter. Made to be compared, not to be parsed.
 */
export function canonicalForm(element: Element, { without = new Set() }: CanonicalOptions = {}): string {
  const attributes = Array.from(element.attributes)
    .map(({ name, value }) => `${name}=${JSON.stringify(value)}`)
    .sort();
  const children = childElements(element).filter((child) => !without.has(child.nodeName));
  const content =
    children.length > 0
      ? children.map((child) => canonicalForm(child, { without })).join('')
      : JSON.stringify(childElements(element).length > 0 ? '' : (element.textContent ?? '').trim());
  return `<${[element.nodeName, ...attributes].join(' ')}>${content}`;
}
