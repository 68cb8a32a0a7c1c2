import { DOMParser, type Document, type Element, Node, onWarningStopParsing, XMLSerializer } from '@xmldom/xmldom';
import * as xpath from 'xpath';
import { VirtioizeError } from '../error.ts';
import { createLately } from './lately.ts';
import { parseForReading, type ReadDocument, type ReadElement, type ReadNode } from './reading-tree.ts';

export type { Document, Element, ReadDocument, ReadElement };

/** The elements of a document that can be changed can be changed. */
export type ElementOf<N> = N extends Document | Element ? Element : ReadElement;

/**
 * Parse a domain definition as libvirt prints it.
 * @throws VirtioizeError `definition-unreadable` where it is not well-formed or not a `<domain>`.
 */
export function parseDefinition(text: string): Document {
  // without the places of errors, which nobody is told, it is faster
  const options = { onError: onWarningStopParsing, locator: false, normalizeLineEndings };
  return checkDomain(orUnreadable(text, () => new DOMParser(options).parseFromString(text, 'text/xml')));
}

function checkDomain<D extends ReadDocument>(document: D): D {
  if (document.documentElement?.nodeName !== 'domain') {
    throw new VirtioizeError('definition-unreadable', 'The definition is not a <domain> document.');
  }
  return document;
}

const documents = createLately<ReadDocument>((text) => checkDomain(readXml(text)));

/**
 * The same for whoever only reads: a definition that was read lately is not parsed again.
 * @throws VirtioizeError `definition-unreadable`
 */
export function readDefinition(text: string): ReadDocument {
  return documents.of(text);
}

/**
 * Let `readDefinition` give this document for its text; it must not be changed any more.
 * @returns the text.
 */
export function shareDefinition(text: string, document: ReadDocument): string {
  documents.keep(text, document);
  return text;
}

/**
 * Read whatever XML libvirt prints.
 * @throws VirtioizeError `definition-unreadable` where it is not well-formed.
 */
export function readXml(text: string): ReadDocument {
  return orUnreadable(text, () => parseForReading(text));
}

function orUnreadable<D>(text: string, parse: () => D): D {
  // else it would be written back with bytes lost
  if (text.includes('\uFFFD'))
    throw new VirtioizeError('definition-unreadable', 'What libvirt printed is not all UTF-8, or holds U+FFFD.');
  try {
    return parse();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.replace(/^Reporting /, '').split('\n')[0] : String(cause);
    throw new VirtioizeError('definition-unreadable', `What libvirt printed is not well-formed XML: ${problem}.`, {
      cause,
    });
  }
}

