import { durationWords } from '../duration-words.ts';
import { type Html, html } from './markup.ts';

/** A point in time, to the minute: `2026-06-01 00:00 UTC`. What is no time is shown as it is. */
export function moment(at: string): Html {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return html`${at}`;
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

/** How long something has gone on, roughly; undefined where that is not known. */
export function timeSince(at: string | undefined, now: string): string | undefined {
  const ms = Date.parse(now) - Date.parse(at ?? '');
  return Number.isNaN(ms) ? undefined : durationWords(ms);
}
