import { SaxesParser } from 'saxes';

/** What can be read of a node, be it one of xmldom's or of a tree made for reading. */
export interface ReadNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly firstChild: ReadNode | null;
  readonly nextSibling: ReadNode | null;
  readonly ownerDocument: ReadDocument | null;
}

interface Attribute {
  readonly name: string;
  readonly value: string;
}

export interface ReadDocument extends ReadNode {
  readonly documentElement: ReadElement | null;
}

export interface ReadElement extends ReadNode {
  readonly localName: string | null;
  readonly namespaceURI: string | null;
  readonly attributes: Iterable<Attribute>;
  getAttribute(name: string): string | null;
  getAttributeNode(name: string): Attribute | null;
  hasAttribute(name: string): boolean;
}

/**
 * A document for whoever only reads: half of the time that xmldom's own takes, and less to be kept. Its nodes have
 * what this project and XPath ask of a node of the DOM. Comments and white space between elements are left out.
 * @throws Error where the text is not well-formed, or has a document type, and so entities of its own.
 */
export function parseForReading(text: string): ReadDocument {
  const reader = idle ?? createReader();
  idle = undefined; // one that throws is left in the middle of its text
  const document = reader(text);
  idle = reader;
  return document;
}

/** It takes one text after the other: to make a parser takes as long as to read a short definition. */
let idle: ((text: string) => ReadDocument) | undefined;

function createReader(): (text: string) => ReadDocument {
  let document: ReadingNode;
  let parent: ReadingNode;
  let last: ReadingNode | null;
  let blank: string;
  /** Few texts declare a namespace: to look for one at each element takes longer than to search the text once. */
  let mayDeclare: boolean;

  const add = (node: ReadingNode): void => {
    if (last === null) parent.firstChild = node;
    else last.nextSibling = node;
    last = node;
  };
  const addText = (data: string): void => {
    const node = new ReadingNode(TEXT, '#text', parent);
    node.nodeValue = blank + data;
    blank = '';
    add(node);
  };

  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on('doctype', () => {
    throw new Error('a document type has no place here');
  });
  parser.on('opentag', ({ name, attributes }) => {
    blank = '';
    const element = new ReadingNode(ELEMENT, name, parent, attributes);
    if (mayDeclare) element.namespaces = declare(element.namespaces, attributes);
    add(element);
    parent = element;
    last = null;
  });
  parser.on('closetag', () => {
    if (last === null && blank !== '') addText('');
    blank = '';
    last = parent;
    parent = parent.parentNode ?? document;
  });
  parser.on('text', (data) => {
    if (data.trim() === '') blank += data;
    else if (parent !== document) addText(data);
  });
  parser.on('cdata', addText);
  return (text) => {
    document = new ReadingNode(DOCUMENT, '#document', null);
    parent = document;
    last = null;
    blank = '';
    mayDeclare = text.includes('xmlns');
    parser.write(text).close();
    return document;
  };
}

const ELEMENT = 1;
const ATTRIBUTE = 2;
const TEXT = 3;
const DOCUMENT = 9;

/** By name; saxes makes such an object, which has no prototype, for each element. */
type Values = Readonly<Record<string, string>>;
const NO_VALUES: Values = Object.freeze(Object.create(null));

type Namespaces = ReadonlyMap<string, string>;
const NO_NAMESPACES: Namespaces = new Map();

function declare(namespaces: Namespaces, values: Values): Namespaces {
  const declared = Object.entries(values).filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'));
  return declared.length === 0 ? namespaces : new Map([...namespaces, ...declared]);
}

/** A class, for there are a hundred of them in each definition, and most of what one can tell is never asked. */
class ReadingNode implements ReadDocument, ReadElement {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly parentNode: ReadingNode | null;
  readonly ownerDocument: ReadingNode | null;
  firstChild: ReadingNode | null = null;
  nextSibling: ReadingNode | null = null;
  nodeValue: string | null = null;
  readonly values: Values;
  /** By the attributes that declare them, on it or around it. */
  namespaces: Namespaces;
  #attributes: readonly ReadingAttribute[] | undefined;

  constructor(nodeType: number, nodeName: string, parentNode: ReadingNode | null, values = NO_VALUES) {
    this.nodeType = nodeType;
    this.nodeName = nodeName;
    this.parentNode = parentNode;
    this.values = values;
    this.ownerDocument = parentNode === null ? null : (parentNode.ownerDocument ?? parentNode);
    this.namespaces = parentNode === null ? NO_NAMESPACES : parentNode.namespaces;
  }

  get documentElement(): ReadingNode | null {
    return this.nodeType === DOCUMENT ? this.firstChild : null;
  }

  get localName(): string {
    return this.nodeName.slice(this.nodeName.indexOf(':') + 1);
  }

  get namespaceURI(): string | null {
    if (this.namespaces === NO_NAMESPACES) return null;
    const end = this.nodeName.indexOf(':');
    return this.namespaces.get(end < 0 ? 'xmlns' : `xmlns:${this.nodeName.slice(0, end)}`) || null;
  }

  getAttribute(name: string): string | null {
    return this.values[name] ?? null;
  }

  getAttributeNode(name: string): Attribute | null {
    const value = this.values[name];
    return value === undefined ? null : { name, value };
  }

  hasAttribute(name: string): boolean {
    return this.values[name] !== undefined;
  }

  /** As XPath looks at them. */
  get attributes(): readonly ReadingAttribute[] {
    this.#attributes ??= listAttributes(this);
    return this.#attributes;
  }

  get childNodes(): ReadingNode[] {
    const children: ReadingNode[] = [];
    for (let child = this.firstChild; child !== null; child = child.nextSibling) children.push(child);
    return children;
  }

  get textContent(): string {
    return this.nodeValue ?? this.childNodes.map((child) => child.textContent).join('');
  }
}

interface ReadingAttribute extends Attribute {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly localName: string;
  readonly namespaceURI: string | null;
  readonly nodeValue: string;
  readonly ownerElement: ReadingNode;
}

function listAttributes(ownerElement: ReadingNode): readonly ReadingAttribute[] {
  const attributes = Object.entries(ownerElement.values).map(([name, value]) => {
    const [local = '', prefix] = name.split(':').reverse();
    const namespaceURI = prefix === undefined ? null : ownerElement.namespaces.get(`xmlns:${prefix}`) || null;
    return {
      nodeType: ATTRIBUTE,
      nodeName: name,
      name,
      localName: local,
      namespaceURI,
      nodeValue: value,
      value,
      ownerElement,
    };
  });
  return Object.assign(attributes, { item: (position: number) => attributes[position] ?? null });
}