/** As XML 1.0 has it. The parser's own does what XML 1.1 asks for, and so makes line feeds of U+0085 and U+2028. */
function normalizeLineEndings(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/**
 * The text of a definition. Attribute quotes become double ones; all else is as it was parsed.
 * A carriage return is written as a reference, for XML readers turn a bare one into a line feed.
 */
export function serializeDefinition(node: Node): string {
  return new XMLSerializer().serializeToString(node).replaceAll('\r', '&#13;');
}

/** The elements that an XPath expression selects below `node`, in document order. */
export function selectElements<N extends ReadNode>(node: N, expression: string): ElementOf<N>[] {
  return compile(expression)(node) as ElementOf<N>[];
}

/** The first element that an XPath expression selects below `node`. */
export function selectElement<N extends ReadNode>(node: N, expression: string): ElementOf<N> | undefined {
  return selectElements(node, expression)[0];
}

/** The text of the first node that an XPath expression selects, or undefined. */
export function selectText(node: ReadNode, expression: string): string | undefined {
  const [first] = compile(expression)(node);
  if (first === undefined) return undefined;
  return 'value' in first ? first.value : (first.textContent ?? '');
}

/** The definition that an element stands in. */
export function definitionOf<E extends ReadElement>(element: E): NonNullable<E['ownerDocument']> {
  if (element.ownerDocument === null) throw new TypeError(`<${element.nodeName}> stands in no document`);
  return element.ownerDocument;
}

/** An attribute's value, or undefined where it, or the element itself, is absent. */
export function attribute(element: ReadElement | undefined, name: string): string | undefined {
  return element?.getAttribute(name) ?? undefined;
}

/** The child elements of the given name. */
export function childElements<N extends ReadNode>(parent: N, name?: string): ElementOf<N>[] {
  const found: ReadElement[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling)
    if (isElement(node) && (name === undefined || node.nodeName === name)) found.push(node);
  return found as ElementOf<N>[];
}

/** The first child element of the given name. */
export function childElement<N extends ReadNode>(parent: N, name: string): ElementOf<N> | undefined {
  for (let node = parent.firstChild; node !== null; node = node.nextSibling)
    if (isElement(node) && node.nodeName === name) return node as ElementOf<N>;
  return undefined;
}

const { ELEMENT_NODE } = Node;

function isElement(node: ReadNode): node is ReadElement {
  return node.nodeType === ELEMENT_NODE;
}

/** Remove an element and the indentation before it, so that no blank line stays behind. */
export function removeElement(element: Element): void {
  const before = element.previousSibling;
  if (before !== null && before.nodeType === before.TEXT_NODE && (before.nodeValue ?? '').trim() === '') {
    before.parentNode?.removeChild(before);
  }
  element.parentNode?.removeChild(element);
}

/** Insert a child before another one, or as the last where there is none, indented like its siblings. */
export function insertElement(parent: Element, child: Element, before?: Element): void {
  const [first, last] = [parent.firstChild, parent.lastChild];
  const isIndented =
    first !== null && last !== null && first.nodeType === first.TEXT_NODE && last.nodeType === last.TEXT_NODE;
  const indentation = isIndented ? definitionOf(parent).createTextNode(first.nodeValue ?? '') : null;
  if (before !== undefined) {
    parent.insertBefore(child, before);
    if (indentation !== null) parent.insertBefore(indentation, before);
  } else {
    const end = isIndented ? last : null;
    if (indentation !== null) parent.insertBefore(indentation, end);
    parent.insertBefore(child, end);
  }
}

type Selected = ReadNode | { readonly value: string };
type Select = (node: ReadNode) => Selected[];

/** xpath's own types leave `parse` out. */
const { parse: parseExpression } = xpath as unknown as {
  parse: (expression: string) => { select(options: { node: ReadNode }): Selected[] };
};

const compiled = new Map<string, Select>();

function compile(expression: string): Select {
  let known = compiled.get(expression);
  if (known === undefined) {
    known = PLAIN_PATH.test(expression) ? plainPath(expression) : generalPath(expression);
    compiled.set(expression, known);
  }
  return known;
}

function generalPath(expression: string): Select {
  const parsed = parseExpression(expression);
  return (node) => parsed.select({ node });
}

/** Names alone need no XPath, which takes ten times as long: `/domain/os/type/@arch`, `source/@pool`. */
const PLAIN_PATH = /^\/?(?:\w+\/)*(?:\w+|@\w+)$/;

function plainPath(expression: string): Select {
  const [path = '', attributeName] = expression.split('@');
  const names = path.split('/').filter((name) => name !== '');
  return (node) => {
    const start = expression.startsWith('/') ? (node.ownerDocument ?? node) : node;
    const found: ReadNode[] = [];
    follow(start, names, 0, found);
    if (attributeName === undefined) return found;
    return (found as ReadElement[]).flatMap((element) => element.getAttributeNode(attributeName) ?? []);
  };
}

/** Find what the names from `step` on lead to, in document order. */
function follow(node: ReadNode, names: readonly string[], step: number, found: ReadNode[]): void {
  const name = names[step];
  if (name === undefined) found.push(node);
  else
    for (let child = node.firstChild; child !== null; child = child.nextSibling)
      if (child.nodeName === name && isElement(child) && !child.namespaceURI) follow(child, names, step + 1, found);
}
