import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { agentEvidence } from '../../../../src/preflight/agent/agent-evidence.ts';
import type { AgentPort } from '../../../../src/preflight/agent/agent-port.ts';
import type { Testimony } from '../../../../src/preflight/evidence.ts';
import { printKeys, regExe } from '../../../windows/reg-exe.ts';
import {
  CONTROL_SET,
  DATABASE,
  ENUM,
  SERVICE,
  VERSION,
  type VersionOptions,
  valuesAt,
  type WindowsSystem,
  windows7,
  windows10,
  windowsBefore8,
  withoutKey,
  withValues,
} from '../../../windows/windows-systems.ts';
import { type RealAgent, startRealAgent } from './real-agent.ts';

jest.setTimeout(60_000); // a busy machine takes its time to start an agent

const PATIENCE = { answerMs: 0, readMs: 60_000 };
const WINDOWS = { id: 'mswindows', 'pretty-name': 'Windows 10 Pro' };
const COMMANDS = ['guest-exec', 'guest-exec-status', 'guest-file-open', 'guest-file-read', 'guest-file-close'];
const FILE = '/Windows/System32/drivers/viostor.sys';

/** The agent runs on this machine and has its own word for the system: what is said to it is turned there. */
describe('what a real agent of a Windows that is a folder here proves', () => {
  let folder: string;
  let agent: RealAgent;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'virtioize-windows-'));
    agent = await startRealAgent();
  });
  afterAll(async () => {
    await agent.stop();
    await rm(folder, { recursive: true });
  });

  const { keys, files } = windows10();
  const xp: VersionOptions = {
    major: 5,
    minor: 1,
    build: 2600,
    product: 'Microsoft Windows XP',
    architecture: 'AMD64',
  };
  it.each<[string, string, WindowsSystem]>([
    ['Windows 10', 'proven', windows10()],
    ['Windows 7', 'proven', windows7()],
    ['Windows XP', 'proven', windowsBefore8(xp)],
    ['A: it starts by hand', 'refuted', { keys: withValues(keys, SERVICE, { Start: 3 }), files }],
    ['A: there is no service', 'refuted', { keys: withoutKey(keys, SERVICE), files }],
    ['B: there is no file', 'refuted', { keys, files: {} }],
    ['B: the file is none', 'refuted', { keys, files: { [FILE]: 'MZ' } }],
    ['C: nothing is bound', 'refuted', { keys: withoutKey(keys, `${DATABASE}\\DeviceIds`), files }],
    ['D: it is overridden', 'refuted', { keys: { ...keys, [`${SERVICE}\\StartOverride`]: { 0: 3 } }, files }],
    ['E: it was never met', 'likely', { keys: withoutKey(keys, ENUM), files }],
    ['no version', 'unknown', { keys: withoutKey(keys, VERSION), files }],
  ])('%s: %s', async (_, verdict, system) => {
    const { evidence } = await ask(system);
    expect(evidence).toMatchObject({ source: 'agent', verdict });
  });

  it('is told with the facts that decided it', async () => {
    const { evidence, refusals, warnings } = await ask(windows10());
    expect(evidence).toEqual({
      source: 'agent',
      verdict: 'proven',
      summary: "Its driver 'viostor' starts at boot, knows virtio disks of id 1001 and has been bound to one before.",
      facts: {
        system: 'Windows 10 Pro, 10.0.19045 amd64',
        disk: 'PCI\\VEN_1AF4&DEV_1001',
        'A: boot-start service': 'viostor: Type=1 Start=0 Group=SCSI miniport ImagePath=System32\\drivers\\viostor.sys',
        'B: its file': `viostor: ${FILE} for amd64, signed`,
        'C: bound to':
          'VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00 by oem3.inf: viostor; VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01 by oem3.inf: viostor',
        'D: overrides': 'viostor: no StartOverride',
        'E: enumerated': 'DEV_1001 with viostor; DEV_1042 with viostor',
      },
    });
    expect([refusals, warnings]).toEqual([[], []]);
  });

  it('is of the Windows folder, wherever that is', async () => {
    const moved = withValues(keys, VERSION, { SystemRoot: 'D:\\WINNT' });
    const system = { keys: moved, files: { '/WINNT/System32/drivers/viostor.sys': files[FILE] ?? '' } };
    expect((await ask(system, {}, 'D:')).evidence.verdict).toBe('proven');
  });

  it('is of the real System32, also where the agent has 32 bits and sees another', async () => {
    const system = { keys, files: { '/Windows/Sysnative/drivers/viostor.sys': files[FILE] ?? '' } };
    expect((await ask(system)).evidence.verdict).toBe('proven');
  });

  it('is of the id that the machine will show', async () => {
    const only = windows10(['1001']);
    expect((await ask(only)).evidence.verdict).toBe('proven');
    expect((await ask(only, { machine: 'pc-q35-7.2' })).evidence.verdict).toBe('refuted');
    expect((await ask(windows10(), { machine: 'pc-q35-7.2' })).evidence.verdict).toBe('proven');
  });

  it('counts a virtio disk that the guest has now, unless virtioize put it there', async () => {
    const unmet = { keys: withoutKey(keys, ENUM), files };
    const disk = `<disk type='file' device='disk'><target dev='vdb' bus='virtio'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x07' function='0x0'/></disk>`;
    expect((await ask(unmet, { disk })).evidence.verdict).toBe('proven');
    expect((await ask(unmet, { disk, convertedBefore: ['vdb'] })).evidence.verdict).toBe('likely');
  });

  it('comes with what else may go wrong', async () => {
    const power = { [`${CONTROL_SET}\\Control\\Session Manager\\Power`]: { HiberbootEnabled: 1 } };
    const pending = { [`${CONTROL_SET}\\Control\\Session Manager`]: { PendingFileRenameOperations: ['a', 'b'] } };
    const { warnings } = await ask({ keys: { ...keys, ...power, ...pending }, files });
    expect(warnings.map(({ code }) => code)).toEqual(['fast-startup', 'pending-reboot']);
  });

  interface AskOptions {
    readonly machine?: string;
    readonly disk?: string;
    readonly convertedBefore?: readonly string[];
  }

  async function ask(system: WindowsSystem, options: AskOptions = {}, drive = 'C:'): Promise<Testimony> {
    const own = await mkdtemp(join(folder, 'system-'));
    await writeFile(join(own, 'reg.exe'), regExe(join(own, 'set-up')), { mode: 0o755 });
    await writeFile(join(own, 'set-up'), `REGISTRY=${join(own, 'registry')}`);
    await writeFile(join(own, 'registry'), printKeys(system.keys));
    for (const [path, content] of Object.entries(system.files)) {
      await writeFile(join(own, `${drive}${path.replaceAll('/', '\\')}`), content as string | Buffer);
    }
    return agentEvidence(turnedTo(own, agent.port), request(options), PATIENCE);
  }

  function turnedTo(own: string, port: AgentPort): AgentPort {
    return async (execute, args, timeoutSeconds) => {
      if (execute === 'guest-get-osinfo') return { kind: 'answer', value: WINDOWS };
      const path = String(args?.path);
      if (execute === 'guest-exec') {
        expect(path).toBe('C:\\Windows\\System32\\reg.exe');
        return port(execute, { ...args, path: join(own, 'reg.exe') }, timeoutSeconds);
      }
      const turned = execute === 'guest-file-open' ? { ...args, path: join(own, path) } : args;
      return port(execute, turned, timeoutSeconds);
    };
  }
});

