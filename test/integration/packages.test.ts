import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa, type Options } from 'execa';
import { domainXml } from '../definitions/domain-xml.ts';
import { type Ended, ownVersion } from '../program.ts';
import { repository } from '../repository.ts';
import { type BuiltPackages, buildPackages } from '../testbed/built-packages.ts';
import { copyDebianRoot, type DebianCopy, debianRoot, debianRootWith } from '../testbed/debian-root.ts';

let packages: BuiltPackages;
let newer: BuiltPackages;
let folder: string;
let version: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-packages-test-'));
  await chmod(folder, 0o755);
  version = await ownVersion();
  packages = await buildPackages(1);
  newer = await buildPackages(2);
});

afterAll(async () => {
  for (const one of [folder, packages.folder, newer.folder]) await rm(one, { recursive: true, force: true });
});

const QUIET = { reject: false, stdin: 'ignore', timeout: 300_000 } as const satisfies Options;

async function run(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const { exitCode, stdout, stderr } = await execa(packages.executable, words, { ...QUIET, env });
  return { status: exitCode, stdout, stderr };
}

describe('the executable', () => {
  it('is the same, to the byte, where it is built again', async () => {
    const [one, other] = await Promise.all([packages, newer].map(({ executable }) => readFile(executable)));
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
  });

  it('tells its version, and takes the word for its own, not for one of Node', async () => {
    expect(await run(['--version'])).toEqual({ status: 0, stdout: version, stderr: '' });
    expect((await run(['--eval', 'process.exit(3)'])).status).toBe(64);
  });

  it('is not reached by NODE_OPTIONS, which Node itself follows', async () => {
    const trap = join(folder, 'trap.cjs');
    const sprung = join(folder, 'sprung');
    await writeFile(trap, `require('node:fs').writeFileSync(${JSON.stringify(sprung)}, process.execPath);\n`);
    const env = { NODE_OPTIONS: `--require=${trap}` };
    expect(await run(['--version'], env)).toEqual({ status: 0, stdout: version, stderr: '' });
    await expect(readFile(sprung)).rejects.toThrow('ENOENT');
    expect(await run(['--version'], { NODE_OPTIONS: '--no-such-option' })).toMatchObject({ status: 0, stderr: '' });
    // What is left of its name, and the empty one that Node looks for now.
    for (const name of ['ODE_OPTIONS', ''])
      expect(await run(['--version'], { [name]: '--no-such-option' })).toMatchObject({ status: 0, stdout: version });
    await execa(process.execPath, ['--eval', ''], { env });
    expect(await readFile(sprung, 'utf8')).toBe(process.execPath);
  });

  it.each([
    ['status'],
    ['check'],
    ['check --format html'],
    ['check --format nagios'],
    ['check --format prometheus'],
    ['preflight test'],
    ['convert --dry-run test'],
    ['convert --yes test'],
    ['rollback --dry-run test'],
    ['rehearse test'],
    ['prime --yes test'],
    ['recover'],
    ['history'],
    ['config validate deploy/config.yaml'],
  ])('does the same as the program that Node runs: %s', async (line) => {
    const options = { ...QUIET, cwd: repository };
    const both = [[packages.executable], [process.execPath, 'bin/virtioize.js']].map(async ([file = '', ...before]) => {
      const place = ['-c', 'test:///default', '--state-dir', join(folder, basename(file)), '--no-config'];
      const words = [...before, ...place, ...line.split(' ')];
      const { exitCode, stdout, stderr } = await execa(file, words, options);
      return { exitCode, stdout: withoutTimes(stdout), stderr: withoutTimes(stderr) };
    });
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
    expect(one?.stderr).not.toContain('bug');
  });
});

function withoutTimes(text: string): string {
  return text.replace(
    /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?|\b\d{10}(?:\.\d+)?\b|\d+(?:\.\d+)? (?:m?s|min)\b/g,
    'TIME',
  );
}

describe('the Debian package', () => {
  it('is without a finding of lintian', async () => {
    const words = ['--allow-root', '--fail-on', 'error,warning', packages.deb];
    const { stdout } = await execa('lintian', words, { reject: false, timeout: 600_000, env: { TMPDIR: folder } });
    expect(stdout).toBe('');
  });

  it('brings virsh along where it is not there yet', async () => {
    const bare = await copyDebianRoot(await debianRoot());
    try {
      await copyFile(packages.deb, join(bare.shared, 'virtioize.deb'));
      const { stdout, stderr } = await bare.run(['apt-get', 'install', '--simulate', '/mnt/virtioize.deb']);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^Inst libvirt-clients .*\n(?:.*\n)*Inst virtioize /m);
    } finally {
      await bare.dispose();
    }
  });
});

