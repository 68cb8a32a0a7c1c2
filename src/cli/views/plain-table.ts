import Table from 'cli-table3';

const PLAIN_BORDERS = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((name) => [name, '']),
);

/** A table without lines, its columns two spaces apart. */
export function createTable(head: string[]): Table.Table {
  return new Table({
    head,
    chars: { ...PLAIN_BORDERS, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
}

export function renderTable(table: Table.Table): string {
  return table
    .toString()
    .split('\n')
    .map((row) => row.trimEnd())
    .join('\n');
}
