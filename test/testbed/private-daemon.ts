import { readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { until } from '../until.ts';

/**
 * A libvirtd of one's own, with everything it writes in memory: in mount and network namespaces where /run, /etc/libvirt
 * and libvirt's folders below /var are empty. Needs root. Programs that shall see it are run by `enter`.
 */
export interface PrivateDaemon {
  readonly uri: string;
  /** Put before a command, these words run it where the daemon is. */
  readonly enter: readonly string[];
  virsh(...words: string[]): Promise<string>;
  /** libvirtd's process id. */
  pid(): Promise<number>;
  /** Start libvirtd, which must not run. */
  start(): Promise<void>;
  /** SIGKILL libvirtd and see it gone. */
  kill(): Promise<void>;
  dispose(): Promise<void>;
}

const EMPTY_FOLDERS = ['/run', '/etc/libvirt', '/var/lib/libvirt', '/var/cache/libvirt', '/var/log/libvirt'];
const TIMEOUT_MS = 60_000;

export interface DaemonOptions {
  /** Whom QEMU runs as, and libvirt gives images to; root unless said otherwise. */
  readonly qemuUser?: 'root' | 'libvirt-qemu';
  /** A folder in which definitions are kept, on its disk; in memory unless one is named. */
  readonly definitions?: string;
}

export async function createPrivateDaemon({
  qemuUser = 'root',
  definitions,
}: DaemonOptions = {}): Promise<PrivateDaemon> {
  const holder = execa('unshare', ['--mount', '--net', '--propagation', 'private', 'sleep', 'infinity'], {
    reject: false,
  });
  const isHeld = async (): Promise<boolean> =>
    (await readFile(`/proc/${holder.pid}/comm`, 'utf8').catch(() => '')).trim() === 'sleep';
  await until('the namespaces are there', isHeld, { timeoutMs: TIMEOUT_MS });
  const enter = ['nsenter', '--target', String(holder.pid), '--mount', '--net', '--root', '--wd', '--'];
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
  const root = `/proc/${holder.pid}/root`;
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
    virsh: async (...words) => (await inside('virsh', '--quiet', '--connect', uri, ...words)).trimEnd(),
    pid: async () => pidOf('libvirtd'),
    async start() {
      await inside('libvirtd', '--daemon');
      const answers = async (): Promise<boolean> => (await daemon.virsh('uri').catch(() => '')) === uri;
      await until('libvirtd answers', answers, { timeoutMs: TIMEOUT_MS });
    },
    kill: async () => killAndWait(await daemon.pid()),
    async dispose() {
      for (const name of (await daemon.virsh('list', '--name').catch(() => '')).split('\n').filter(Boolean)) {
        await daemon.virsh('destroy', name).catch(() => '');
      }
      for (const name of ['libvirtd', 'virtlogd']) await killAndWait(await pidOf(name).catch(() => 0));
      holder.kill('SIGKILL');
      await holder;
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
