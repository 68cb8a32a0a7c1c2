import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { findDifferences } from '../../src/domain/verify.ts';
import { domainXml } from '../definitions/domain-xml.ts';
import { readGoldenCases, readGoldenDefinition } from '../definitions/golden-cases.ts';
import { type GuestJson, readDocument, startVirtioize, virtioize } from '../program.ts';
import { until } from '../until.ts';
import { bootAll, createDaemonHost, type DaemonGuest, type DaemonHost } from './daemon-guest.ts';
import { expectAsBefore } from './expect-as-before.ts';

const SHUT_OFF = 43;
const WORDS = ['convert', '--all', '--yes', '--restart-jobs', '2', '--max-failures', 'none'];
const TIMES = ['--shutdown-timeout', '20s', '--boot-timeout', '75s'];
const SETUP_TIMEOUT_MS = 900_000;

const POLICY = `
restart: {mode: graceful}
attest:
  - guests: ['off-*', zz-edited, no-boot]
    reason: made from one template
    expires: 2099-12-31
`;

/** Real definitions of guests that are off, each with what it has to become. */
const golden = readGoldenCases()
  .filter(({ define: isDefined, options, refusals, disks }) => {
    const isUsual = options.naming === 'free' && options.ours.length === 0 && options.from.length === 3;
    return isDefined && isUsual && refusals.length === 0 && disks.length > 0;
  })
  .slice(0, SHUT_OFF)
  .map((one) => ({
    name: `off-${one.name}`,
    before: renamed(readGoldenDefinition(one, 'in'), `off-${one.name}`),
    after: renamed(readGoldenDefinition(one, 'out'), `off-${one.name}`),
  }));

const tiny = (name: string, number: number, disk = { target: 'hda', bus: 'ide' }): string =>
  domainXml({ name, uuid: `6f1ed5c8-3d02-4a6b-8f5c-${String(number).padStart(12, '0')}`, disks: [disk] });

let host: DaemonHost;
let config: string;
let running: Record<'able' | 'stubborn' | 'no-boot' | 'agent-died' | 'no-driver', DaemonGuest>;

