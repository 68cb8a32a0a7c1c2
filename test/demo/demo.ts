import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../repository.ts';
import { buildCdRom, buildDataDisk } from '../testbed/data-images.ts';
import { createEmbeddedRoot, type EmbeddedRoot } from '../testbed/embedded-root.ts';
import { shutDownGuest, waitForBoot } from '../testbed/guest-boot.ts';
import { buildGuestImage } from '../testbed/guest-image.ts';
import { guestXml } from '../testbed/guest-xml.ts';

const BOOT_TIMEOUT_MS = 240_000;
const DATA_UUID = '7e57bed0-0000-4000-8000-0000000000da';

/** Where the demo has its guests, and how it runs the program. */
interface Stage {
  readonly root: EmbeddedRoot;
  readonly folder: string;
  /** Run virtioize, its output shown; throws where the exit status is another than expected. */
  readonly virtioize: (expectedStatus: number, ...words: string[]) => Promise<void>;
}

/**
 * The real job on libvirt's embedded QEMU driver in a folder of its own: a guest is converted and looked at from
 * inside, and one that lacks the driver is refused.
 * @returns the exit status: 0 where everything happened as it should.
 */
export async function demo(): Promise<number> {
  const started = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-demo-'));
  let root: EmbeddedRoot | undefined;
  // An interrupt ends the child that the demo waits for; what follows fails, and the guests are taken down below.
  const ignoreSignal = (): void => {};
  process.on('SIGINT', ignoreSignal).on('SIGTERM', ignoreSignal);
  try {
    root = await createEmbeddedRoot();
    await play({ root, folder, virtioize: runner(root, folder) });
    say(`\nDone in ${seconds(started)}: nothing of this host was touched, and nothing is left behind.`);
    return 0;
  } catch (error) {
    say(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await root?.dispose();
    await rm(folder, { recursive: true, force: true });
    process.off('SIGINT', ignoreSignal).off('SIGTERM', ignoreSignal);
  }
}

async function play(stage: Stage): Promise<void> {
  const { root, virtioize } = stage;
  await phase('Build two small Linux guests with IDE disks; the second lacks the virtio disk driver', () =>
    buildGuests(stage),
  );
  await phase('Boot both, side by side', async () => {
    await Promise.all([root.start('web1'), root.start('old1')]);
    await showDisks(stage, 'web1');
    await waitForBoot(join(stage.folder, 'old1.log'), BOOT_TIMEOUT_MS);
  });
  await phase('What is there?', () => virtioize(0, 'status'));
  await phase('What would change?', () => virtioize(0, 'convert', '--dry-run', 'web1'));
  await phase(
    'Convert the guest while it runs: it is proven through its agent, and takes effect when it is next off',
    () => virtioize(0, 'convert', 'web1'),
  );
  await phase('The guest without the driver is refused, and not touched', () => virtioize(2, 'convert', 'old1'));
  await phase('Power the converted guest off and on', async () => {
    await shutDownGuest(root, 'web1', BOOT_TIMEOUT_MS);
    await root.start('web1');
    await showDisks(stage, 'web1');
  });
  await phase(
    'Run it again once the guest is off: the disks get their final names, then there is nothing to do',
    async () => {
      await shutDownGuest(root, 'web1', BOOT_TIMEOUT_MS);
      await virtioize(0, 'convert', 'web1');
      await virtioize(0, 'convert', 'web1');
    },
  );
  await phase('Undo it', async () => {
    await virtioize(0, 'rollback', 'web1');
    await virtioize(0, 'status', 'web1');
    await virtioize(0, 'history');
  });
}

async function buildGuests({ root, folder }: Stage): Promise<void> {
  const path = (name: string): string => join(folder, name);
  const fstab = [`UUID=${DATA_UUID} /srv ext4 defaults 0 2`];
  await Promise.all([
    buildGuestImage({ path: path('web1.qcow2'), format: 'qcow2', virtioBlk: true, agent: true, fstab }),
    buildGuestImage({ path: path('old1.qcow2'), format: 'qcow2', virtioBlk: false, agent: true }),
    buildDataDisk({
      path: path('web1-data.qcow2'),
      format: 'qcow2',
      fsUuid: DATA_UUID,
      label: 'data',
      files: { '/hello': 'hello' },
    }),
    buildCdRom({ path: path('tools.iso'), files: { '/README': 'tools' } }),
  ]);
  const system = (name: string) =>
    ({ path: path(`${name}.qcow2`), format: 'qcow2', bus: 'ide', target: 'hda' }) as const;
  const data = { path: path('web1-data.qcow2'), format: 'qcow2', bus: 'ide', target: 'hdb' } as const;
  const cdRom = { path: path('tools.iso'), format: 'raw', bus: 'ide', target: 'hdc', device: 'cdrom' } as const;
  const common = { machine: 'pc', agent: true } as const;
  await root.define(
    guestXml({ ...common, name: 'web1', disks: [system('web1'), data, cdRom], serialLog: path('web1.log') }),
  );
  await root.define(guestXml({ ...common, name: 'old1', disks: [system('old1')], serialLog: path('old1.log') }));
}

/** The disks of a guest that was started, as its own system sees them once it is up. */
async function showDisks({ folder }: Stage, name: string): Promise<void> {
  const outcome = await waitForBoot(join(folder, `${name}.log`), BOOT_TIMEOUT_MS);
  if (!outcome.booted) throw new Error(`${name} did not find its root file system`);
  for (const disk of outcome.disks) {
    const size = `${Math.round(disk.sectors / 2048)} MiB`;
    say(
      `  ${name} sees /dev/${disk.name}, ${size}${disk.mounts.length > 0 ? `, mounted at ${disk.mounts.join(' and ')}` : ''}`,
    );
  }
}

function runner(root: EmbeddedRoot, folder: string): Stage['virtioize'] {
  const options = ['--connect', root.uri, '--state-dir', join(folder, 'state')];
  return async (expectedStatus, ...words) => {
    say(`$ virtioize ${words.join(' ')}`);
    const { exitCode } = await execa(process.execPath, [join(repository, 'bin/virtioize.js'), ...options, ...words], {
      env: root.env,
      reject: false,
      stdin: 'ignore',
      stdout: 'inherit',
      stderr: 'ignore', // the steps, a line each: the result tells what matters here
    });
    if (exitCode !== expectedStatus)
      throw new Error(`virtioize ${words[0]} ended with ${exitCode} instead of ${expectedStatus}`);
  };
}

async function phase(title: string, work: () => Promise<void>): Promise<void> {
  const started = Date.now();
  say(`\n== ${title}`);
  await work();
  say(`-- ${seconds(started)}`);
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
