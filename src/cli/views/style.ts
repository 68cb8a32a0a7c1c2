import { Chalk, type ChalkInstance } from 'chalk';
import type { Io } from '../io.ts';
import { isJournal } from '../log-level.ts';

/** Colors where the stream is a terminal and nobody asked for none (https://no-color.org); never in the journal. */
export function createStyle(stream: Io['stdout'], { env }: Io, wanted: boolean): ChalkInstance {
  const mayColor = stream.isTTY === true || (Boolean(env.FORCE_COLOR) && !isJournal(stream, env));
  const isColored = wanted && !env.NO_COLOR && mayColor;
  return new Chalk({ level: isColored ? 1 : 0 });
}
