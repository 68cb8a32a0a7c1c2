import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { domainXml } from '../definitions/domain-xml.ts';
import { type ProgramOptions, virtioize, virtioizeJson } from '../program.ts';
import { repository } from '../repository.ts';
import { createPrivateDaemon, type PrivateDaemon } from '../testbed/private-daemon.ts';

const CONVERT = ['convert', 'g', '--assume-driver', '--reason', 'a test with a daemon'];

let daemon: PrivateDaemon;
let folder: string;
let program: ProgramOptions;
let before: string;

beforeAll(async () => {
  daemon = await createPrivateDaemon();
  folder = await mkdtemp(join(tmpdir(), 'virtioize-daemon-'));
  program = { uri: daemon.uri, stateDir: join(folder, 'state'), enter: daemon.enter };
});

beforeEach(async () => {
  const file = join(folder, 'g.xml');
  await writeFile(
    file,
    domainXml({
      name: 'g',
      disks: [{ target: 'hda', bus: 'ide' }],
      devices: "<graphics type='vnc' port='-1' passwd='s3cret'/>",
    }),
  );
  await daemon.virsh('define', file);
  before = await definition();
});

afterAll(async () => {
  await daemon.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function definition(): Promise<string> {
  return daemon.virsh('dumpxml', '--inactive', '--security-info', 'g');
}

describe('with a libvirt daemon', () => {
  it('a guest is converted and rolled back as on any other connection', async () => {
    expect(await virtioizeJson(CONVERT, program)).toMatchObject({
      status: 0,
      document: { guests: [{ outcome: 'converted' }] },
    });
    expect(await definition()).toContain("bus='virtio'");
    expect((await virtioize(['rollback', 'g'], program)).status).toBe(0);
    expect(await definition()).toBe(before);
  });

  it('a guest is converted and rolled back over qemu+ssh, by a fake ssh that stays on this machine', async () => {
    const ssh = join(folder, 'ssh');
    const script = '#!/bin/sh\nwhile [ "$1" != far-away ]; do shift; done\nshift\nexec sh -c "$*"\n';
    await writeFile(ssh, script, { mode: 0o755 });
    const remote = { ...program, uri: `qemu+ssh://far-away/system?command=${ssh}`, stateDir: join(folder, 'remote') };
    const { status, document } = await virtioizeJson(CONVERT, remote);
    expect({ status, guests: document.guests }).toMatchObject({ status: 0, guests: [{ outcome: 'converted' }] });
    expect(await definition()).toContain("bus='virtio'");
    expect((await virtioize(['rollback', 'g'], remote)).status).toBe(0);
    expect(await definition()).toBe(before);
  });

  it('a connection that may not write shows the status, and ends a conversion with 77', async () => {
    const readOnly = { ...program, uri: `${daemon.uri}?socket=/run/libvirt/libvirt-sock-ro` };
    const status = await virtioize(['status'], readOnly);
    expect(status).toMatchObject({ status: 0, stdout: expect.stringMatching(/g\s+shut off\s+hda\s+ide\s+emulated/) });
    const convert = await virtioize(CONVERT, readOnly);
    expect(convert.status).toBe(77);
    expect(convert.stderr).toMatch(/operation forbidden.*\n.*a connection that may write/);
    expect(await definition()).toBe(before);
  });

  it('a daemon that does not run is a 69, and nothing is changed', async () => {
    await daemon.kill();
    try {
      const { status, document } = await virtioizeJson(CONVERT, program);
      expect({ status, code: document.error?.code }).toEqual({ status: 69, code: 'libvirt-unreachable' });
    } finally {
      await daemon.start();
    }
    expect(await definition()).toBe(before);
  });

  it.each(['back-up', 'define', 'verify'])(
    'a daemon killed at the step %s: the guest is on one side, and the next run says which',
    async (step) => {
      const run = startProgram();
      await untilJournalSays(step);
      await daemon.kill();
      await daemon.start();
      const { code } = await run.exit;
      expect([0, 1, 69]).toContain(code);
      const { document } = await virtioizeJson(['recover'], program);
      expect(document.guests.filter(({ outcome }) => outcome === 'needs-attention')).toEqual([]);
      expect(document.unfinished).toEqual([]);
      const now = await definition();
      expect(now === before || /dev='vda' bus='virtio'/.test(now)).toBe(true);
      expect(now).toContain("passwd='s3cret'");
      expect((await virtioize(CONVERT, program)).status).toBe(0);
    },
  );

  it('the lock is held by a virsh that outlives its killed virtioize, and freed when that is done', async () => {
    const gate = join(folder, 'gate');
    const run = startProgram({ PATH: `${await slowVirsh(gate)}:${process.env.PATH}` });
    await untilPresent(`${gate}.asked`);
    run.kill();
    await run.exit;

    const second = await virtioize(CONVERT, program);
    expect(second.status).toBe(75);
    expect(second.stderr).toMatch(
      /'virtioize .*convert g.*' by .*, process \d+, since .*That process is gone; its virsh still/,
    );
    expect(await virtioize(['status'], program)).toMatchObject({ status: 0 });
    expect(await definition()).toBe(before);

    await writeFile(gate, '');
    const deadline = Date.now() + 30_000;
    let recovered = await virtioizeJson(['recover'], program);
    while (recovered.status === 75 && Date.now() < deadline) recovered = await virtioizeJson(['recover'], program);
    expect(recovered).toMatchObject({ status: 0, document: { guests: [{ name: 'g', outcome: 'converted' }] } });
    expect(await definition()).toMatch(/dev='vda' bus='virtio'/);
  });
});

/** The real virsh, but what defines waits for a file: a fake delay, for libvirt's own can't be stretched at will. */
async function slowVirsh(gate: string): Promise<string> {
  const bin = join(folder, 'slow');
  const script = `#!${process.execPath}
const { spawn } = require('node:child_process');
const { existsSync, writeFileSync } = require('node:fs');
const real = spawn('/usr/bin/virsh', process.argv.slice(2));
real.stdout.pipe(process.stdout).on('error', () => {});
real.stderr.pipe(process.stderr).on('error', () => {});
real.on('exit', (code) => process.exit(code));
const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
(async () => {
  for await (const line of require('node:readline').createInterface({ input: process.stdin })) {
    if (line.startsWith('define ')) {
      writeFileSync('${gate}.asked', '');
      while (!existsSync('${gate}')) await wait();
    }
    real.stdin.write(line + '\\n');
  }
  real.stdin.end();
})();
`;
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'virsh'), script, { mode: 0o755 });
  return bin;
}

function startProgram(env: Record<string, string> = {}): {
  readonly exit: Promise<{ code: number | null }>;
  kill(): void;
} {
  const [file = '', ...words] = [
    ...daemon.enter,
    process.execPath,
    join(repository, 'bin/virtioize.js'),
    '-c',
    program.uri,
    '--state-dir',
    program.stateDir,
    ...CONVERT,
  ];
  const child = spawn(file, words, { stdio: 'ignore', env: { ...process.env, ...env } });
  const exit = once(child, 'exit').then(([code]) => ({ code: code as number | null }));
  return { exit, kill: () => child.kill('SIGKILL') };
}

async function untilPresent(file: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(20)) if (existsSync(file)) return;
  throw new Error(`${file} did not come within 30 s`);
}

async function untilJournalSays(step: string, timeoutMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(2)) {
    const [host = ''] = await readdir(program.stateDir).catch(() => []);
    const text = await readFile(join(program.stateDir, host, 'journal.ndjson'), 'utf8').catch(() => '');
    if (text.trim().split('\n').at(-1)?.includes(`"step":"${step}"`)) return;
  }
  throw new Error(`the journal did not say '${step}' within ${timeoutMs} ms`);
}