beforeAll(async () => {
  host = await createDaemonHost();
  config = join(host.folder, 'config.yaml');
  await writeFile(config, POLICY, { mode: 0o600 });
  const [able, stubborn, lacking] = [
    await host.image('able', {}),
    await host.image('stubborn', { acpid: false, agentBlockedRpcs: ['guest-shutdown'] }),
    await host.image('lacking', { virtioBlk: false }),
  ];
  running = {
    able: await host.guest('able', able),
    stubborn: await host.guest('stubborn', stubborn),
    'no-boot': await host.guest('no-boot', lacking),
    'agent-died': await host.guest('agent-died', able),
    'no-driver': await host.guest('no-driver', lacking),
  };
  await bootAll(Object.values(running));
  await killAgent('agent-died');
  for (const { before } of golden) await define(before);
  await define(tiny('off-refused', 901));
  await define(tiny('zz-edited', 902));
  await refuseToStore('off-refused');
}, SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

describe('a host of 50 guests, five of them running, six of which fail in different ways', () => {
  const edited = tiny('zz-edited', 902, { target: 'vda', bus: 'virtio' });

  it('has the others converted, and exactly those six reported, each as it was', async () => {
    const run = startVirtioize(['--json', ...WORDS, ...TIMES, '--config', config], {
      ...host.program,
      timeoutMs: SETUP_TIMEOUT_MS,
    });
    await until('the first guest is begun', async () => (await host.journal()).some(({ step }) => step === 'begin'));
    await define(edited);
    const ended = await run.ended;
    const { summary, guests } = readDocument(ended);

    expect(summary).toEqual({ selected: 50, converted: 44, refused: 3, failed: 2, 'rolled-back': 1 });
    expect(ended.status).toBe(1);
    expect(troubles(guests)).toEqual({
      'agent-died': 'refused: no-driver-evidence',
      'no-boot': 'rolled-back: did-not-come-up',
      'no-driver': 'refused: driver-missing',
      'off-refused': 'failed: command-failed',
      stubborn: 'failed: shutdown-ignored',
      'zz-edited': 'refused: definition-changed',
    });
    for (const name of ['stubborn', 'no-boot', 'agent-died', 'no-driver'] as const) await expectAsBefore(running[name]);
    expect(await definitionOf('off-refused')).toContain("<target dev='hda' bus='ide'/>");
    expect(findDifferences(edited, await definitionOf('zz-edited'))).toEqual([]);
    expect(await running.able.disks()).toEqual({ defined: ['vda virtio'], live: ['vda virtio'] });
    expect(await running.able.booted()).toBe('vda');
    for (const { name, after } of golden) {
      expect({ name, differences: findDifferences(after, await definitionOf(name)) }).toEqual({
        name,
        differences: [],
      });
    }
  });

  it('is not changed by a second run, which says so', async () => {
    const before = await snapshot();
    const { status, stdout, stderr } = await virtioize([...WORDS, ...TIMES, '--config', config], host.program);
    expect(await snapshot()).toEqual(before);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('50 guests, 2 failed, 3 refused, 45 compliant');
    expect(stderr).toContain('Plan: 50 guests: 2 to change (1 with a restart), 3 refused, 45 with nothing to do.');
    expect(stdout).toMatch(/no-boot: refused .*\n.*\n? *failed-before/);
    expect(status).toBe(1);
  });

  it('tells at the end what each of them needs', async () => {
    const { stdout } = await virtioize(['convert', '--all', '--dry-run', '--config', config], host.program);
    expect(stdout).toMatch(/^Do this first:$/m);
    expect(stdout).toMatch(/^ {2}virtioize preflight (?=.*agent-died)(?=.*no-boot)(?=.*no-driver)/m);
  });

  /** All definitions, and the process of each running guest. */
  async function snapshot(): Promise<[string[], (number | undefined)[]]> {
    const names = (await host.daemon.virsh('list', '--all', '--name')).split('\n').filter(Boolean).sort();
    const all: string[] = [];
    for (const name of names) all.push(await definitionOf(name));
    const pids: (number | undefined)[] = [];
    for (const guest of Object.values(running)) pids.push(await guest.qemu());
    return [all, pids];
  }
});

/** What is told of the guests that did not go through. */
function troubles(guests: readonly GuestJson[]): Record<string, string> {
  const wrong = guests.filter(({ outcome }) => outcome !== 'converted');
  return Object.fromEntries(
    wrong.map(({ name, outcome, error, refusals }) => [
      name,
      `${outcome}: ${error?.code ?? refusals.map(({ code }) => code).join()}`,
    ]),
  );
}

function renamed(definition: string, name: string): string {
  return definition.replace(/<name>.*?<\/name>/, `<name>${name}</name>`);
}

async function define(definition: string): Promise<void> {
  const file = join(host.folder, 'define.xml');
  await writeFile(file, definition);
  await host.daemon.virsh('define', file);
}

async function definitionOf(name: string): Promise<string> {
  return host.daemon.virsh('dumpxml', '--inactive', '--security-info', name);
}

/** libvirt writes a definition to NAME.xml.new first: where a folder has that name, it refuses to define the guest anew. */
async function refuseToStore(name: string): Promise<void> {
  const [file, ...rest] = [...(host.program.enter ?? []), 'mkdir', `/etc/libvirt/qemu/${name}.xml.new`];
  await execa(file, rest);
}

/** The agent's process ends, as by a crash, and nobody starts it again. */
async function killAgent(name: string): Promise<void> {
  const kill = { path: '/bin/sh', arg: ['-c', 'kill -9 $(pidof qemu-ga)'] };
  const command = JSON.stringify({ execute: 'guest-exec', arguments: kill });
  await until(`the agent of ${name} is gone`, async () => {
    await host.daemon.virsh('qemu-agent-command', '--timeout', '5', name, command).catch(() => '');
    return (await host.daemon.virsh('dumpxml', name)).includes("state='disconnected'");
  });
}
