import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Ended } from '../program.ts';
import { cachedFolder } from './cache-folder.ts';

const SUITE = 'bookworm';
const ARCHIVE_KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** An installation on a busy machine. */
const TIMEOUT_MS = 900_000;

/**
 * Return the top folder of a bare Debian 12 (minbase, ca-certificates, apt's lists and sources), made by debootstrap on first
 * use and kept in the cache: a minute and 185 MB. To be read and copied, never written in. Its services do not start. Needs root.
 */
export async function debianRoot(): Promise<string> {
  return join(await cachedFolder('debian-12-1', bootstrap), 'root');
}

/**
 * The same with packages installed (no recommended ones), kept beside it.
 * @param name tells this set of packages in the cache; whoever changes them gives it a new one.
 * @param packages e.g. `['libvirt-clients']`
 */
export async function debianRootWith(name: string, packages: readonly string[]): Promise<string> {
  const bare = await debianRoot();
  const folder = await cachedFolder(`debian-12-1-${name}`, async (draft) => {
    const root = join(draft, 'root');
    await execa('cp', ['-a', '--reflink=auto', bare, root]);
    const words = ['apt-get', 'install', '--quiet', '--yes', '--no-install-recommends', ...packages];
    await execa('unshare', [...NAMESPACES, 'sh', '-c', ENTER, 'sh', '', root, '', ...words], INSIDE);
    await execa('chroot', [root, 'apt-get', 'clean']);
  });
  return join(folder, 'root');
}

/** A Debian to do anything with; nothing of it is seen outside of its folder. */
export interface DebianCopy {
  /** A folder of this machine that lies at /mnt inside. */
  readonly shared: string;
  /**
   * Run a command inside, as root, and wait for its end; what else it started ends with it (a process namespace of its own).
   * What it writes stays for the next one. One at a time. It has no terminal, no variables but PATH and the like, and this
   * machine's network. How it ended is told, not thrown.
   */
  run(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  dispose(): Promise<void>;
}

/** A throw-away copy of such a root, at no cost: only what changes is written (overlayfs, in mount namespaces of its own). */
export async function copyDebianRoot(root: string): Promise<DebianCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-debian-'));
  const part = (name: string): string => join(folder, name);
  await chmod(folder, 0o755);
  for (const name of ['upper', 'work', 'merged', 'shared']) await mkdir(part(name), { mode: 0o755 });
  const overlay = `lowerdir=${root},upperdir=${part('upper')},workdir=${part('work')}`;
  const enter = [...NAMESPACES, 'sh', '-c', ENTER, 'sh', overlay, part('merged'), part('shared')];
  return {
    shared: part('shared'),
    async run(words, env = {}) {
      const options = { ...INSIDE, env: { ...INSIDE.env, ...env }, reject: false } as const;
      const { exitCode, stdout, stderr, timedOut } = await execa('unshare', [...enter, ...words], options);
      if (timedOut) throw new Error(`${words.join(' ')} did not end in Debian:\n${stdout}\n${stderr}`);
      return { status: exitCode, stdout, stderr };
    },
    dispose: async () => rm(folder, { recursive: true, force: true }),
  };
}

const NAMESPACES = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];

/** Options of an overlay or nothing, where it or the root lies, the shared folder or nothing; the command. */
const ENTER = `
set -eu
overlay=$1 root=$2 shared=$3
shift 3
if [ -n "$overlay" ]; then mount -t overlay -o "$overlay" debian "$root"; fi
if [ -n "$shared" ]; then mount --bind "$shared" "$root/mnt"; fi
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
chroot "$root" "$@"
`;

const INSIDE = {
  stdin: 'ignore',
  extendEnv: false,
  env: {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    HOME: '/root',
    DEBIAN_FRONTEND: 'noninteractive',
  },
  timeout: TIMEOUT_MS,
} as const;

async function bootstrap(folder: string): Promise<void> {
  const root = join(folder, 'root');
  const words = ['--variant=minbase', '--include=ca-certificates', `--keyring=${ARCHIVE_KEYS}`, SUITE, root];
  await execa('debootstrap', [...words, ...(await nearestMirror())], { timeout: TIMEOUT_MS });
  await chmod(root, 0o755);
  await execa('chroot', [root, 'apt-get', 'clean']);
  // Package scripts ask it before they start a service.
  await writeFile(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  await copyFile('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
}

/** Where this machine has Debian's packages from; debootstrap's own default where it is no Debian. */
async function nearestMirror(): Promise<string[]> {
  const format = '$(LABEL) $(COMPONENT) $(REPO_URI)';
  const { stdout } = await execa('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const uri = /^Debian main (\S+)$/m.exec(stdout)?.[1];
  return uri === undefined ? [] : [uri];
}
