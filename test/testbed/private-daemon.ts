import { cp, readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { until } from '../until.ts';
import { capabilityCache } from './capability-cache.ts';
import { holdNamespaces } from './namespaces.ts';
import { allowedCores, firstAllowedCore } from './pinned-virsh.ts';

/**
 * A libvirtd of one's own, with everything it writes in memory: in mount and network namespaces where /run, /etc/libvirt
 * and libvirt's folders below /var are empty. Needs root. Programs that shall see it are run by `enter`.
 */
export interface PrivateDaemon {
  readonly uri: string;
  /** Put before a command, these words run it where the daemon is. */
  readonly enter: readonly string[];
  /** Its file system, as this process reaches it. */
  readonly root: string;
  virsh(...words: string[]): Promise<string>;
  /** libvirtd's process id. */
  pid(): Promise<number>;
  /** Start libvirtd, which must not run. */
  start(): Promise<void>;
  /** SIGKILL libvirtd and see it gone. */
  kill(): Promise<void>;
  dispose(): Promise<void>;
}

const CACHE = '/var/cache/libvirt';
const EMPTY_FOLDERS = ['/run', '/etc/libvirt', '/var/lib/libvirt', CACHE, '/var/log/libvirt'];
const TIMEOUT_MS = 60_000;

export interface DaemonOptions {
  /** Whom QEMU runs as, and libvirt gives images to; root unless said otherwise. */
  readonly qemuUser?: 'root' | 'libvirt-qemu';
  /** A folder in which definitions are kept, on its disk; in memory unless one is named. */
  readonly definitions?: string;
}

/** The first one on a machine takes 4 s of a processor longer, as libvirt then gets to know QEMU. */
export async function createPrivateDaemon(options: DaemonOptions = {}): Promise<PrivateDaemon> {
  return openPrivateDaemon(options, await capabilityCache('libvirtd', learnCapabilities));
}

/** Let a daemon that knows nothing find out what QEMU can do, and keep that. */
async function learnCapabilities(cacheFolder: string): Promise<void> {
  const daemon = await openPrivateDaemon({});
  try {
    await daemon.virsh('capabilities');
    await cp(`${daemon.root}${CACHE}`, cacheFolder, { recursive: true });
  } finally {
    await daemon.dispose();
  }
}

/** @param known what libvirt's cache folder holds; nothing unless named. */
async function openPrivateDaemon(
  { qemuUser = 'root', definitions }: DaemonOptions,
  known?: string,
): Promise<PrivateDaemon> {
  const { pid: holder, release } = await holdNamespaces(['--mount', '--net', '--propagation', 'private']);
  const enter = ['nsenter', '--target', String(holder), '--mount', '--net', '--root', '--wd', '--'];
  const inside = async (...words: string[]): Promise<string> => {
    const [file = '', ...rest] = [...enter, ...words];
    return (await execa(file, rest, { stdin: 'ignore', timeout: TIMEOUT_MS, env: { LC_ALL: 'C' } })).stdout;
  };
  for (const folder of EMPTY_FOLDERS) {
    await inside('mkdir', '-p', folder);
    await inside('mount', '-t', 'tmpfs', 'virtioize-test', folder);
  }
  if (definitions !== undefined) await inside('mount', '--bind', definitions, '/etc/libvirt');
  await inside('ip', 'link', 'set', 'lo', 'up').catch(() => '');
  const root = `/proc/${holder}/root`;
  if (known !== undefined) await cp(known, `${root}${CACHE}`, { recursive: true });
  await writeFile(
    `${root}/etc/libvirt/qemu.conf`,
    `user = "${qemuUser}"\ngroup = "${qemuUser}"\nsecurity_driver = "none"\n`,
  );
  await inside('virtlogd', '--daemon');
  const pidOf = async (name: string): Promise<number> => Number(await readFile(`${root}/run/${name}.pid`, 'utf8'));
  const uri = 'qemu:///system';
  const daemon: PrivateDaemon = {
    uri,
    enter,
    root,
    virsh: async (...words) => (await inside('virsh', '--quiet', '--connect', uri, ...words)).trimEnd(),
    pid: async () => pidOf('libvirtd'),
    async start() {
      // Begun on the core on which what it knows was learnt: libvirt looks at its number (pinned-virsh.ts).
      await inside('taskset', '-c', String(await firstAllowedCore()), 'libvirtd', '--daemon');
      const answers = async (): Promise<boolean> => (await daemon.virsh('uri').catch(() => '')) === uri;
      await until('libvirtd answers', answers, { timeoutMs: TIMEOUT_MS });
      const unpin = ['taskset', '--all-tasks', '--cpu-list', '--pid', await allowedCores(), String(await daemon.pid())];
      // A thread that ends meanwhile makes it fail.
      const isUnpinned = async (): Promise<boolean> => (await inside(...unpin).catch(() => '')) !== '';
      await until('libvirtd may use all cores', isUnpinned, { timeoutMs: TIMEOUT_MS });
    },
    kill: async () => killAndWait(await daemon.pid()),
    async dispose() {
      for (const name of (await daemon.virsh('list', '--name').catch(() => '')).split('\n').filter(Boolean)) {
        await daemon.virsh('destroy', name).catch(() => '');
      }
      for (const name of ['libvirtd', 'virtlogd']) await killAndWait(await pidOf(name).catch(() => 0));
      await release();
    },
  };
  await daemon.start();
  return daemon;
}

async function killAndWait(pid: number): Promise<void> {
  if (pid === 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
  const isGone = async (): Promise<boolean> =>
    !(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ' Z ')).replace(/^.*\)/, ')').match(/^\) [^Z]/);
  await until(`the end of process ${pid}`, isGone, { timeoutMs: TIMEOUT_MS });
}
