import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { WITHOUT_LIBGUESTFS } from '../program.ts';
import { repository } from '../repository.ts';
import { until } from '../until.ts';
import { debianProgram } from './debian-packages.ts';
import { holdNamespaces } from './namespaces.ts';
import { downloadedPackages } from './packages.ts';
import { createPrivateDaemon, type PrivateDaemon } from './private-daemon.ts';

/**
 * Hosts of one's own, each with a libvirtd and an sshd in namespaces of its own, and a network namespace that reaches them: the
 * control node. What is written on a host's /etc, /usr, /var/cache, /var/lib, /var/log, /run and in root's home stays in memory,
 * packages that are installed there included. Needs root.
 */
export interface PrivateFleet {
  readonly hosts: readonly FleetHost[];
  /** For files of the control node. */
  readonly folder: string;
  /** Run a program on the control node, on the machine's files; nothing that it starts outlives it. */
  readonly run: (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<FleetRun>;
  dispose(): Promise<void>;
}

export interface FleetHost {
  readonly name: string;
  readonly daemon: PrivateDaemon;
  /** Its file system. */
  readonly root: string;
  /** What Ansible's inventory says of it. */
  readonly inventory: string;
}

export interface FleetRun {
  readonly status: number | undefined;
  /** What it wrote to both streams. */
  readonly output: string;
}

const TIMEOUT_MS = 300_000;
const OVERLAID = ['/etc', '/usr', '/var/cache', '/var/lib', '/var/log'];
/** Mounts of a private daemon below those. */
const KEPT = ['/etc/libvirt', '/var/lib/libvirt'];
/** Root's home on a host. */
const HOME = '/run/virtioize-fleet/home';

/** Something that was begun and must be ended, in the reverse order. */
type Ending = () => Promise<unknown>;

export async function createPrivateFleet(names: readonly string[]): Promise<PrivateFleet> {
  const endings: Ending[] = [];
  const dispose = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const ending of endings.splice(0).reverse()) await ending().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'Something of the fleet is left.');
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'virtioize-fleet-'));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    const { pid: controlPid, release } = await holdNamespaces(['--net']);
    endings.push(release);
    const hosts: FleetHost[] = [];
    for (const [index, name] of names.entries())
      hosts.push(await createHost({ name, index, folder, controlPid, endings }));
    return { hosts, folder, run: (words, env) => runAt(controlPid, words, env), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** In a process namespace of its own: what is left of it, such as ssh connections kept open, ends with it. */
async function runAt(
  controlPid: number,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<FleetRun> {
  const own = ['unshare', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc', ...words];
  const { exitCode, all, timedOut } = await execa('nsenter', ['--target', String(controlPid), '--net', '--', ...own], {
    all: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', ...env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: TIMEOUT_MS,
    forceKillAfterDelay: 1000,
  });
  if (timedOut) throw new Error(`${words.join(' ')} did not end within ${TIMEOUT_MS / 1000} s:\n${all}`);
  return { status: exitCode, output: all };
}

interface HostOptions {
  readonly name: string;
  readonly index: number;
  readonly folder: string;
  readonly controlPid: number;
  readonly endings: Ending[];
}

async function createHost({ name, index, folder, controlPid, endings }: HostOptions): Promise<FleetHost> {
  const daemon = await createPrivateDaemon();
  endings.push(() => daemon.dispose());
  const inside = async (...words: string[]): Promise<void> => {
    const [file = '', ...rest] = [...daemon.enter, ...words];
    await execa(file, rest, { stdin: 'ignore', timeout: TIMEOUT_MS });
  };
  const { root } = daemon;
  await overlay(inside);
  const address = await connect({ inside, index, controlPid });
  await installProgram(root);
  await startSshd({ daemon, root, folder, address, endings });
  const ssh = [
    '-o ControlMaster=auto -o ControlPersist=60s',
    `-o UserKnownHostsFile=${join(folder, 'known-hosts')} -o HostKeyAlias=${name} -o LogLevel=ERROR`,
  ].join(' ');
  await appendFile(join(folder, 'known-hosts'), `${name} ${await readFile(join(folder, 'key.pub'), 'utf8')}`);
  const inventory = [
    `${name} ansible_host=${address} ansible_user=root ansible_python_interpreter=/usr/bin/python3`,
    `ansible_ssh_private_key_file=${join(folder, 'key')} ansible_ssh_args="${ssh}"`,
  ].join(' ');
  return { name, daemon, root, inventory };
}

/** Have what is written to the machine's folders stay in memory, with the daemon's own mounts below them as they are. */
async function overlay(inside: (...words: string[]) => Promise<void>): Promise<void> {
  const memory = '/run/virtioize-fleet';
  await inside('mkdir', '-p', HOME);
  for (const folder of KEPT) {
    await inside('mkdir', '-p', `${memory}/kept${folder}`);
    await inside('mount', '--bind', folder, `${memory}/kept${folder}`);
  }
  for (const folder of OVERLAID) {
    const [upper, work] = [`${memory}/upper${folder}`, `${memory}/work${folder}`];
    await inside('mkdir', '-p', upper, work);
    await inside(
      'mount',
      '-t',
      'overlay',
      '-o',
      `lowerdir=${folder},upperdir=${upper},workdir=${work}`,
      'fleet',
      folder,
    );
  }
  for (const folder of KEPT) await inside('mount', '--bind', `${memory}/kept${folder}`, folder);
}

/** A cable from the control node to a host, whose address it returns: one of those that are for documentation. */
async function connect({
  inside,
  index,
  controlPid,
}: {
  readonly inside: (...words: string[]) => Promise<void>;
  readonly index: number;
  readonly controlPid: number;
}): Promise<string> {
  const [here, there, cable] = [`192.0.2.${index + 101}`, '192.0.2.1', `host${index}`];
  const ip = async (...words: string[]): Promise<unknown> =>
    execa('nsenter', ['--target', String(controlPid), '--net', '--', 'ip', ...words]);
  await inside('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', cable, 'netns', String(controlPid));
  await inside('ip', 'address', 'add', here, 'peer', there, 'dev', 'eth0');
  await inside('ip', 'link', 'set', 'eth0', 'up');
  await ip('address', 'add', there, 'peer', here, 'dev', cable);
  await ip('link', 'set', cable, 'up');
  return here;
}

/** The built program as /usr/local/bin/virtioize, on a host without libguestfs. */
async function installProgram(root: string): Promise<void> {
  const script = [
    '#!/bin/sh',
    `PATH='${WITHOUT_LIBGUESTFS}':$PATH exec '${process.execPath}' '${join(repository, 'bin/virtioize.js')}' "$@"`,
  ];
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await writeFile(join(root, 'usr/local/bin/virtioize'), `${script.join('\n')}\n`, { mode: 0o755 });
}

interface SshdOptions {
  readonly daemon: PrivateDaemon;
  readonly root: string;
  readonly folder: string;
  readonly address: string;
  readonly endings: Ending[];
}

/** An sshd that lets root in with the fleet's key, which is the host's, too. In a process namespace, so that nothing outlives it. */
async function startSshd({ daemon, root, folder, address, endings }: SshdOptions): Promise<void> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const withoutSshd = passwd.replace(/^sshd:.*\n/m, '').replace(/^(root:.*?:0:0:[^:]*):.*$/m, `$1:${HOME}:/bin/sh`);
  await writeFile(join(root, 'etc/passwd'), `${withoutSshd}sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`);
  const shadow = await readFile('/etc/shadow', 'utf8');
  await writeFile(join(root, 'etc/shadow'), shadow.replace(/^root:.*$/m, 'root:*:19000:0:99999:7:::'), { mode: 0o600 });
  await mkdir(join(root, 'run/sshd'));
  const config = [
    `ListenAddress ${address}`,
    `HostKey ${join(folder, 'key')}`,
    `AuthorizedKeysFile ${join(folder, 'key.pub')}`,
    'AuthenticationMethods publickey',
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PrintMotd no',
    'SetEnv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'Subsystem sftp internal-sftp',
  ];
  await writeFile(join(root, 'run/sshd/config'), `${config.join('\n')}\n`);
  const program = await debianProgram(downloadedPackages.sshServer, 'usr/sbin/sshd');
  const own = ['unshare', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
  const [file, ...words] = [...daemon.enter, ...own, program, '-D', '-e', '-f', '/run/sshd/config'];
  const sshd = execa(file, words, { reject: false, stdin: 'ignore' });
  endings.push(() => endFromWithin(sshd));
  const listens = async (): Promise<boolean> => {
    if (sshd.exitCode !== null) throw new Error(`sshd did not start: ${(await sshd).stderr}`);
    const { stdout } = await execa(daemon.enter[0] ?? '', [...daemon.enter.slice(1), 'ss', '-Hltn', 'sport = :22']);
    return stdout.includes(address);
  };
  await until('sshd listens', listens);
}

/** A process that goes on until it is killed. */
interface Background extends PromiseLike<unknown> {
  readonly pid?: number | undefined;
  kill(signal: 'SIGKILL'): boolean;
}

/** End `unshare` by ending what it waits for, so that nobody else has to. */
async function endFromWithin(unshare: Background): Promise<void> {
  const children = await readFile(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8').catch(() => '');
  const child = Number.parseInt(children, 10);
  if (Number.isNaN(child)) return end(unshare);
  process.kill(child, 'SIGKILL');
  await unshare;
}

async function end(child: Background): Promise<void> {
  child.kill('SIGKILL');
  await child;
}
