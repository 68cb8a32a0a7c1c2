/** One bar of a plot. */
export interface Bar {
  readonly name: string;
  readonly value: number;
}

const [WIDTH, NAMES, ROW, MARGIN] = [720, 200, 32, 36] as const;

/** A plot of horizontal bars on a logarithmic scale, as SVG that is readable on white and on dark. */
export function drawBars(unit: string, bars: readonly Bar[]): string {
  const least = 10 ** Math.floor(Math.log10(Math.min(...bars.map(({ value }) => value))));
  const most = 10 ** Math.ceil(Math.log10(Math.max(...bars.map(({ value }) => value))));
  const length = (value: number): number =>
    Math.round((Math.log10(value / least) / Math.log10(most / least)) * (WIDTH - NAMES - MARGIN * 2));
  const height = bars.length * ROW + MARGIN;
  const ticks: string[] = [];
  for (let value = least; value <= most; value *= 10) {
    const x = NAMES + length(value);
    ticks.push(
      `<path d="M${x} 0V${bars.length * ROW}" stroke="#888" stroke-opacity="0.4"/>`,
      `<text x="${x}" y="${height - 14}" text-anchor="middle">${Number(value.toPrecision(1))}${value === most ? ` ${unit}` : ''}</text>`,
    );
  }
  const rows = bars.flatMap(({ name, value }, row) => [
    `<text x="${NAMES - 8}" y="${row * ROW + 21}" text-anchor="end">${name}</text>`,
    `<rect x="${NAMES}" y="${row * ROW + 6}" width="${length(value)}" height="${ROW - 12}" fill="#4a7fb5"/>`,
    `<text x="${NAMES + length(value) + 6}" y="${row * ROW + 21}">${Number(value.toPrecision(2))}</text>`,
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13" fill="#888">`,
    `<title>${unit}: ${bars.map(({ name, value }) => `${name} ${Number(value.toPrecision(2))}`).join(', ')}</title>`,
    ...ticks,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}
