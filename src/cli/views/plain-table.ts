import stringWidth from 'string-width';

/** A table without lines, its columns two spaces apart. A cell may have several lines. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].flatMap(linesOf);
  const columns = head.map((_, column) => lines.reduce((most, line) => Math.max(most, widthOf(line[column] ?? '')), 0));
  const pad = (cell: string, column: number): string =>
    cell.padEnd(cell.length + (columns[column] ?? 0) - widthOf(cell));
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

const PLAIN = /^[ -~]*$/;

/** Columns on a terminal. */
function widthOf(cell: string): number {
  return PLAIN.test(cell) ? cell.length : stringWidth(cell);
}

/** A row as lines: its cells may have more than one. */
function linesOf(row: readonly string[]): (readonly string[])[] {
  if (!row.some((cell) => cell.includes('\n'))) return [row];
  const cells = row.map((cell) => cell.split('\n'));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, number) => cells.map((lines) => lines[number] ?? ''));
}
