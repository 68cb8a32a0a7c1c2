import { Chalk, type ChalkInstance } from 'chalk';
import type { Io } from '../io.ts';

/** Colors where the stream is a terminal and nobody asked for none (https://no-color.org). */
export function createStyle(stream: Io['stdout'] | Io['stderr'], { env }: Io, wanted: boolean): ChalkInstance {
  const isColored = wanted && !env.NO_COLOR && (stream.isTTY === true || Boolean(env.FORCE_COLOR));
  return new Chalk({ level: isColored ? 1 : 0 });
}
