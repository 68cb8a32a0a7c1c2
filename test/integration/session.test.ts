import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { dumpDefinition, dumpLiveDefinition } from '../../src/virsh/definitions.ts';
import { listGuests, readGuestInfo } from '../../src/virsh/guests.ts';
import { openSession, type Session } from '../../src/virsh/session.ts';
import { virtioize } from '../program.ts';
import { repository } from '../repository.ts';
import { until } from '../until.ts';

let folder: string;
const sessions: Session[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-session-'));
});

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

afterAll(async () => rm(folder, { recursive: true }));

async function open(uri = 'test:///default'): Promise<Session> {
  const session = await openSession({ uri });
  sessions.push(session);
  return session;
}

describe('a session', () => {
  it('gives typed answers, many of them at once, and the right one to each', async () => {
    const session = await open();
    const [guest] = await listGuests(session);
    expect(guest?.name).toBe('test');
    if (guest === undefined) return;
    const [info, definition, live, ...echoes] = await Promise.all([
      readGuestInfo(session, guest),
      dumpDefinition(session, guest, { secrets: true }),
      dumpLiveDefinition(session, guest),
      ...Array.from({ length: 200 }, (_, number) => session.run(['echo', `number ${number}`])),
    ]);
    expect(info).toEqual({ state: 'running', persistent: true, managedSave: false });
    expect(definition).toMatch(/^<domain type='test'>[\s\S]*<\/domain>\n$/);
    expect(live).toMatch(/^<domain type='test' id='1'/);
    expect(echoes.map(({ stdout }) => stdout.trim())).toEqual(
      Array.from({ length: 200 }, (_, number) => `number ${number}`),
    );
  });

  it('carries long lines, quotes and every kind of letter', async () => {
    const session = await open();
    const text = `${'x'.repeat(3000)} "it's" ; # \\ ' 日本語 $HOME`;
    expect((await session.run(['echo', text])).stdout.trim()).toBe(text);
  });

  it('that waits for a change sends nothing else meanwhile, and all in order', async () => {
    const session = await open();
    const answers = await Promise.all([
      session.run(['echo', 'before']),
      session.run(['echo', 'changing'], { changing: true }),
      session.run(['echo', 'after']),
    ]);
    expect(answers.map(({ stdout }) => stdout.trim())).toEqual(['before', 'changing', 'after']);
  });

  it('leaves neither a process nor a folder behind', async () => {
    const session = await open();
    sessions.pop();
    await session.close();
    await expect(session.run(['uri'])).rejects.toMatchObject({ code: 'connection-lost' });
    expect(await ownVirshes()).toEqual([]);
  });

  it('whose virsh dies fails clearly, whatever was in flight', async () => {
    const session = await open();
    const [pid] = await ownVirshes();
    const answer = expect(session.run(['event', '--all', '--timeout', '60'])).rejects.toMatchObject({
      code: 'connection-lost',
    });
    process.kill(pid ?? 0, 'SIGKILL');
    await answer;
  });

  it.each([
    ['test:///nonexistent.xml', 'libvirt-unreachable'],
    ['qemu+unix:///system?socket=/nonexistent', 'libvirt-unreachable'],
    ['no-such-driver:///', 'libvirt-unreachable'],
  ])('to %s is refused: %s', async (uri, code) => {
    await expect(openSession({ uri })).rejects.toMatchObject({ code, message: expect.stringContaining(uri) });
  });
});

describe('a session that only reads', () => {
  it('goes on to what it was told where its reader is killed: after a freeze, the thaw follows', async () => {
    const saved = join(folder, 'saved');
    const script = `
      import { openSession } from '${join(repository, 'dist/src/virsh/session.js')}';
      const session = await openSession({ uri: 'test:///default' });
      process.stdout.write('open\\n');
      process.stdin.once('data', () => {
        session.run(['list']);
        session.run(['save', 'test', '${saved}']);
        process.nextTick(() => setImmediate(() => process.stdout.write('told\\n')));
      });`;
    const reader = execa(process.execPath, ['--input-type=module', '--eval', script], { reject: false, buffer: false });
    const line = async (): Promise<string> => String((await once(reader.stdout, 'data'))[0]).trim();
    expect(await line()).toBe('open');
    const children = await readFile(`/proc/${reader.pid}/task/${reader.pid}/children`, 'utf8');
    const virsh = Number(children.trim());
    process.kill(virsh, 'SIGSTOP');
    reader.stdin.write('go');
    expect(await line()).toBe('told');
    reader.kill('SIGKILL');
    await reader;
    process.kill(virsh, 'SIGCONT');
    await until(`the end of process ${virsh}`, async () => !isAlive(virsh), { timeoutMs: 20_000 });
    expect(await readdir(folder)).toContain('saved');
  });
});

