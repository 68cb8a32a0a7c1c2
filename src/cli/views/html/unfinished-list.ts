import type { RunReport } from '../../report.ts';
import { recoverCommand } from '../remedy-command.ts';
import { type Html, html } from './markup.ts';
import { moment, timeSince } from './moment.ts';

/** The changes that an interrupted run left; nothing where there is none. */
export function renderUnfinished({ unfinished, connection, finishedAt }: RunReport): Html | undefined {
  if (unfinished.length === 0) return undefined;
  const lines = unfinished.map(({ guest, since }) => {
    const age = timeSince(since, finishedAt);
    return html`<li>A change of <b>${guest.name}</b>, begun at ${moment(since)}${age === undefined ? '' : `, ${age} before this check`}`;
  });
  return html`<section class="alarm" aria-labelledby="unfinished-title">
<h2 id="unfinished-title">Interrupted, and not finished</h2>
<ul>${lines}</ul>
<p>To bring ${unfinished.length === 1 ? 'it' : 'them'} to an end: <code>${recoverCommand(connection)}</code></p>
</section>
`;
}
