import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { findDifferences } from '../../src/domain/verify.ts';
import { domainXml } from '../definitions/domain-xml.ts';
import { type ProgramRun, virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';

const CONVERT = ['convert', 'g', '--assume-driver', '--reason', 'a test of the state directory'];

let host: TestHost;
let before: string;

beforeAll(async () => {
  host = await createTestHost();
  await host.root.define(domainXml({ name: 'g', disks: [{ target: 'hda', bus: 'ide' }] }));
  before = await host.definition('g');
});

afterAll(async () => host.dispose());

async function convertIn(stateDir: string): Promise<ProgramRun> {
  return virtioize(CONVERT, { ...host.program, stateDir });
}

/** Mount something for the time of a test, in a folder of this test's own. */
async function withMount(words: readonly string[], work: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(host.folder, 'mounted');
  await mkdir(folder, { recursive: true });
  await execa('mount', [...words, 'virtioize-test', folder]);
  try {
    await work(folder);
  } finally {
    await execa('umount', [folder]);
  }
}

describe('a state directory', () => {
  it.each(Array.from({ length: 14 }, (_, pages) => pages + 1))(
    'with %i pages of room is enough, or nothing is changed and the exit status is 73',
    async (pages) => {
      await host.root.define(before);
      await withMount(['-t', 'tmpfs', '-o', `size=${pages * 4096},nr_inodes=64`], async (folder) => {
        const { status, stderr } = await convertIn(folder);
        const now = await host.definition('g');
        if (status === 0) {
          expect(now).toContain("bus='virtio'");
        } else {
          expect({ status, now }).toEqual({ status: 73, now: before });
          expect(stderr).toContain('the file system is full');
        }
        // With room again, the next run closes what was left open, and does the job.
        await execa('mount', ['-o', 'remount,size=4M', folder]);
        expect(await convertIn(folder)).toMatchObject({ status: 0 });
        expect(await host.definition('g')).toContain("bus='virtio'");
      });
    },
  );

  it('that is read-only: 73, and nothing is changed', async () => {
    await host.root.define(before);
    await withMount(['-t', 'tmpfs', '-o', 'ro'], async (folder) => {
      const { status, stderr } = await convertIn(folder);
      expect(status).toBe(73);
      expect(stderr).toContain('read-only');
      expect(stderr).toContain('--state-dir');
    });
    expect(await host.definition('g')).toBe(before);
  });

  it('that is no directory: 73, and nothing is changed', async () => {
    const file = join(host.folder, 'a-file');
    await writeFile(file, '');
    expect((await convertIn(join(file, 'below'))).status).toBe(73);
    expect(await host.definition('g')).toBe(before);
  });

  it('that did not exist is made', async () => {
    const { status } = await convertIn(join(host.folder, 'deep/er/state'));
    expect(status).toBe(0);
    await host.root.define(before);
  });
});

describe('the lock', () => {
  it('keeps a second run out, which names the first', async () => {
    await host.root.define(before);
    const held = await holdLock();
    try {
      const { status, stderr } = await convertIn(host.program.stateDir);
      expect(status).toBe(75);
      expect(stderr).toContain("'virtioize convert somebody-elses' by alice, process");
      expect(await host.definition('g')).toBe(before);
    } finally {
      await held.release();
    }
    expect((await convertIn(host.program.stateDir)).status).toBe(0);
    await host.root.define(before);
  });

  it('is held by a virsh that outlives its killed virtioize, and freed when that is done', async () => {
    await host.root.define(before);
    // The real virsh, but its define waits for us: a fake delay, for libvirt's own can not be stretched at will.
    const bin = join(host.folder, 'slow');
    const gate = join(host.folder, 'gate');
    await mkdir(bin, { recursive: true });
    const script = `#!/usr/bin/env python3
import os, sys, time
real = os.popen('${host.root.dir}/bin/virsh ' + ' '.join("'%s'" % word for word in sys.argv[1:]), 'w')
for line in sys.stdin:
    while line.startswith('define ') and not os.path.exists('${gate}'):
        time.sleep(0.05)
    real.write(line)
    real.flush()
real.close()
`;
    await writeFile(join(bin, 'virsh'), script);
    await chmod(join(bin, 'virsh'), 0o755);
    const env = { ...process.env, ...host.program.env, PATH: `${bin}:${host.program.env?.['PATH']}` };
    const words = ['bin/virtioize.js', '-c', host.program.uri, '--state-dir', host.program.stateDir, ...CONVERT];
    const victim = spawn(process.execPath, words, { env, stdio: 'ignore' });
    await untilJournalSays('define');
    victim.kill('SIGKILL');
    await once(victim, 'exit');

    const { status, stderr } = await convertIn(host.program.stateDir);
    expect(status).toBe(75);
    expect(stderr).toContain('That process is gone; its virsh still finishes what it was told.');

    await writeFile(gate, '');
    const { document } = await untilUnlocked();
    expect(document.guests).toMatchObject([{ name: 'g', outcome: 'converted' }]);
    expect(findDifferences(before, await host.definition('g'))).not.toEqual([]);
  });
});

async function holdLock(): Promise<{ release(): Promise<void> }> {
  const state = (await host.hostState()) ?? '';
  await writeFile(
    join(state, 'lock'),
    JSON.stringify({ pid: process.pid, by: 'alice', command: 'virtioize convert somebody-elses', since: 'now' }),
  );
  const holder = execa('flock', ['-n', '-F', join(state, 'lock'), 'sleep', '60'], { reject: false });
  await until(async () => (await readFile('/proc/locks', 'utf8')).includes(`${holder.pid}`));
  return {
    async release() {
      holder.kill('SIGKILL');
      await holder;
    },
  };
}

async function untilJournalSays(step: string): Promise<void> {
  await until(async () => {
    const text = await readFile(join((await host.hostState()) ?? '', 'journal.ndjson'), 'utf8').catch(() => '');
    return text.trim().split('\n').at(-1)?.includes(`"step":"${step}"`) ?? false;
  });
}

async function untilUnlocked(): Promise<Awaited<ReturnType<typeof virtioizeJson>>> {
  let run = await virtioizeJson(['recover'], host.program);
  await until(async () => {
    if (run.status === 0) return true;
    run = await virtioizeJson(['recover'], host.program);
    return run.status === 0;
  });
  return run;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(50)) {
    if (await condition()) return;
  }
  throw new Error('what was waited for did not happen within 60 s');
}
