import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execa } from 'execa';
import { agentFiles } from '../../../../src/preflight/agent/agent-files.ts';
import type { AgentPort } from '../../../../src/preflight/agent/agent-port.ts';
import { type GuestFiles, readHead, readText, UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { type RealAgent, startRealAgent } from './real-agent.ts';

jest.setTimeout(30_000); // a busy machine takes its time to start an agent

const CHUNK = 2 * 1024 * 1024;
const BOTH = { canRead: true, canExecute: true };
const BY_HANDLE = { canRead: true, canExecute: false };
const BY_COMMAND = { canRead: false, canExecute: true };

describe("a running guest's files, through a real agent", () => {
  let folder: string;
  let agent: RealAgent;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'virtioize-files-'));
    agent = await startRealAgent();
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full/a.conf'), 'a');
    await writeFile(join(folder, 'full/b c.conf'), 'b');
    await writeFile(join(folder, 'text'), 'some text\n');
    await writeFile(join(folder, 'empty'), '');
    await writeFile(join(folder, 'chunk'), Buffer.alloc(CHUNK, 1));
    await writeFile(join(folder, 'large'), numbered(2 * CHUNK + 5));
    await writeFile(join(folder, '-n'), 'a name like an option');
    await symlink('text', join(folder, 'link'));
    await symlink('gone', join(folder, 'dangling'));
  });
  afterAll(async () => {
    await agent.stop();
    await rm(folder, { recursive: true });
  });

  describe.each([
    ['guest-file-read', BY_HANDLE],
    ['guest-exec', BY_COMMAND],
  ])('by %s', (_, abilities) => {
    const files = (): GuestFiles => agentFiles(agent.port, abilities, Date.now() + 60_000);

    it.each([
      ['text', 'some text\n'],
      ['empty', ''],
      ['link', 'some text\n'],
      ['-n', 'a name like an option'],
    ])('have their content: %s', async (name, content) => {
      expect(await readText(files(), join(folder, name))).toBe(content);
    });

    it.each(['gone', 'text/below', 'gone/below', 'dangling'])(
      'are told from those that are not there: %s',
      async (name) => {
        expect(await readText(files(), join(folder, name))).toBeUndefined();
      },
    );

    it.each([
      ['chunk', CHUNK],
      ['large', 2 * CHUNK + 5],
    ])('come whole where they are larger than one answer: %s', async (name, length) => {
      const content = await readHead(files(), join(folder, name), 10 * CHUNK);
      expect(content?.length).toBe(length);
      if (name === 'large') expect(content?.equals(numbered(length))).toBe(true);
    });

    it('are those of the kernel, which have no size', async () => {
      expect(await readText(files(), '/proc/cmdline')).toMatch(/\S/);
    });

    it('are not read where they are folders', async () => {
      await expect(readText(files(), join(folder, 'full'))).rejects.toThrow(UnreadableError);
    });

    it('are not read past the end of patience', async () => {
      const late = agentFiles(agent.port, abilities, Date.now() - 1);
      await expect(readText(late, join(folder, 'text'))).rejects.toThrow('reading took too long');
    });
  });

  it('are listed, folder by folder', async () => {
    const files = agentFiles(agent.port, BOTH, Date.now() + 60_000);
    expect(await files.list(join(folder, 'full'))).toEqual(['a.conf', 'b c.conf']);
    expect(await files.list(join(folder, 'gone'))).toBeUndefined();
  });

  it('are closed in the guest, also where only a part was wanted', async () => {
    const files = agentFiles(agent.port, BOTH, Date.now() + 60_000);
    agent.sent.length = 0;
    await readHead(files, join(folder, 'large'), 10);
    await expect(readText(files, join(folder, 'large'))).rejects.toThrow('is larger than');
    expect(agent.sent.filter((command) => command === 'guest-file-open')).toHaveLength(2);
    expect(agent.sent.filter((command) => command === 'guest-file-close')).toHaveLength(2);
  });

  it('are not waited for where a program hangs on one, past the end of patience', async () => {
    const pipe = join(folder, 'pipe');
    await execa('mkfifo', [pipe], { cleanup: false });
    const files = agentFiles(agent.port, BY_COMMAND, Date.now() + 300);
    await expect(readText(files, pipe)).rejects.toThrow('reading took too long');
    await writeFile(pipe, ''); // lets the program end
  });

  it('are refused where the agent blocks what it takes', async () => {
    const strict = await startRealAgent(['guest-file-open', 'guest-exec']);
    try {
      const path = join(folder, 'text');
      for (const abilities of [BY_HANDLE, BY_COMMAND]) {
        const files = agentFiles(strict.port, abilities, Date.now() + 60_000);
        await expect(readText(files, path)).rejects.toThrow(/disabled|not allowed/);
      }
      const blind = agentFiles(strict.port, { canRead: false, canExecute: false }, Date.now() + 60_000);
      await expect(blind.open(path)).rejects.toThrow('lets no files be read');
      await expect(blind.list(folder)).rejects.toThrow('guest-exec is blocked');
    } finally {
      await strict.stop();
    }
  });
});

