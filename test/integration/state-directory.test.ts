import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { domainXml } from '../definitions/domain-xml.ts';
import { type ProgramRun, virtioize } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { until } from '../until.ts';

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

  it.each([
    ['that others can write', ['chmod', '0777']],
    ["that is somebody else's", ['chown', '65534']],
  ])('%s, or below it: 73 as root, and nothing is kept there', async (_what, [program = '', ...words]) => {
    const stateDir = join(host.folder, `others-${program}`);
    expect((await convertIn(stateDir)).status).toBe(0);
    await host.root.define(before);
    const [own = ''] = await readdir(stateDir);
    for (const folder of [stateDir, join(stateDir, own)]) {
      const kept = await readdir(join(stateDir, own), { recursive: true });
      const { uid, mode } = await stat(folder);
      await execa(program, [...words, folder]);
      const { status, stderr } = await convertIn(stateDir);
      expect({ status, stderr }).toEqual({ status: 73, stderr: expect.stringContaining(`${folder} is not used`) });
      expect(await readdir(join(stateDir, own), { recursive: true })).toEqual(kept);
      await chown(folder, uid, uid);
      await chmod(folder, mode);
    }
    expect(await host.definition('g')).toBe(before);
    expect((await convertIn(stateDir)).status).toBe(0);
    await host.root.define(before);
  });

  it('that did not exist is made', async () => {
    const { status } = await convertIn(join(host.folder, 'deep/er/state'));
    expect(status).toBe(0);
    await host.root.define(before);
  });
});

describe('the lock', () => {
  it('keeps a second run out, which names the first', async () => {
    expect((await convertIn(host.program.stateDir)).status).toBe(0);
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
});

async function holdLock(): Promise<{ release(): Promise<void> }> {
  const state = (await host.hostState()) ?? '';
  await writeFile(
    join(state, 'lock'),
    JSON.stringify({ pid: process.pid, by: 'alice', command: 'virtioize convert somebody-elses', since: 'now' }),
  );
  const holder = execa('flock', ['-n', '-F', join(state, 'lock'), 'sleep', '60'], { reject: false });
  await until('the lock is held', async () => (await readFile('/proc/locks', 'utf8')).includes(`${holder.pid}`));
  return {
    async release() {
      holder.kill('SIGKILL');
      await holder;
    },
  };
}