/** What no agent on Linux says, so these are fakes. */
describe('a fake agent of Windows', () => {
  it('that blocks programs proves nothing, and is told what to allow', async () => {
    const { evidence, lack } = await ask({}, COMMANDS.slice(2));
    expect(evidence).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining('blocks guest-exec') });
    expect(lack).toMatchObject({ code: 'no-driver-evidence', hint: expect.stringContaining('allow guest-exec') });
  });

  it('that has no program by that name proves nothing', async () => {
    const { evidence } = await ask({ 'guest-exec': () => ({ kind: 'refused', message: 'No such file' }) });
    expect(evidence).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining('(No such file)') });
  });

  it.each<[string, object, string]>([
    ['nothing of the kind', exited(0, 'Hello, world.'), 'did not print keys'],
    ['nothing', exited(0, ''), 'does not say which Windows it is'],
    ['that there is no such key', exited(1, ''), 'does not say which Windows it is'],
    ['a failure of another kind', exited(127, ''), 'status 127'],
    ['some keys, and then a failure', exited(1, 'HKEY_LOCAL_MACHINE\\SOFTWARE\\x\r\n'), 'status 1'],
    ['that it may not', { ...exited(1, ''), 'err-data': base64('ERROR: Access is denied.') }, 'Access is denied'],
    ['more than it passes on', { ...exited(0, 'x'), 'out-truncated': true }, 'cut short'],
    ['more than any system needs', exited(0, `HKEY_LOCAL_MACHINE\\A\r\n${'x'.repeat(3_000_000)}`), 'more to read'],
    ['what is not base64', { exited: true, exitcode: 0, 'out-data': '!!!!' }, 'not base64'],
  ])('that says %s proves nothing', async (_, status, reason) => {
    const { evidence } = await ask({ 'guest-exec-status': () => ({ kind: 'answer', value: status }) });
    expect(evidence).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining(reason) });
  });

  it('that falls silent is asked no more', async () => {
    const asked: string[] = [];
    const { evidence } = await ask(
      { 'guest-exec-status': () => ({ kind: 'silent', message: 'Guest agent is not responding' }) },
      COMMANDS,
      asked,
    );
    expect(evidence).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining('not responding') });
    expect(asked.filter((one) => one.startsWith('guest-exec'))).toEqual(['guest-exec', 'guest-exec-status']);
  });

  it.each<[string, string, unknown]>([
    ['a disk with a driver', 'proven', [device(0x1001)]],
    ['a disk of the other id', 'likely', [device(0x1042)]],
    ['a network card', 'likely', [device(0x1000)]],
    ['a disk of another maker', 'likely', [{ id: { 'vendor-id': 0x8086, 'device-id': 0x1001 } }]],
    ['other things beside', 'proven', [{ 'driver-name': 'x' }, null, 'x', device(0x1001)]],
    ['nothing of the kind', 'likely', { devices: 1 }],
  ])('that lets no file be read and names %s among its devices: %s', async (_, verdict, devices) => {
    const { keys } = windows10();
    const answers = { ...runsReg(keys), 'guest-get-devices': () => ({ kind: 'answer', value: devices }) as const };
    const { evidence } = await ask(answers, ['guest-exec', 'guest-exec-status', 'guest-get-devices']);
    expect(evidence.verdict).toBe(verdict);
  });

  it('that refuses to name its devices is judged by what is left', async () => {
    const refused = { kind: 'refused', message: 'failed to enumerate devices' } as const;
    const answers = { ...runsReg(windows10().keys), 'guest-get-devices': () => refused };
    const { evidence } = await ask(answers, ['guest-exec', 'guest-exec-status', 'guest-get-devices']);
    expect(evidence.verdict).toBe('likely');
  });

  it.each<[string, string, (path: string) => string]>([
    ['is not there, in English', 'refuted', () => 'The system cannot find the file specified.'],
    ['is not there, in German', 'refuted', () => 'Das System kann die angegebene Datei nicht finden.'],
    ['may not be read', 'unknown', (path) => (path.includes('no-such-file') ? 'Nicht gefunden' : 'Zugriff verweigert')],
  ])('that says of a file that it %s: %s', async (_, verdict, complain) => {
    const open = (args: Record<string, unknown>) => {
      const path = String(args.path);
      return { kind: 'refused', message: `failed to open file '${path}': ${complain(path)}` } as const;
    };
    const { evidence } = await ask({ ...runsReg(windows10().keys), 'guest-file-open': open });
    expect(evidence.verdict).toBe(verdict);
  });

  it.each([
    ['falls silent', { kind: 'silent', message: 'Guest agent is not responding' }],
    ['says the same of every file', { kind: 'refused', message: 'out of memory' }],
    ['blocks it after all', { kind: 'refused', message: 'Command guest-file-open has been disabled' }],
    ['gives a handle that is none', { kind: 'answer', value: 'seven' }],
  ] as const)('that %s when it is asked for a file does not say that there is none', async (_, answer) => {
    const { evidence } = await ask({ ...runsReg(windows10().keys), 'guest-file-open': () => answer });
    expect(evidence).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining('could not be read') });
  });

  type Answers = Record<string, (args: Record<string, unknown>) => Awaited<ReturnType<AgentPort>>>;

  function ask(answers: Answers, commands = COMMANDS, asked: string[] = []): Promise<Testimony> {
    const all: Answers = {
      'guest-info': () => ({ kind: 'answer', value: info('guest-get-osinfo', ...commands) }),
      'guest-get-osinfo': () => ({ kind: 'answer', value: WINDOWS }),
      'guest-exec': () => ({ kind: 'answer', value: { pid: 7 } }),
      ...answers,
    };
    const agent: AgentPort = async (execute, args = {}) => {
      asked.push(execute);
      return all[execute]?.(args) ?? { kind: 'answer', value: {} };
    };
    return agentEvidence(agent, request(), PATIENCE);
  }

  /** reg.exe, as far as these tests need it. */
  function runsReg(keys: WindowsSystem['keys']): Answers {
    let key = '';
    return {
      'guest-exec': ({ arg }) => {
        key = String((arg as string[])[1])
          .replace('HKLM\\', '')
          .toLowerCase();
        return { kind: 'answer', value: { pid: 7 } };
      },
      'guest-exec-status': () => {
        const paths = Object.keys(keys).filter((path) => `${path.toLowerCase()}\\`.startsWith(`${key}\\`));
        const found = Object.fromEntries(paths.map((path) => [path, valuesAt(keys, path)]));
        const parents = paths.flatMap((path) => path.split('\\').map((_, at, all) => all.slice(0, at + 1).join('\\')));
        const below = [...new Set(parents)].filter((path) => path.toLowerCase().startsWith(`${key}\\`));
        const text = printKeys({ ...Object.fromEntries(below.map((path) => [path, {}])), ...found });
        return { kind: 'answer', value: exited(paths.length > 0 ? 0 : 1, text) };
      },
    };
  }
});

function request({ machine = 'pc-i440fx-7.2', disk = '', convertedBefore = [] as readonly string[] } = {}) {
  const channel =
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>";
  const text = `<domain type='kvm'><os><type machine='${machine}'>hvm</type></os><devices>${channel}${disk}</devices></domain>`;
  return { name: 'win', live: text, definition: text, convertedBefore: new Set(convertedBefore) };
}

function info(...names: string[]) {
  return { supported_commands: names.map((name) => ({ name, enabled: true, 'success-response': true })) };
}

function device(id: number) {
  return {
    'driver-name': 'Red Hat VirtIO SCSI controller',
    id: { type: 'pci', 'vendor-id': 0x1af4, 'device-id': id },
  };
}

function exited(exitcode: number, output: string) {
  return { exited: true, exitcode, 'out-data': base64(output) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
