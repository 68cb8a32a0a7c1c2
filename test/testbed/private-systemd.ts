import { copyFile, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../repository.ts';
import { until } from '../until.ts';
import type { PrivateDaemon } from './private-daemon.ts';

/**
 * A systemd of one's own, PID 1 in namespaces and a cgroup of its own, beside a private libvirtd: it starts real units with
 * all that they say, on the host's own files, and whatever is written stays in memory. It knows the units that it is given,
 * a journald and nothing else. `virtioize` lies in /usr/local/bin, as npm installs it. Needs root.
 */
export interface PrivateSystemd {
  /** The host's file system as the services see it, but for what their units hide. */
  readonly root: string;
  /** Where its units lie, as it sees it. */
  readonly units: string;
  /** Add a unit, or replace one. */
  define(unit: string, text: string): Promise<void>;
  /** Run a program where systemd runs; what it printed and how it ended. */
  run(...words: string[]): Promise<{ readonly exitCode: number | undefined; readonly stdout: string }>;
  /** Properties of a unit, e.g. `Result` and `ExecMainStatus`. */
  show(unit: string, ...properties: string[]): Promise<Record<string, string>>;
  /** What a unit's processes have written to the journal: priority and text of each line, oldest first. */
  journal(unit: string): Promise<JournalLine[]>;
  dispose(): Promise<void>;
}

export interface JournalLine {
  readonly priority: number;
  readonly text: string;
}

const JOURNALD_UNITS = ['systemd-journald.service', 'systemd-journald.socket', 'systemd-journald-dev-log.socket'];
const TARGETS = ['sysinit', 'basic', 'timers', 'sockets', 'paths', 'slices', 'shutdown', 'umount'];
/** Where the script puts the units. */
const UNITS = '/run/virtioize-test/units';
/** `systemctl start` of a oneshot service waits for its end. */
const TIMEOUT_MS = 600_000;

/** @param folder with unit files. */
export async function createPrivateSystemd(daemon: PrivateDaemon, folder: string): Promise<PrivateSystemd> {
  const units = await mkdtemp(join(tmpdir(), 'virtioize-units-'));
  await cp(folder, units, { recursive: true });
  for (const unit of JOURNALD_UNITS) await copyFile(join('/lib/systemd/system', unit), join(units, unit));
  // What another unit names stays known after its end, with how it ended.
  const services = (await readdir(folder)).filter((name) => name.endsWith('.service'));
  const basic = `Wants=${JOURNALD_UNITS.join(' ')}\nBefore=${services.join(' ')}\n`;
  for (const target of TARGETS) {
    const text = `[Unit]\nDefaultDependencies=no\n${target === 'basic' ? basic : ''}`;
    await writeFile(join(units, `${target}.target`), text);
  }

  const script = join(repository, 'test/testbed/private-systemd.sh');
  const [file = '', ...words] = daemon.enter;
  const own = ['unshare', '--mount', '--propagation', 'private', 'sh', script, units, repository, process.execPath];
  const holder = execa(file, [...words, ...own], { buffer: false, reject: false });
  let printed = '';
  let complained = '';
  holder.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
  });
  await until('systemd is there', async () => {
    if (holder.exitCode !== null) throw new Error(`systemd did not start: ${complained}`);
    return printed.endsWith('\n');
  });
  await rm(units, { recursive: true });
  const [pid = ''] = printed.split('\n');

  const run: PrivateSystemd['run'] = async (...command) => {
    const { exitCode, stdout, stderr } = await execa('nsenter', ['--target', pid, '--all', '--', ...command], {
      reject: false,
      stdin: 'ignore',
      env: { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      extendEnv: false,
      timeout: TIMEOUT_MS,
    });
    return { exitCode, stdout: `${stdout}${stderr}` };
  };
  const systemd: PrivateSystemd = {
    root: `/proc/${pid}/root`,
    units: UNITS,
    async define(unit, text) {
      await writeFile(join(systemd.root, UNITS, unit), text);
      await run('systemctl', 'daemon-reload');
    },
    run,
    async show(unit, ...properties) {
      const { stdout } = await run('systemctl', 'show', unit, ...properties.map((name) => `--property=${name}`));
      return Object.fromEntries(stdout.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
    },
    async journal(unit) {
      await run('journalctl', '--sync');
      const query = ['--quiet', '--output=json', `_SYSTEMD_UNIT=${unit}`];
      const { stdout } = await run('journalctl', '--directory=/run/log/journal', ...query);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { PRIORITY: string; MESSAGE: string })
        .map(({ PRIORITY, MESSAGE }) => ({ priority: Number(PRIORITY), text: MESSAGE }));
    },
    async dispose() {
      holder.stdin.end();
      await holder;
    },
  };
  const isUp = async (): Promise<boolean> =>
    ['running', 'degraded'].includes((await run('systemctl', 'is-system-running')).stdout.trim());
  await until('systemd is up', isUp);
  return systemd;
}
