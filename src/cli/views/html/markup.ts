import { printable } from '../printable.ts';

const MARKUP = Symbol('markup');

/** A piece of a page. Only this file makes one, so that no text of a guest is ever taken for one. */
export interface Html {
  readonly [MARKUP]: string;
}

/** What may stand in a hole of a template: texts are escaped, pieces are not, lists are joined, undefined is nothing. */
type Hole = Html | string | number | undefined | readonly Hole[];

/**
 * A piece of a page: html`<p title="${text}">${text}</p>`. A hole stands between tags, or within double quotes.
 * Whatever comes in as text is shown as text, whoever it is from, and without what turns the direction of writing.
 */
export function html({ raw }: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  return { [MARKUP]: String.raw({ raw }, ...holes.map(fill)) };
}

/** A style or a script: text of this program alone, never of a guest. */
export function verbatim(text: string): Html {
  return { [MARKUP]: text };
}

export function serialize(piece: Html): string {
  return piece[MARKUP];
}

function fill(hole: Hole): string {
  if (hole === undefined) return '';
  if (typeof hole === 'string') return escapeText(printable(hole));
  if (typeof hole === 'number') return String(hole);
  return MARKUP in hole ? hole[MARKUP] : hole.map(fill).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Attributes stand in double quotes, so that an apostrophe ends nothing. */
function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
