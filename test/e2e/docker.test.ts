import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { wordsOf } from '../pages/console.ts';
import { readPage } from '../pages/markdown.ts';
import { type Ended, ownVersion } from '../program.ts';
import { repository } from '../repository.ts';
import { importBases } from '../testbed/container-bases.ts';
import { type ContainerEngine, createContainerEngine, type RunningContainer } from '../testbed/container-engine.ts';
import { until } from '../until.ts';

/** What of a service of compose.yml is carried out here. */
interface Service {
  readonly build: { readonly context: string; readonly dockerfile: string };
  readonly image: string;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly string[];
  readonly network_mode: string;
  readonly volumes: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: { readonly hypervisor: Service; readonly virtioize: Service };
  readonly volumes: Readonly<Record<string, object>>;
}

const PATIENCE = { timeoutMs: 240_000, everyMs: 200 };
const compose = parse(readFileSync(join(repository, 'docker/compose.yml'), 'utf8')) as Compose;
let engine: ContainerEngine;

beforeAll(async () => {
  engine = await createContainerEngine();
  await importBases(engine);
  for (const { build, image } of Object.values(compose.services)) await buildImage(build, image);
});

afterAll(async () => engine?.dispose());

/** As `docker compose build` does, with this checkout's packages: npm finds them in place. */
async function buildImage({ context, dockerfile }: Service['build'], image: string): Promise<void> {
  const folder = join(repository, 'docker', context);
  const packages = `${join(repository, 'node_modules')}:/src/node_modules:O`;
  const where = ['--isolation', 'chroot', '--network', 'host', '--pull-never', '--volume', packages];
  await engine.buildah('bud', ...where, '--file', join(folder, dockerfile), '--tag', image, folder);
}

/** Run a service of compose.yml with the rights and volumes that it has there. */
async function start(service: Service, words: readonly string[]): Promise<RunningContainer> {
  const { image, cap_drop, cap_add = [], security_opt, network_mode } = service;
  expect({ cap_drop, security_opt, network_mode }).toEqual({
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    network_mode: 'none',
  });
  return engine.start({ image, words, capabilities: cap_add, volumes: await volumes(service) });
}

async function volumes(service: Service): Promise<Record<string, string>> {
  const pairs = service.volumes.map((volume) => volume.split(':') as [string, string]);
  for (const [name] of pairs) {
    expect(compose.volumes).toHaveProperty(name);
    await mkdir(join(engine.folder, 'volumes', name), { recursive: true });
  }
  return Object.fromEntries(pairs.map(([name, inside]) => [inside, join(engine.folder, 'volumes', name)]));
}

describe('the image of the program', () => {
  const inImage = async (...words: string[]): Promise<Ended> => engine.run({ image: 'virtioize', words });

  it('says what it is, and holds the program and what it runs, not what built it', async () => {
    const { Entrypoint, Labels } = await engine.config('virtioize');
    expect(Entrypoint).toEqual(['virtioize']);
    expect(Labels['org.opencontainers.image.version']).toBe(await ownVersion());
    expect(await inImage('virtioize', '--version')).toMatchObject({ status: 0, stdout: await ownVersion() });
    const needed = 'virsh flock prlimit ssh bzip2 lz4 lzop xz zstd'.split(' ');
    expect((await inImage('which', ...needed)).status).toBe(0);
    expect((await inImage('which', 'npm')).status).toBe(1);
  });

  it('reads without a folder for its state, and changes nothing without one', async () => {
    const status = await inImage('virtioize', '-c', 'test:///default', 'status');
    expect(status).toMatchObject({ status: 0, stdout: expect.stringContaining('1 guest, 1 compliant') });
    const recover = await inImage('virtioize', '-c', 'test:///default', 'recover');
    expect(recover.stderr).toContain('nothing-is-mounted-at/var/lib/virtioize');
    expect(recover.status).toBe(73);
  });
});

describe('the playground, with the rights that compose.yml gives', () => {
  const { hypervisor, virtioize } = compose.services;
  let running: RunningContainer;

  beforeAll(async () => {
    const { Entrypoint } = await engine.config(hypervisor.image);
    running = await start(hypervisor, Entrypoint);
    let ending: Ended | undefined;
    void running.ended.then((ended) => {
      ending = ended;
    });
    const isUp = await healthCheck(hypervisor);
    await until('the hypervisor is healthy, or has ended', async () => ending !== undefined || isUp(), PATIENCE);
    expect(ending).toBeUndefined();
  });

  afterAll(async () => running?.kill());

  it('what its README has a newcomer type goes well, word for word', async () => {
    expect(virtioize.depends_on).toEqual({ hypervisor: { condition: 'service_healthy' } });
    const printed: string[] = [];
    for (const [kind, ...words] of await documentedCommands()) {
      const service = kind === 'run' ? virtioize : hypervisor;
      const container = await start({ ...service, cap_add: [] }, kind === 'run' ? ['virtioize', ...words] : words);
      const { status, stdout, stderr } = await container.ended;
      expect({ words, status, stderr: status === 0 ? '' : stderr }).toEqual({ words, status: 0, stderr: '' });
      printed.push(stdout);
    }
    const [listed, proven, converted, inside, rolledBack, history] = printed;
    expect(listed).toContain('web1   running  hda   ide  emulated  /var/lib/libvirt/images/web1.qcow2');
    expect(proven).toContain('proven');
    expect(converted).toContain('web1: converted, restarted, and it came up (running)');
    expect(inside).toContain('/dev/vda1');
    expect(rolledBack).toContain('vda on virtio -> hda on ide');
    expect(history).toMatch(/ {2}convert {2}.*\n[\s\S]* {2}rollback {2}/);
  });
});

/** What compose.yml has Docker run in the container now and then: whether a file is there. */
async function healthCheck({ healthcheck, ...service }: Service): Promise<() => boolean> {
  const [kind, program, option, file = ''] = healthcheck?.test ?? [];
  expect([kind, program, option]).toEqual(['CMD', 'test', '-e']);
  const places = Object.entries(await volumes(service));
  const [inside, outside] = places.find(([path]) => file.startsWith(`${path}/`)) ?? ['', ''];
  return () => existsSync(file.replace(inside, outside));
}

/** The lines of the README that run the program, or something in the hypervisor: `run` or `exec`, and what is run. */
async function documentedCommands(): Promise<string[][]> {
  const { codeBlocks } = await readPage('docker/README.md');
  const lines = codeBlocks.flatMap(({ text }) => text.split('\n'));
  return lines.flatMap((line) => {
    const [, kind = '', words = ''] = /^docker compose (run|exec) (?:--rm virtioize|hypervisor) (.*)$/.exec(line) ?? [];
    return kind === '' ? [] : [[kind, ...wordsOf(words)]];
  });
}
