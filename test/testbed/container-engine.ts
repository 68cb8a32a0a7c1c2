import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Ended } from '../program.ts';

/** How a container is run: what Docker would be given as options of the same names. */
interface ContainerOptions {
  readonly image: string;
  readonly words: readonly string[];
  /** Of the capabilities that a container has without being asked, those that stay; default: none. */
  readonly capabilities?: readonly string[];
  /** Folders of this machine by where they lie inside. */
  readonly volumes?: Readonly<Record<string, string>>;
}

export interface RunningContainer {
  readonly ended: Promise<Ended>;
  /** SIGKILL to all that runs in it. */
  kill(): Promise<void>;
}

/** Images and containers of one's own, all in one folder; no daemon. */
export interface ContainerEngine {
  readonly folder: string;
  /** Run buildah. Throws with what it printed where it fails. */
  buildah(...words: string[]): Promise<string>;
  /** Start a container of its own: without network, with Docker's usual filter of system calls, and unable to gain privileges. */
  start(options: ContainerOptions): Promise<RunningContainer>;
  /** The same, to its end. */
  run(options: ContainerOptions): Promise<Ended>;
  /** What an image says of itself, as OCI's image specification has it. */
  config(image: string): Promise<ImageConfig>;
  dispose(): Promise<void>;
}

interface ImageConfig {
  readonly Entrypoint: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 900_000;
/** What buildah leaves a container without being asked: a little less than Docker does. */
const USUAL = 'CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
  ' ',
);

/** Namespaces of its own for each buildah: its mounts, and whatever it started, end with it. */
const APART = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** crun wants control groups of one version; it makes none here. */
const ENTER = 'umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"';

/** Make an empty one. Needs root. In memory where there is room: what is copied from layer to layer takes disks minutes. */
export async function createContainerEngine(): Promise<ContainerEngine> {
  const folder = await mkdtemp(join((await isRoomy(MEMORY)) ? MEMORY : tmpdir(), 'virtioize-containers-'));
  const place = (name: string): string => join(folder, name);
  const storage = ['--root', place('storage'), '--runroot', place('run'), '--storage-driver', 'overlay'];
  const spawn = (words: readonly string[]) =>
    execa('unshare', [...APART, 'sh', '-c', ENTER, 'sh', 'buildah', ...storage, ...words], {
      stdin: 'ignore',
      reject: false,
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      env: { TMPDIR: folder },
    });

  async function buildah(...words: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await spawn(words);
    if (exitCode !== 0)
      throw new Error(`buildah ${words[0]} ended with ${exitCode}:\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
    return stdout.trim();
  }

  async function start({ image, words, capabilities = [], volumes = {} }: ContainerOptions): Promise<RunningContainer> {
    const container = await buildah('from', '--pull-never', image);
    const runtime = ['cgroup-manager=disabled', `root=${place('crun')}`].flatMap((flag) => ['--runtime-flag', flag]);
    const dropped = USUAL.filter((name) => !capabilities.includes(name)).flatMap((name) => [
      '--cap-drop',
      `CAP_${name}`,
    ]);
    // As Docker has it: readable alone.
    const mounts = [
      '/sys/fs/cgroup:/sys/fs/cgroup:ro',
      ...Object.entries(volumes).map(([inside, outside]) => `${outside}:${inside}`),
    ];
    const mounted = mounts.flatMap((mount) => ['--volume', mount]);
    const options = ['--isolation', 'oci', '--network', 'none', ...runtime, ...dropped, ...mounted];
    const child = spawn(['run', ...options, container, '--', 'setpriv', '--no-new-privs', ...words]);
    return {
      ended: child.then(({ exitCode, stdout, stderr }) => ({ status: exitCode, stdout, stderr })),
      async kill() {
        child.kill('SIGKILL');
        await child;
      },
    };
  }

  return {
    folder,
    buildah,
    start,
    run: async (options) => (await start(options)).ended,
    async config(image) {
      const described = JSON.parse(await buildah('inspect', '--type', 'image', image)) as {
        OCIv1: { config: ImageConfig };
      };
      return described.OCIv1.config;
    },
    dispose: async () => rm(folder, { recursive: true, force: true }),
  };
}

const MEMORY = '/dev/shm';
/** More than the images and what makes them take: 3 GB. */
const ROOM_BYTES = 6e9;

async function isRoomy(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > ROOM_BYTES;
}
