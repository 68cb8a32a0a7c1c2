import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { agentEvidence } from '../../../../src/preflight/agent/agent-evidence.ts';
import type { AgentPort } from '../../../../src/preflight/agent/agent-port.ts';
import { debianKernel } from '../linux/linux-system.ts';
import { debian, rhel8, type System, WITHOUT } from '../linux/whole-systems.ts';
import { CONTROLLER, efivars, file, loadOption, numbers, partition } from '../uefi/make-variables.ts';
import { type RealAgent, startRealAgent } from './real-agent.ts';

jest.setTimeout(30_000); // a busy machine takes its time to start an agent

const PATIENCE = { answerMs: 0, readMs: 60_000 };
const READING = ['guest-file-open', 'guest-file-read', 'guest-file-close'];

describe('what a real agent proves', () => {
  let root: string;
  let agent: RealAgent | undefined;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'virtioize-guest-files-'));
  });
  afterEach(async () => {
    await agent?.stop();
    agent = undefined;
  });
  afterAll(() => rm(root, { recursive: true }));

  it.each<[string, string[]]>([
    ['reads its files and runs its programs', []],
    ['only reads its files', ['guest-exec']],
    ['only runs its programs', ['guest-file-open']],
  ])('is that a guest boots from virtio, where it %s', async (_, blocked) => {
    expect(await ask(debian(), blocked)).toMatchObject({
      evidence: {
        source: 'agent',
        verdict: 'proven',
        summary: expect.stringContaining('finds the virtio disk driver in /boot/initrd.img-6.1.0-13-amd64'),
        facts: { system: expect.stringMatching(/\w/) },
      },
      refusals: [],
      warnings: [],
    });
  });

  it('is that a guest does not, where its initramfs has no driver', async () => {
    const system = { ...debian(['6.1']), ...debianKernel('6.1', { modules: WITHOUT }) };
    expect((await ask(system)).evidence.verdict).toBe('refuted');
  });

  it('is that a guest names a disk by a path that changes', async () => {
    const system = { ...debian(), '/etc/fstab': 'UUID=1 / ext4\n/dev/sdb1 /srv xfs nofail 0 0\n' };
    expect(await ask(system)).toMatchObject({
      evidence: { verdict: 'proven' },
      refusals: [{ code: 'device-names', message: expect.stringContaining('/dev/sdb1') }],
    });
  });

  it("is RHEL's saved entry, also where it lets no folder be listed", async () => {
    expect((await ask(rhel8(), ['guest-exec'])).evidence.verdict).toBe('proven');
  });

  it.each<[string, string[], string]>([
    ['blocks files and programs, as on RHEL', [...READING, 'guest-exec', 'guest-exec-status'], 'blocks both'],
    ['blocks a part of each', ['guest-file-close', 'guest-exec-status'], 'blocks both'],
  ])('is nothing where it %s', async (_, blocked, summary) => {
    const { evidence } = await ask(debian(), blocked);
    expect(evidence).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining(summary) });
  });

  it('is all the same where it keeps its system to itself', async () => {
    const { evidence } = await ask(debian(), ['guest-get-osinfo', 'guest-ping']);
    expect(evidence).toMatchObject({ verdict: 'proven', facts: { system: 'unknown system' } });
  });

  it('is nothing of the kernel that the host hands to the guest, but of the names on its command line', async () => {
    const os = '<os><kernel>/host/vmlinuz</kernel><cmdline>root=/dev/sda1 ro</cmdline></os>';
    const { evidence, refusals } = await ask({ ...debian(), '/etc/fstab': '/dev/sda2 /srv xfs\n' }, [], os);
    expect(evidence).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining('/host/vmlinuz') });
    expect(refusals.map(({ message }) => message)).toEqual([
      expect.stringContaining('/etc/fstab'),
      expect.stringContaining("the definition's <cmdline>"),
    ]);
  });

  it('is that its firmware finds it, or does not, where that is UEFI', async () => {
    const os = "<os firmware='efi'><type arch='x86_64'>hvm</type></os>";
    const started = (...path: Buffer[]) =>
      efivars({ BootOrder: numbers(1), BootCurrent: numbers(1), Boot0001: loadOption(path) });
    const system = { ...debian(), '/boot/efi/EFI/debian/shimx64.efi': 'MZ' };
    const byPartition = { ...system, ...started(partition(), file('\\EFI\\debian\\shimx64.efi')) };
    expect(await ask(byPartition, [], os)).toMatchObject({ evidence: { verdict: 'proven' }, refusals: [] });
    await agent?.stop();
    const byController = { ...system, ...started(CONTROLLER, partition(), file('\\EFI\\debian\\shimx64.efi')) };
    expect((await ask(byController, [], os)).refusals).toMatchObject([{ code: 'uefi-boot-entry' }]);
  });

  it('is nothing once patience has come to its end', async () => {
    agent = await startRealAgent();
    await writeSystem(root, debian());
    const late = await agentEvidence(rootedAt(root, agent.port), definitions(), { answerMs: 0, readMs: 0 });
    expect(late.evidence).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining('took too long') });
  });

  async function ask(system: System, blocked: readonly string[] = [], os = '') {
    agent = await startRealAgent(blocked);
    const folder = await mkdtemp(join(root, 'system-'));
    await writeSystem(folder, system);
    return agentEvidence(rootedAt(folder, agent.port), definitions('connected', os), PATIENCE);
  }
});

