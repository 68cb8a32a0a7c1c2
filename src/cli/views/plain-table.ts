import stringWidth from 'string-width';

/** A table without lines, its columns two spaces apart. A cell may have several lines. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].flatMap(linesOf);
  const widths = head.map((_, column) => lines.reduce((most, line) => Math.max(most, widthOf(line[column])), 0));
  const pad = (line: readonly string[]): string =>
    line.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join('  ');
  return lines.map((line) => pad(line).trimEnd()).join('\n');
}

const PLAIN = /^[ -~]*$/;

/** Columns on a terminal. */
function widthOf(cell = ''): number {
  return PLAIN.test(cell) ? cell.length : stringWidth(cell);
}

/** A row as lines: its cells may have more than one. */
function linesOf(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split('\n'));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, number) => cells.map((lines) => lines[number] ?? ''));
}
