import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { printable } from '../../src/cli/views/printable.ts';
import { repository } from '../repository.ts';
import { buildCdRom, buildDataDisk } from '../testbed/data-images.ts';
import { debianKernel } from '../testbed/debian-kernel.ts';
import { createEmbeddedRoot, type EmbeddedRoot } from '../testbed/embedded-root.ts';
import { type SeenDisk, waitForBoot } from '../testbed/guest-boot.ts';
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
  /** The same, for what the demo itself wants to know. */
  readonly virtioizeJson: (
    ...words: string[]
  ) => Promise<{ readonly history?: readonly { readonly folder: string }[] }>;
}

/**
 * The real job on libvirt's embedded QEMU driver in a folder of its own: a guest is converted with a restart and looked
 * at from inside; one that lacks the driver is refused, and, forced, put back by itself.
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
    await play({ root, folder, ...runner(root, folder) });
    say(
      `\nDone in ${seconds(started)}: nothing of this host was touched, and nothing but that picture is left behind.`,
    );
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
  let before: readonly SeenDisk[] = [];
  await phase('Boot both, side by side', async () => {
    await Promise.all([root.start('web1'), root.start('old1')]);
    before = await showDisks(stage, 'web1');
    await waitForBoot(join(stage.folder, 'old1.log'), BOOT_TIMEOUT_MS);
  });
  await phase('What is there?', () => virtioize(0, 'status'));
  await phase('What would change?', () => virtioize(0, 'convert', '--dry-run', '--restart', 'graceful', 'web1'));
  await phase('Convert the guest with a restart: shut down, converted, started, and watched until it is up', () =>
    virtioize(0, 'convert', 'web1', '--restart', 'graceful'),
  );
  await phase('The same volumes as before, now from virtio', async () => {
    const after = await showDisks(stage, 'web1');
    if (mountsOf(after) !== mountsOf(before)) throw new Error(`web1 has other volumes than before: ${mountsOf(after)}`);
    await virtioize(0, 'convert', 'web1');
  });
  await phase('The guest without the driver is refused, and not touched', () => virtioize(2, 'convert', 'old1'));
  await phase('Forced, it does not come up from virtio: it is put back by itself, and runs as before', async () => {
    await virtioize(1, 'convert', 'old1', ...FORCED, '--restart', 'graceful', '--boot-timeout', '45s');
    await showDisks(stage, 'old1');
    await showCapture(stage, 'old1');
  });
  await phase('Undo the first one, while it runs: it takes effect when it is next off', async () => {
    await virtioize(0, 'rollback', 'web1');
    await virtioize(0, 'status', 'web1');
    await virtioize(0, 'history');
  });
}

const FORCED = ['--assume-driver', '--reason', 'the demo: to see what happens'];

async function buildGuests({ root, folder }: Stage): Promise<void> {
  const path = (name: string): string => join(folder, name);
  const fstab = [`UUID=${DATA_UUID} /srv ext4 defaults 0 2`];
  const kernel = await debianKernel(); // ready at once, and what an admin has
  await Promise.all([
    buildGuestImage({ path: path('web1.qcow2'), format: 'qcow2', kernel, virtioBlk: true, agent: true, fstab }),
    buildGuestImage({
      path: path('old1.qcow2'),
      format: 'qcow2',
      kernel,
      virtioBlk: false,
      agent: true,
      kernelArgs: 'rootdelay=3',
    }),
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
async function showDisks({ folder }: Stage, name: string): Promise<readonly SeenDisk[]> {
  const outcome = await waitForBoot(join(folder, `${name}.log`), BOOT_TIMEOUT_MS);
  if (!outcome.booted) throw new Error(`${name} did not find its root file system`);
  for (const disk of outcome.disks) {
    const size = `${Math.round(disk.sectors / 2048)} MiB`;
    say(
      `  ${name} sees /dev/${disk.name}, ${size}${disk.mounts.length > 0 ? `, mounted at ${disk.mounts.join(' and ')}` : ''}`,
    );
  }
  return outcome.disks;
}

function mountsOf(disks: readonly SeenDisk[]): string {
  return disks
    .flatMap(({ mounts }) => mounts)
    .sort()
    .join(' ');
}

/** The picture outlives the demo: a terminal can't show it. */
async function showCapture({ virtioizeJson }: Stage, name: string): Promise<void> {
  const { history = [] } = await virtioizeJson('history', name);
  const folder = history.at(-1)?.folder ?? '';
  const console = await readFile(join(folder, 'console.log'), 'latin1');
  say('  The last lines of its console, as kept beside the backup:');
  for (const line of console.trimEnd().split('\n').slice(-4)) say(`  | ${printable(line.trimEnd())}`);
  const picture = join(repository, '.cache', 'demo', `${name}-screen.png`);
  await mkdir(dirname(picture), { recursive: true });
  await copyFile(join(folder, 'screenshot.png'), picture);
  say(`  Its screen: ${picture}`);
}

function runner(root: EmbeddedRoot, folder: string): Pick<Stage, 'virtioize' | 'virtioizeJson'> {
  const program = [join(repository, 'bin/virtioize.js'), '--connect', root.uri, '--state-dir', join(folder, 'state')];
  const common = { env: root.env, stdin: 'ignore', stderr: 'ignore' } as const; // the steps: the result tells what matters
  return {
    async virtioize(expectedStatus, ...words) {
      say(`$ virtioize ${words.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ')}`);
      const options = { ...common, reject: false, stdout: 'inherit' } as const;
      const { exitCode } = await execa(process.execPath, [...program, ...words], options);
      if (exitCode !== expectedStatus)
        throw new Error(`virtioize ${words[0]} ended with ${exitCode} instead of ${expectedStatus}`);
    },
    async virtioizeJson(...words) {
      const { stdout } = await execa(process.execPath, [...program, '--json', ...words], common);
      return JSON.parse(stdout) as Awaited<ReturnType<Stage['virtioizeJson']>>;
    },
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
