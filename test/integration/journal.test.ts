import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { repository } from '../repository.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-journal-'));
});

afterAll(async () => rm(folder, { recursive: true }));

const COMMANDS = [
  ['status', '<6>1 guest, 1 compliant\n'],
  ['convert nobody', "<3>virtioize: No guest matches 'nobody'.\n"],
] as const;

/** Run the program with both streams in a file, as systemd gives both the socket of its journal. */
async function runInto(name: string, command: string, isJournal: boolean): Promise<string> {
  const path = join(folder, name);
  const file = await open(path, 'w');
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    const stateDir = join(folder, 'state');
    const words = ['-c', 'test:///default', '--no-config', '--state-dir', stateDir, ...command.split(' ')];
    const program = spawn(process.execPath, [join(repository, 'bin/virtioize.js'), ...words], {
      env: { ...process.env, JOURNAL_STREAM: isJournal ? `${dev}:${ino}` : `${dev}:${ino}1`, FORCE_COLOR: '1' },
      stdio: ['ignore', file.fd, file.fd],
    });
    await once(program, 'exit');
  } finally {
    await file.close();
  }
  return readFile(path, 'utf8');
}

describe("output to systemd's journal (a file that JOURNAL_STREAM names stands in for it)", () => {
  it.each(COMMANDS)('of %s says how much each line matters, without colors', async (command, part) => {
    const text = await runInto('journal', command, true);
    expect(text).toContain(part);
    expect(text).toMatch(/^(?:<[346]>[^\n]+\n)+$/);
    expect(text).not.toContain('\u001b');
  });

  it.each(COMMANDS)('is plain where it is another file: %s', async (command, part) => {
    const text = await runInto('other', command, false);
    expect(text).not.toMatch(/^<\d>/m);
    expect(text).toContain(part.replace(/^<\d>/, ''));
  });
});
