import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { recover } from '../faults/killed-run.ts';
import { startVirtioize, virtioizeJson } from '../program.ts';
import { until } from '../until.ts';
import { createDaemonHost, type DaemonHost } from './daemon-guest.ts';
import { describeImage } from './describe-image.ts';

const SETUP_TIMEOUT_MS = 600_000;
const OWNER = { uid: 12_345, gid: 54_321 };

let host: DaemonHost;
let image: string;
let scratch: string;
let before: object;

beforeAll(async () => {
  host = await createDaemonHost({ qemuUser: 'libvirt-qemu' });
  await chmod(host.folder, 0o711);
  scratch = join(host.folder, 'scratch');
  await mkdir(scratch, { mode: 0o711 });
  const recipe = { agent: false, writer: true };
  await host.guest('able', await host.image('able', recipe), { agent: false });
  image = join(host.folder, 'guest-able.raw');
  await chown(image, OWNER.uid, OWNER.gid);
  await chmod(image, 0o640);
  await execa('setfattr', ['--name=user.note', '--value=of its admin', image]);
  before = await describeImage(image);
}, SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

const rehearse = (folder = scratch): string[] => [
  ...['rehearse', 'able', '--json', '--boot-timeout', '300s', '--scratch-dir', folder],
];

describe("a rehearsal where QEMU has a user of its own, which libvirt makes the images' owner", () => {
  it(
    'proves its guest, and gives its image back to whom it belonged, to the letter',
    async () => {
      const run = startVirtioize(rehearse(), { ...host.program, timeoutMs: SETUP_TIMEOUT_MS });
      await until("QEMU's user has the image", async () => (await stat(image)).uid !== OWNER.uid);
      const { stdout, status } = await run.ended;
      expect(JSON.parse(stdout).guests).toMatchObject([{ outcome: 'planned', refusals: [] }]);
      expect(status).toBe(0);
      expect(await describeImage(image)).toEqual(before);
      expect(await readdir(scratch)).toEqual([]);
    },
    SETUP_TIMEOUT_MS,
  );

  it(
    'keeps other runs from the host, and the guest from being started, as long as it lasts',
    async () => {
      const run = startVirtioize(rehearse(), host.program);
      await untilCloneRuns();
      const other = await virtioizeJson(['rehearse', 'able', '--scratch-dir', scratch], host.program);
      expect(other).toMatchObject({ status: 75, document: { error: { code: 'locked' } } });
      await expect(host.daemon.virsh('start', 'able')).rejects.toThrow(/lock/);
      run.send('SIGTERM');
      const { status, stdout } = await run.ended;
      expect(status).toBe(143);
      expect(JSON.parse(stdout).guests[0].evidence).toContainEqual(
        expect.objectContaining({
          source: 'rehearsal',
          verdict: 'unknown',
          summary: expect.stringContaining('interrupted'),
        }),
      );
      expect(await describeImage(image)).toEqual(before);
    },
    SETUP_TIMEOUT_MS,
  );

  it(
    'that is killed ends its clone at once, and the next run puts the rest away',
    async () => {
      const run = startVirtioize(rehearse(), host.program);
      await untilCloneRuns();
      run.send('SIGKILL');
      await run.ended;
      await until('the clone has ended', async () => (await guests()).join() === 'able');
      expect(await readdir(scratch)).toHaveLength(1);
      const { guests: recovered } = await recover(host);
      expect(recovered).toMatchObject([{ name: 'able', outcome: 'skipped' }]);
      expect(await describeImage(image)).toEqual(before);
      expect(await readdir(scratch)).toEqual([]);
    },
    SETUP_TIMEOUT_MS,
  );
});

describe('a scratch folder without room', () => {
  const small = (): string => join(host.folder, 'small');

  async function mountSmall(size: string): Promise<void> {
    const [file, ...rest] = [...host.daemon.enter, 'mount', '-t', 'tmpfs', '-o', `size=${size},mode=711`, 'small'];
    await mkdir(small(), { recursive: true });
    await execa(file, [...rest, small()]);
  }

  it('is told of before anything is started', async () => {
    await mountSmall('40m');
    const { document, status } = await virtioizeJson(rehearse(small()), host.program);
    expect(document.guests).toMatchObject([{ outcome: 'refused', refusals: [{ code: 'no-driver-evidence' }] }]);
    expect(document.guests[0]?.refusals[0]).toMatchObject({
      message: expect.stringContaining('has only 40 MiB free'),
      hint: expect.stringContaining('--scratch-dir'),
    });
    expect(status).toBe(2);
  });

  it(
    'that fills up while the clone runs proves nothing, and says so',
    async () => {
      await mountSmall('100m');
      const run = startVirtioize(rehearse(small()), { ...host.program, timeoutMs: SETUP_TIMEOUT_MS });
      await untilCloneRuns();
      const [file, ...rest] = [...host.daemon.enter, 'dd', 'if=/dev/zero', `of=${small()}/filler`, 'bs=1M'];
      await execa(file, rest, { reject: false });
      const { stdout } = await run.ended;
      expect(JSON.parse(stdout).guests[0].refusals[0].message).toMatch(/libvirt paused it \(I\/O error\)/);
      expect(await describeImage(image)).toEqual(before);
    },
    SETUP_TIMEOUT_MS,
  );
});

async function guests(): Promise<string[]> {
  return (await host.daemon.virsh('list', '--all', '--name')).split('\n').filter(Boolean);
}

async function untilCloneRuns(): Promise<void> {
  await until('the clone runs', async () => (await guests()).some((name) => name.startsWith('virtioize-rehearsal-')));
}
