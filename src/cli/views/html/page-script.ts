/**
 * The page's script. It sorts and filters the table of guests, and nothing else: rows come in the order of their need, and
 * are moved and hidden, never made. The controls are shown only here, for without a script they would do nothing.
 */
export const PAGE_SCRIPT = `
'use strict';
(() => {
  const table = document.getElementById('guests');
  const [standing, words, told] = ['standing', 'words', 'told'].map((id) => document.getElementById(id));
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows].map((row, need) => ({
    row,
    need,
    name: row.cells[0].textContent,
    proof: row.cells[3].dataset.k,
    text: row.textContent.toLowerCase(),
  }));
  const names = new Intl.Collator(undefined, { numeric: true });
  const orders = [
    (one, other) => names.compare(one.name, other.name),
    () => 0,
    undefined,
    (one, other) => one.proof - other.proof,
  ];
  let sorted = { column: 1, isUp: true };

  function sort() {
    const { column, isUp } = sorted;
    const turn = isUp ? 1 : -1;
    const isKnown = ({ proof }) => column !== 3 || proof !== undefined;
    rows.sort(
      (one, other) =>
        isKnown(other) - isKnown(one) ||
        (isKnown(one) && turn * orders[column](one, other)) ||
        (column === 1 ? turn : 1) * (one.need - other.need),
    );
    table.tBodies[0].append(...rows.map(({ row }) => row));
    heads.forEach((head, at) =>
      at === column ? head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending') : head.removeAttribute('aria-sort'),
    );
  }

  function filter() {
    const wanted = words.value.toLowerCase().split(/\\s+/);
    const ways = standing.value.split(' ');
    for (const { row, text } of rows) {
      row.hidden = !(ways.includes(row.className) || standing.value === '') || !wanted.every((word) => text.includes(word));
    }
  }

  function tell() {
    const shown = rows.filter(({ row }) => !row.hidden).length;
    const by = heads[sorted.column].textContent.toLowerCase();
    told.textContent = shown + ' of ' + rows.length + ' guests, by ' + by + (sorted.isUp ? '' : ', reversed');
  }

  heads.forEach((head, column) => {
    if (orders[column] === undefined) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      sorted = { column, isUp: sorted.column !== column || !sorted.isUp };
      sort();
      tell();
    });
  });
  for (const control of [standing, words])
    control.addEventListener('input', () => {
      filter();
      tell();
    });
  const form = document.getElementById('filter');
  form.addEventListener('submit', (event) => event.preventDefault());
  form.hidden = false;
  // a browser that comes back to the page may have kept what was typed
  filter();
  sort();
  tell();
})();
`;