/** A program that is found before the real one of its name, while `work` is done. */
async function withFake(program: string, script: string, work: () => Promise<void>): Promise<void> {
  const bin = await mkdtemp(join(folder, 'bin-'));
  await writeFile(join(bin, program), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, program), 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${bin}:${path}`;
  try {
    await work();
  } finally {
    process.env.PATH = path;
  }
}

describe('a session with a lock', () => {
  it('is opened where env (a fake old one) can not have a program ignore a signal', async () => {
    const lockFile = join(folder, 'lock');
    await writeFile(lockFile, '');
    const script = `case "$1" in --ignore*) echo "$1" > ${folder}/tried; exit 125;; *) exec /usr/bin/env "$@";; esac`;
    await withFake('env', script, async () => {
      const session = await openSession({ uri: 'test:///default', lockFile });
      sessions.push(session);
      expect((await session.run(['echo', 'here'])).stdout.trim()).toBe('here');
      await expect(openSession({ uri: 'test:///default', lockFile })).rejects.toMatchObject({ code: 'locked' });
    });
    expect(await readFile(join(folder, 'tried'), 'utf8')).toBe('--ignore-signal=PIPE\n');
  });
});

describe('a fake virsh, for the real one can not be made to', () => {
  it('hang while it connects: it is ended at the deadline', async () => {
    await withFake('virsh', `echo $$ > ${folder}/pid\nexec sleep 60`, async () => {
      await expect(openSession({ uri: 'test:///hang', connectTimeoutMs: 500 })).rejects.toMatchObject({
        code: 'libvirt-unreachable',
        message: expect.stringContaining('no answer in time'),
      });
    });
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    await until(`the end of process ${pid}`, async () => !isAlive(pid), { timeoutMs: 10_000 });
  });

  it('hang while it connects, for a command line that is wrong: that is told at once, and it is ended', async () => {
    const [state, pidFile] = [join(folder, 'state'), join(folder, 'pid of the second')];
    await withFake('virsh', `echo $$ > '${pidFile}'\nexec sleep 60`, async () => {
      const words = ['convert', 'test', '--dry-run', '--prime'];
      const { status, stderr } = await virtioize(words, { uri: 'test:///hang', stateDir: state, timeoutMs: 30_000 });
      expect(status).toBe(64);
      expect(stderr).toContain('--dry-run changes nothing');
    });
    const pid = Number(await readFile(pidFile, 'utf8').catch(() => '')); // it may not have come so far
    if (pid > 0) await until(`the end of process ${pid}`, async () => !isAlive(pid), { timeoutMs: 10_000 });
  });

  it('be missing: a clear 69', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'));
    const { status, stderr } = await virtioize(['status'], {
      uri: 'test:///default',
      stateDir: join(folder, 'state'),
      env: { PATH: empty },
    });
    expect(status).toBe(69);
    expect(stderr).toMatch(/needs the programs virsh and flock[\s\S]*apt install libvirt-clients/);
  });
});

describe('a command that gives no answer', () => {
  it('is given up at its deadline, and the session with it', async () => {
    const session = await open();
    await expect(session.run(['event', '--all', '--timeout', '30'], { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'command-timeout',
      message: 'virsh event gave no answer within 0.3 s.',
    });
    await expect(session.run(['uri'])).rejects.toMatchObject({ code: 'command-timeout' });
  });
});

/** The process ids of this process's children that are virsh (proc(5): pid, name, state, parent). */
async function ownVirshes(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  const own = new RegExp(`^(\\d+) \\(virsh\\) \\w ${process.pid} `);
  return stats.flatMap((stat) => own.exec(stat)?.[1] ?? []).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