describe('an agent that is not there', () => {
  it.each([
    ['has no channel', '', 'The guest has no channel for a guest agent.'],
    ['does not run', 'disconnected', 'Its guest agent does not run.'],
  ])('is not asked where it %s', async (_, state, summary) => {
    const asked: string[] = [];
    const agent: AgentPort = async (execute) => {
      asked.push(execute);
      return { kind: 'silent', message: '' };
    };
    const { evidence } = await agentEvidence(agent, definitions(state), PATIENCE);
    expect([evidence.verdict, evidence.summary, asked]).toEqual(['unknown', summary, []]);
  });
});

/** A real agent does none of this, so these are fakes. */
describe('a fake agent', () => {
  it('that never answers is waited for no longer than patience lasts', async () => {
    const { evidence } = await agentEvidence(
      async () => ({ kind: 'silent', message: 'timeout' }),
      definitions(),
      PATIENCE,
    );
    expect(evidence).toMatchObject({ verdict: 'unknown', summary: 'Its guest agent does not answer within 0 s.' });
  });

  it('that answers late is asked again', async () => {
    let pings = 0;
    const agent = answering({
      'guest-ping': () => (++pings < 3 ? { kind: 'silent', message: 'not connected' } : { kind: 'answer', value: {} }),
    });
    const { evidence } = await agentEvidence(agent, definitions(), { answerMs: 10_000, readMs: 1000 });
    expect(pings).toBe(3);
    expect(evidence.summary).toBe('Its guest agent does not say what it lets others do.');
  });

  it.each<[string, unknown]>([
    ['a word', 'all'],
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['commands without names', { supported_commands: [{ enabled: true }] }],
    ['commands of another shape', { supported_commands: { 'guest-exec': true } }],
  ])('that says %s of what it can do proves nothing', async (_, value) => {
    const agent = answering({ 'guest-info': () => ({ kind: 'answer', value }) });
    expect((await agentEvidence(agent, definitions(), PATIENCE)).evidence).toMatchObject({
      verdict: 'unknown',
      summary: 'Its guest agent does not say what it lets others do.',
    });
  });

  it('of Windows that runs no programs proves nothing', async () => {
    const system = { id: 'mswindows', 'pretty-name': 'Windows Server 2022 Standard' };
    const agent = answering({
      'guest-info': () => ({ kind: 'answer', value: info('guest-get-osinfo', 'guest-exec', ...READING) }),
      'guest-get-osinfo': () => ({ kind: 'answer', value: system }),
    });
    expect((await agentEvidence(agent, definitions(), PATIENCE)).evidence).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining('runs Windows'),
      facts: { system: 'Windows Server 2022 Standard' },
    });
  });

  it('with a name without end does not fill the records', async () => {
    const name = 'x'.repeat(5_000_000);
    const agent = answering({
      'guest-info': () => ({ kind: 'answer', value: info('guest-get-osinfo') }),
      'guest-get-osinfo': () => ({ kind: 'answer', value: { id: name, 'pretty-name': name } }),
    });
    expect(JSON.stringify(await agentEvidence(agent, definitions(), PATIENCE)).length).toBeLessThan(1000);
  });

  it('that falls silent while it is read proves nothing', async () => {
    const agent = answering({
      'guest-info': () => ({ kind: 'answer', value: info(...READING) }),
      'guest-file-open': () => ({ kind: 'silent', message: 'Guest agent is not responding' }),
    });
    expect((await agentEvidence(agent, definitions(), PATIENCE)).evidence).toMatchObject({
      verdict: 'unknown',
      summary: 'What it boots could not be read (the boot loader: Guest agent is not responding).',
    });
  });

  it('that refuses every file proves nothing', async () => {
    const agent = answering({
      'guest-info': () => ({ kind: 'answer', value: info(...READING) }),
      'guest-file-open': () => ({ kind: 'refused', message: 'Permission denied' }),
    });
    expect((await agentEvidence(agent, definitions(), PATIENCE)).evidence).toMatchObject({
      verdict: 'unknown',
      summary: 'What it boots could not be read (the boot loader: Permission denied).',
    });
  });

  it('that has no files at all proves nothing', async () => {
    const agent = answering({
      'guest-info': () => ({ kind: 'answer', value: info(...READING) }),
      'guest-file-open': () => ({ kind: 'refused', message: 'No such file or directory' }),
    });
    expect((await agentEvidence(agent, definitions(), PATIENCE)).evidence.verdict).toBe('unknown');
  });

  it('whose every file is empty proves nothing', async () => {
    const agent = answering({
      'guest-info': () => ({ kind: 'answer', value: info(...READING) }),
      'guest-file-open': () => ({ kind: 'answer', value: 1 }),
      'guest-file-read': () => ({ kind: 'answer', value: { count: 0, 'buf-b64': '', eof: true } }),
    });
    expect((await agentEvidence(agent, definitions(), PATIENCE)).evidence.verdict).toBe('unknown');
  });
});