describe('a Debian 12 without Node', () => {
  const CONNECTION = ['-c', 'qemu:///embed?root=/srv/libvirt'];
  let debian: DebianCopy;
  let before: string[];

  beforeAll(async () => {
    const wanted = ['libvirt-clients', 'libvirt-daemon-driver-qemu', 'qemu-system-x86', 'qemu-utils'];
    debian = await copyDebianRoot(await debianRootWith('hypervisor-1', wanted));
    for (const { deb } of [packages, newer]) await copyFile(deb, join(debian.shared, basename(deb)));
    const disks = [{ target: 'hda', bus: 'ide', source: '/srv/web1.qcow2' }];
    await writeFile(join(debian.shared, 'web1.xml'), domainXml({ name: 'web1', disks }));
    // What tells a host from others, where its firmware tells nothing.
    await succeed('sh', '-c', 'echo 6f1ed5c83d024a6b8f5c0000000000ff >/etc/machine-id');
    await succeed('useradd', '--system', '--user-group', 'libvirt-qemu');
    const settings = 'user = "root"\\ngroup = "root"\\nstdio_handler = "file"\\nsecurity_driver = "none"\\n';
    await succeed('sh', '-c', `mkdir -p /srv/libvirt/etc && printf '${settings}' >/srv/libvirt/etc/qemu.conf`);
    await succeed('qemu-img', 'create', '-q', '-f', 'qcow2', '/srv/web1.qcow2', '16M');
    await succeed('virsh', '-q', ...CONNECTION, 'define', '/mnt/web1.xml');
    before = await files();
  });

  afterAll(async () => debian.dispose());

  async function succeed(...words: string[]): Promise<string> {
    const { status, stdout, stderr } = await debian.run(words);
    if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  async function virtioize(...words: string[]): Promise<Ended> {
    return debian.run(['virtioize', ...CONNECTION, ...words]);
  }

  /** All files, but for what packages' own programs and libvirt write as they work. */
  async function files(): Promise<string[]> {
    const found = await succeed('find', '/', '-xdev', '-not', '-path', '/srv/*', '-not', '-path', '/var/log/*');
    return found
      .split('\n')
      .filter((path) => !/^\/(?:var\/(?:cache|lib)\/(?:apt|dpkg|man|systemd)|proc|sys|run|tmp)\b/.test(path))
      .sort();
  }

  async function added(): Promise<string[]> {
    const known = new Set(before);
    return (await files()).filter((path) => !known.has(path));
  }

  it('has no Node', async () => {
    expect(await debian.run(['sh', '-c', 'command -v node nodejs npm'])).toMatchObject({ stdout: '' });
  });

  it('takes the package, and enables nothing', async () => {
    await succeed('apt-get', 'install', '--yes', '--no-install-recommends', `/mnt/${basename(packages.deb)}`);
    const paths = await added();
    expect(paths).toEqual(expect.arrayContaining(INSTALLED));
    expect(paths.filter((path) => path.startsWith('/etc') || path.startsWith('/var'))).toEqual([]);
    expect(await succeed('virtioize', '--version')).toBe(version);
  });

  it('converts a guest, and puts it back', async () => {
    expect(await virtioize('status')).toMatchObject({ status: 0, stdout: expect.stringMatching(/web1 .* ide /) });
    const vouched = ['--assume-driver', '--reason', 'a test of the package'];
    expect(await virtioize('convert', 'web1', '--yes', ...vouched)).toMatchObject({ status: 0 });
    expect(await succeed('virsh', '-q', ...CONNECTION, 'domblklist', 'web1')).toMatch(
      /^\s*vda\s+\/srv\/web1\.qcow2\s*$/,
    );
    expect(await virtioize('rollback', 'web1', '--yes')).toMatchObject({ status: 0 });
    expect(await succeed('virsh', '-q', ...CONNECTION, 'domblklist', 'web1')).toMatch(
      /^\s*hda\s+\/srv\/web1\.qcow2\s*$/,
    );
  });

  it('takes a newer one, and what an admin enabled and has stays', async () => {
    const wanted = '/etc/systemd/system/timers.target.wants/virtioize-check.timer';
    await succeed('ln', '-s', '/lib/systemd/system/virtioize-check.timer', wanted);
    await succeed('apt-get', 'install', '--yes', '--no-install-recommends', `/mnt/${basename(newer.deb)}`);
    expect(await succeed('dpkg-query', '-W', 'virtioize')).toBe(`virtioize\t${version}-2`);
    expect(await virtioize('history', 'web1')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('convert'),
    });
    expect(await succeed('readlink', '-e', wanted)).toContain('/virtioize-check.timer');
  });

  it('is left with its state alone once the package is removed, and with nothing once it is purged', async () => {
    await succeed('mkdir', '/var/cache/virtioize');
    await succeed('apt-get', 'remove', '--yes', 'virtioize');
    const left = await added();
    expect(left).toContain('/var/lib/virtioize');
    expect(left.filter((path) => !path.startsWith('/var/lib/virtioize'))).toEqual([]);
    expect(left.filter((path) => path.endsWith('before.xml'))).toHaveLength(2);
    await succeed('apt-get', 'purge', '--yes', 'virtioize');
    expect(await files()).toEqual(before);
    expect(await succeed('sh', '-c', 'ls -A /var/lib/dpkg/info | grep -c virtioize || true')).toBe('0');
  });
});

