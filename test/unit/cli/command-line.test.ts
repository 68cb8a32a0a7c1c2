import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { Io } from '../../../src/cli/io.ts';
import { printable } from '../../../src/cli/views/printable.ts';
import { run } from '../../../src/main.ts';

interface Captured extends Io {
  readonly out: string[];
  readonly err: string[];
}

function captureIo(env: NodeJS.ProcessEnv = {}): Captured {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (texts: string[]): Writable =>
    new Writable({
      write(chunk: Buffer, _, done) {
        texts.push(chunk.toString());
        done();
      },
    });
  return { stdout: into(out), stderr: into(err), stdin: process.stdin, env, out, err };
}

describe('the command line', () => {
  it.each([
    [[], 'Name a command.'],
    [['conver', 'web1'], 'Did you mean convert?'],
    [['convert', '--dry-run'], 'No guest is named.'],
    [['convert', 'web1', '--restart', 'hard'], 'Invalid values'],
    [['convert', 'web1', '--restart', 'force', '--boot-timeout', '5 min'], "--boot-timeout: '5 min' is not a duration"],
    [['convert', 'web1', '--shutdown-timeout', '25h'], '--shutdown-timeout'],
    [['convert', 'web1', '--shutdown-timeout', '0'], 'between 1s and 24h'],
    [['convert', 'web1', '--restart', 'force', '--restart-jobs', '0'], "--restart-jobs: '0' is not a number"],
    [['convert', 'web1', '--restart', 'force', '--max-failures', 'some'], "--max-failures: 'some' is not a number"],
    [['convert', 'web1', '--wait-tcp', '65536'], 'from 1 to 65535'],
    [['status', '--restart', 'force'], 'Unknown argument: restart'],
    [['chekc'], 'Did you mean check?'],
    [['status', '--format', 'nagios'], "--format nagios is for 'virtioize check' alone."],
    [['convert', 'web1', '--format=prometheus'], "--format prometheus is for 'virtioize check' alone."],
    [['check', '--from', 'floppy'], "'floppy' is not an emulated bus"],
    [['check', '--restart', 'force'], 'Unknown argument: restart'],
    [['json'], 'Unknown'],
    [['convert', 'web1', '--assume-driver'], '--assume-driver needs --reason TEXT.'],
    [['convert', 'web1', '--require-evidence', 'likely'], '--require-evidence likely needs --reason TEXT.'],
    [['convert', 'web1', '--require-evidence', 'unknown'], 'Invalid values'],
    [['convert', 'web1', '--accept', 'snapshots', '--reason', ' '], '--accept needs --reason TEXT.'],
    [['convert', 'web1', '--accept', 'nonsense', '--reason', 'x'], "'nonsense' is not a refusal"],
    [['convert', 'web1', '--accept', 'name-collision', '--reason', 'x'], "'name-collision' can't be accepted"],
    [['status', '--from', 'ide,floppy'], "'floppy' is not an emulated bus"],
    [['recover', '--adopt-live-source'], 'needs the guests named'],
    [['status', '--format', 'xml'], 'Invalid values'],
  ])('%j ends with 64 and says what is wrong', async (words, expected) => {
    const io = captureIo();
    const place = ['-c', 'test:///default', '--state-dir', '/nonexistent/state'];
    const status = await run(words.length === 0 ? words : [...words, ...place], io);
    expect({ status, told: io.err.join('') }).toEqual({ status: 64, told: expect.stringContaining(expected) });
    expect(io.out.join('')).toBe('');
  });
});

describe('a monitoring plugin that can not check', () => {
  it.each([
    [['check', '--format', 'nagios', '--no-such-option'], 'Unknown argument'],
    [['check', '--format=nagios', '--from', 'floppy'], "'floppy' is not an emulated bus"],
    [['check', '--format', 'nagios', '-c', 'test:///nonexistent/file'], 'Could not connect to libvirt'],
  ])('%j says that nothing is known, in one line', async (words, expected) => {
    const io = captureIo(process.env);
    const status = await run(['--state-dir', '/nonexistent/state', ...words], io);
    expect({ status, err: io.err.join('') }).toEqual({ status: 3, err: '' });
    expect(io.out.join('')).toMatch(/^VIRTIOIZE UNKNOWN - .*\n$/);
    expect(io.out.join('')).toContain(expected);
  });
});

describe('text from a guest', () => {
  it.each([
    ['\u001b[2J', '\\u001b[2J'],
    ['a\nb\tc', 'a\\u000ab\\u0009c'],
    ['\u009b31m', '\\u009b31m'],
    ['evil\u202egnp', 'evil\\u202egnp'],
    ['日本語 é', '日本語 é'],
  ])('%j can not drive a terminal', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });
});