function answering(answers: Readonly<Record<string, () => Awaited<ReturnType<AgentPort>>>>): AgentPort {
  return async (execute) => answers[execute]?.() ?? { kind: 'answer', value: {} };
}

function info(...names: string[]) {
  return { supported_commands: names.map((name) => ({ name, enabled: true, 'success-response': true })) };
}

function definitions(state = 'connected', os = '') {
  const target = `<target type='virtio' name='org.qemu.guest_agent.0' state='${state}'/>`;
  const channel = state === '' ? '' : `<channel type='unix'>${target}</channel>`;
  return {
    name: 'guest',
    convertedBefore: new Set<string>(),
    live: `<domain type='kvm'><devices>${channel}</devices></domain>`,
    definition: `<domain type='kvm'>${os}<devices/></domain>`,
  };
}

async function writeSystem(folder: string, system: System): Promise<void> {
  for (const [path, content] of Object.entries(system)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content as string | Buffer);
  }
}

/** The agent reads the machine that it runs on: here, a folder of it stands for the guest's root. */
function rootedAt(folder: string, agent: AgentPort): AgentPort {
  const move = (word: string): string => word.replace(/^(if=)?\/(?!proc\/)/, `$1${folder}/`);
  return (execute, args, timeoutSeconds) => {
    if (execute === 'guest-file-open')
      return agent(execute, { ...args, path: move(String(args?.path)) }, timeoutSeconds);
    if (execute !== 'guest-exec') return agent(execute, args, timeoutSeconds);
    return agent(execute, { ...args, arg: (args?.arg as string[] | undefined)?.map(move) }, timeoutSeconds);
  };
}
