import { fstatSync } from 'node:fs';
import type { Io } from './io.ts';

/** How much a line matters to whoever reads a log. */
export type LogLevel = 'error' | 'warning' | 'info';

/** A piece of text, one or more lines, and how much it matters. */
export interface LeveledText {
  readonly text: string;
  readonly level: LogLevel;
}

/** The priorities of syslog(3). */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, info: 6 };

type Output = Io['stdout'];

/** Write text, a line feed after it. Where the stream is systemd's journal, each line says its priority. */
export function writeLeveled(stream: Output, { env }: Io, ...texts: readonly LeveledText[]): void {
  const isLogged = isJournal(stream, env);
  stream.write(texts.map(({ text, level }) => (isLogged ? prefixLines(text, level) : `${text}\n`)).join(''));
}

/** Each line is a record of its own in the journal, and begins with its priority (sd-daemon(3)); empty ones say nothing. */
export function prefixLines(text: string, level: LogLevel): string {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `<${PRIORITIES[level]}>${line}\n`)
    .join('');
}

/**
 * Whether a stream is systemd's journal. What a service starts inherits `JOURNAL_STREAM` also where its output goes
 * elsewhere, so the device and inode in it must be the stream's (systemd.exec(5)).
 */
export function isJournal({ fd }: Output, { JOURNAL_STREAM: journal }: NodeJS.ProcessEnv): boolean {
  if (!journal || fd === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return journal === `${dev}:${ino}`;
  } catch {
    return false; // closed
  }
}
