import { closest, distance } from 'fastest-levenshtein';
import { type Document, isMap, isNode, isPair, isScalar, type LineCounter, type Node } from 'yaml';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Where in a YAML document something is wrong, and what: `line:column: text`, one for each mistake. */
export function describeIssue(issue: Issue, document: Document, lines: LineCounter): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${placeOfKey(document, issue.path, key, lines)}: unknown key '${key}'`);
  return [
    `${placeOf(document, issue.path, lines)}: ${nameOf(issue.path)}${wrongWith(issue, valueAt(document, issue.path))}`,
  ];
}

/** `line:column` of an offset in the text, both from 1. */
export function placeAt(offset: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(offset);
  return `${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

/** A misspelled word's likely meaning, as a hint. */
export function didYouMean(word: string, words: readonly string[]): string {
  if (words.length === 0) return '';
  const near = closest(word, [...words]);
  return distance(word, near) <= 3 ? `; did you mean '${near}'?` : '';
}

/** The place of what a path leads to, or of what comes closest where something is missing. */
function placeOf(document: Document, path: Issue['path'], lines: LineCounter): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return placeAt(node.range[0], lines);
  }
  return '1:1';
}

function placeOfKey(document: Document, path: Issue['path'], key: string, lines: LineCounter): string {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map)
    ? map.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
    : undefined;
  const node = pair?.key as Node | undefined;
  return node?.range ? placeAt(node.range[0], lines) : placeOf(document, path, lines);
}

function valueAt(document: Document, path: Issue['path']): unknown {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? node.toJS(document) : undefined;
}

/** `waive[0].expires ` */
function nameOf(path: Issue['path']): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text === '' ? 'the document ' : `${text.replace(/^\./, '')} `;
}

function wrongWith(issue: Issue, value: unknown): string {
  const found = value === undefined ? 'is missing' : `is ${describeValue(value)}`;
  if (issue.code === 'invalid_type') {
    const wanted = {
      object: 'a mapping',
      array: 'a list',
      string: 'a text',
      number: 'a number',
      int: 'a whole number',
    };
    return `${found}, and has to be ${wanted[issue.expected as keyof typeof wanted] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    return `${found}, and has to be one of ${words.join(', ')}${typeof value === 'string' ? didYouMean(value, words) : ''}`;
  }
  if (issue.code === 'too_small') return `is less than ${issue.minimum}${issue.origin === 'number' ? '' : ' long'}`;
  if (issue.code === 'too_big') return `is more than ${issue.maximum}${issue.origin === 'number' ? '' : ' long'}`;
  return issue.message;
}

const SHOWN = 40;

function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = String(value);
  return `'${text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text}'`;
}
