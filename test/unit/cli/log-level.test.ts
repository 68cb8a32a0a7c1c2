import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Io } from '../../../src/cli/io.ts';
import { isJournal, prefixLines, writeLeveled } from '../../../src/cli/log-level.ts';
import { createStyle } from '../../../src/cli/views/style.ts';

const file = join(tmpdir(), `virtioize-log-level-${process.pid}`);
let fd: number;

beforeEach(() => {
  fd = openSync(file, 'w');
});

afterEach(() => {
  closeSync(fd);
  rmSync(file);
});

/** The file as a stream, and an environment that says which stream is the journal. */
function streamWith(JOURNAL_STREAM: string | undefined): { stream: Io['stdout']; io: Io; written: string[] } {
  const written: string[] = [];
  const stream = { fd, write: (text: string) => written.push(text) > 0 } as unknown as Io['stdout'];
  const io = { stdout: stream, env: { JOURNAL_STREAM, FORCE_COLOR: '1' } } as unknown as Io;
  return { stream, io, written };
}

function idOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}

describe('a line for the journal', () => {
  it('begins with its priority, and no line of a record is without one', () => {
    expect(prefixLines('failed\n\n  -> why', 'error')).toBe('<3>failed\n<3>  -> why\n');
    expect(prefixLines('refused', 'warning')).toBe('<4>refused\n');
    expect(prefixLines('done', 'info')).toBe('<6>done\n');
  });

  it('is written as such, without colors, where the stream is what JOURNAL_STREAM names', () => {
    const { stream, io, written } = streamWith(idOf(file));
    const style = createStyle(stream, io, true);
    writeLeveled(stream, io, { text: style.red('a'), level: 'warning' }, { text: 'b', level: 'info' });
    expect(written).toEqual(['<4>a\n<6>b\n']);
  });

  it.each([undefined, '', '1:2', 'nonsense', idOf('/')])('is a plain line where that is %j', (name) => {
    const { stream, io, written } = streamWith(name);
    writeLeveled(stream, io, { text: 'a\n\nb', level: 'error' }, { text: '', level: 'info' });
    expect(written).toEqual(['a\n\nb\n\n']);
    expect(createStyle(stream, io, true).red('a')).not.toBe('a');
  });

  it('is a plain line on a stream that is no file of the system', () => {
    const { stream, io } = streamWith(idOf(file));
    const streams = [
      { ...stream, fd: undefined },
      { ...stream, fd: 123_456 },
    ] as unknown as Io['stdout'][];
    expect(streams.map((other) => isJournal(other, io.env))).toEqual([false, false]);
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
