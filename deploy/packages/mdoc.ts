const WIDTH = 76;

/** Running text of a manual page in mdoc(7), whatever characters it has. A dash stays the one that is typed. */
export function mdocText(text: string): string {
  return wrap(text)
    .map(roff)
    .map((line) => line.replace(/^(?=[.'])/, '\\&'))
    .join('\n');
}

/** One argument of a macro, never taken for another macro. */
export function mdocArgument(text: string): string {
  return `"\\&${roff(text)}"`;
}

function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq');
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= WIDTH) lines.push(word);
    else lines.splice(-1, 1, `${last} ${word}`);
  }
  return lines;
}