/** A real agent does none of this, so these are fakes. */
describe("a running guest's files, through a fake agent that lies", () => {
  let clock: { advance(ms: number): void };

  beforeEach(() => {
    const start = Date.now();
    let ahead = 0;
    clock = { advance: (ms) => (ahead += ms) };
    jest.spyOn(Date, 'now').mockImplementation(() => start + ahead);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each<[string, unknown, string]>([
    ['text for a handle', { 'guest-file-open': 'one' }, 'handle that is no number'],
    ['a word for what was read', { 'guest-file-read': 'nothing' }, 'answered a read with something else'],
    ['nothing for what was read', { 'guest-file-read': undefined }, 'answered a read with something else'],
    ['no end and no data', { 'guest-file-read': { count: 0, 'buf-b64': '', eof: false } }, 'not to the end'],
    ['fewer bytes than it says', { 'guest-file-read': { count: 9, 'buf-b64': 'YQ==', eof: true } }, 'miscounted'],
    ['what is not base64', { 'guest-file-read': { count: 3, 'buf-b64': '<html>', eof: true } }, 'not base64'],
  ])('are refused where it gives %s', async (_, answers, message) => {
    const agent = scripted({ 'guest-file-open': 7, 'guest-file-close': {}, ...(answers as object) });
    await expect(readText(agentFiles(agent, BY_HANDLE, Date.now() + 60_000), '/a')).rejects.toThrow(message);
  });

  it.each<[string, unknown, string]>([
    ['no process', { 'guest-exec': {} }, 'started nothing'],
    ['no end of the process in any form', { 'guest-exec-status': 'done' }, 'does not say what became of'],
    ['output that it cut', { 'guest-exec-status': { exited: true, exitcode: 0, 'out-truncated': true } }, 'cut short'],
    [
      'output that is not base64',
      { 'guest-exec-status': { exited: true, exitcode: 0, 'out-data': '!!' } },
      'not base64',
    ],
    ['a failure without a reason', { 'guest-exec-status': { exited: true, exitcode: 2 } }, 'no reason given'],
    ['an end by a signal', { 'guest-exec-status': { exited: true, signal: 9 } }, "can't be read"],
    [
      'a failure for another reason than that it is not there',
      { 'guest-exec-status': { exited: true, exitcode: 2, 'err-data': base64('ls: /a: Permission denied') } },
      'Permission denied',
    ],
  ])('are refused where it gives %s', async (_, answers, message) => {
    const agent = scripted({ 'guest-exec': { pid: 7 }, ...(answers as object) });
    const files = agentFiles(agent, BY_COMMAND, Date.now() + 60_000);
    await expect(readText(files, '/a')).rejects.toThrow(message);
    await expect(files.list('/a')).rejects.toThrow(UnreadableError);
  });

  it('are not read without end', async () => {
    const endless = { count: CHUNK, 'buf-b64': Buffer.alloc(CHUNK).toString('base64'), eof: false };
    const agent = scripted({ 'guest-file-open': 7, 'guest-file-read': endless, 'guest-file-close': {} });
    const files = agentFiles(agent, BY_HANDLE, Date.now() + 60_000);
    await expect(readHead(files, '/a', Number.POSITIVE_INFINITY)).rejects.toThrow('more to read than any system needs');
  });

  it('are not asked for again once it has fallen silent, nor closed', async () => {
    const asked: string[] = [];
    const agent: AgentPort = async (execute) => {
      asked.push(execute);
      return execute === 'guest-file-open'
        ? { kind: 'answer', value: 7 }
        : { kind: 'silent', message: 'Guest agent is not responding' };
    };
    const files = agentFiles(agent, BOTH, Date.now() + 60_000);
    await expect(readText(files, '/a')).rejects.toThrow('not responding');
    await expect(readText(files, '/b')).rejects.toThrow('not responding');
    await expect(files.list('/c')).rejects.toThrow('not responding');
    expect(asked).toEqual(['guest-file-open', 'guest-file-read']);
  });

  it('are refused where it forgets the program that reads them', async () => {
    const agent: AgentPort = async (execute) =>
      execute === 'guest-exec'
        ? { kind: 'answer', value: { pid: 7 } }
        : { kind: 'refused', message: 'PID 7 is invalid' };
    const files = agentFiles(agent, BY_COMMAND, Date.now() + 60_000);
    await expect(readText(files, '/a')).rejects.toThrow('lost sight of /bin/dd: PID 7 is invalid');
  });

  it('are refused where the program that reads them never ends', async () => {
    const agent: AgentPort = async (execute) => {
      if (execute === 'guest-exec-status') clock.advance(20_000);
      return { kind: 'answer', value: execute === 'guest-exec' ? { pid: 7 } : { exited: false } };
    };
    const files = agentFiles(agent, BY_COMMAND, Date.now() + 600_000);
    await expect(readText(files, '/a')).rejects.toThrow('/bin/dd did not end within 30 s');
  });

  it('are waited for no longer than patience lasts, and still closed', async () => {
    const timeouts: [string, number | undefined][] = [];
    const agent: AgentPort = async (execute, _, timeoutSeconds) => {
      timeouts.push([execute, timeoutSeconds]);
      if (execute === 'guest-file-read') clock.advance(5000);
      const read = { count: 1, 'buf-b64': 'YQ==', eof: false };
      return { kind: 'answer', value: execute === 'guest-file-open' ? 7 : read };
    };
    const files = agentFiles(agent, BY_HANDLE, Date.now() + 2000);
    await expect(readText(files, '/a')).rejects.toThrow('reading took too long');
    expect(timeouts).toEqual([
      ['guest-file-open', 2],
      ['guest-file-read', 2],
      ['guest-file-close', 1],
    ]);
  });
});

function scripted(answers: Readonly<Record<string, unknown>>): AgentPort {
  return async (execute) => ({ kind: 'answer', value: answers[execute] });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Bytes that tell their place, so that a block out of order shows. */
function numbered(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let place = 0; place + 4 <= length; place += 4) bytes.writeUInt32LE(place, place);
  return bytes;
}
