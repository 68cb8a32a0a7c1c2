import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { domainXml } from '../definitions/domain-xml.ts';
import { holdVirsh } from '../faults/held-virsh.ts';
import { recover } from '../faults/killed-run.ts';
import { type ProgramOptions, startVirtioize, virtioize, virtioizeJson } from '../program.ts';
import { createPrivateDaemon, type PrivateDaemon } from '../testbed/private-daemon.ts';
import { QUICKLY, until } from '../until.ts';

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
      const earlier = await countInJournal(step);
      const run = startVirtioize(CONVERT, program);
      await until(`the step '${step}'`, async () => (await countInJournal(step)) > earlier, QUICKLY);
      await daemon.kill();
      await daemon.start();
      const { status } = await run.ended;
      expect([0, 1, 69]).toContain(status);
      const { document } = await virtioizeJson(['recover'], program);
      expect(document.guests.filter(({ outcome }) => outcome === 'needs-attention')).toEqual([]);
      expect(document.unfinished).toEqual([]);
      const now = await definition();
      expect(now === before || /dev='vda' bus='virtio'/.test(now)).toBe(true);
      expect(now).toContain("passwd='s3cret'");
      expect((await virtioize(CONVERT, program)).status).toBe(0);
    },
  );

  it('the lock is held by a virsh that outlives its killed virtioize (a fake delay), and freed when that is done', async () => {
    const virsh = await holdVirsh(folder, 'define');
    await virsh.arm();
    const run = startVirtioize(CONVERT, { ...program, env: virsh.env });
    await virsh.untilHeld();
    run.send('SIGKILL');
    await run.ended;

    const second = await virtioize(CONVERT, program);
    expect(second.status).toBe(75);
    expect(second.stderr).toMatch(
      /'virtioize .*convert g.*' by .*, process \d+, since .*That process is gone; its virsh still/,
    );
    expect(await virtioize(['status'], program)).toMatchObject({ status: 0 });
    expect(await definition()).toBe(before);

    await virsh.release();
    expect(await recover({ program })).toMatchObject({ guests: [{ name: 'g', outcome: 'converted' }] });
    expect(await definition()).toMatch(/dev='vda' bus='virtio'/);
  });
});

/** How often a step was announced: on a busy machine the next one may be, too, before anybody looks. */
async function countInJournal(step: string): Promise<number> {
  const [host = ''] = await readdir(program.stateDir).catch(() => []);
  const text = await readFile(join(program.stateDir, host, 'journal.ndjson'), 'utf8').catch(() => '');
  return text.split(`"step":"${step}"`).length - 1;
}