const INSTALLED = [
  '/usr/lib/systemd/system/virtioize-check.service',
  '/usr/lib/systemd/system/virtioize-check.timer',
  '/usr/lib/systemd/system/virtioize-convert.service',
  '/usr/lib/systemd/system/virtioize-convert.timer',
  '/usr/bin/virtioize',
  '/usr/share/bash-completion/completions/virtioize',
  '/usr/share/man/man1/virtioize.1.gz',
  '/usr/share/zsh/vendor-completions/_virtioize',
];

describe('the package for Red Hat and its like', () => {
  it('has whole files, and asks for what it runs and for a glibc that RHEL 8 has', async () => {
    expect((await execa('rpm', ['-K', packages.rpm])).stdout).toMatch(/: digests OK$/);
    const { stdout } = await execa('rpm', ['-qp', '--requires', packages.rpm]);
    const needs = stdout.split('\n');
    expect(needs).toEqual(expect.arrayContaining(['/usr/bin/virsh', '/usr/bin/flock', '/usr/bin/prlimit']));
    const glibc = [...stdout.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
    expect(Math.max(...glibc)).toBeLessThanOrEqual(28);
  });

  it('installs what the other one does, nothing that is enabled, and is removed without a trace', async () => {
    const root = join(folder, 'red-hat');
    await execa('rpm', ['--root', root, '-i', '--nodeps', '--noscripts', packages.rpm]);
    expect((await execa('rpm', ['--root', root, '-V', '--nodeps', 'virtioize'])).stdout).toBe('');
    const { stdout } = await execa(join(root, 'usr/bin/virtioize'), ['--version']);
    expect(stdout).toBe(version);
    const listed = (await execa('rpm', ['-qpl', packages.rpm])).stdout.split('\n');
    const asThere = INSTALLED.map((path) => path.replace('vendor-completions', 'site-functions'));
    expect(listed).toEqual(expect.arrayContaining([...asThere, '/usr/share/licenses/virtioize/LICENSE.node']));
    expect(listed.filter((path) => path.startsWith('/etc'))).toEqual([]);
    await execa('rpm', ['--root', root, '-e', '--nodeps', '--noscripts', 'virtioize']);
    expect((await execa('find', [root, '-name', '*virtioize*'])).stdout).toBe('');
  });
});

describe('the npm package', () => {
  it('installs with nothing beside it, and runs', async () => {
    // Without its scripts: what they build is there, and in use by tests that run meanwhile.
    const packed = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
    const { stdout: name } = await execa('npm', packed, { cwd: repository });
    const prefix = join(folder, 'npm');
    await execa('npm', ['install', '--global', '--offline', '--silent', '--prefix', prefix, join(folder, name.trim())]);
    const program = join(prefix, 'bin/virtioize');
    expect((await execa(program, ['--version'])).stdout).toBe(version);
    const words = ['status', '-c', 'test:///default', '--state-dir', join(folder, 'state'), '--no-config'];
    expect((await execa(program, words)).stdout).toMatch(/^test +running +vda/m);
  });
});
