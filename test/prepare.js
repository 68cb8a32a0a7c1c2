// Makes a fresh checkout ready for the demo and the tests, and says what it does: Node packages, Debian packages, build.
// Plain JavaScript on Node alone, for it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE_MINIMUM = [20, 19];

/**
 * Install and build what is missing. Ends the process with a clear message where that can't be done.
 * @param list which further list of `packages.ts` is needed
 */
export async function prepare(list) {
  checkNode();
  installNodePackages();
  build();
  await installDebianPackages(list);
}

/** Build the kernel of the test guests, before several tests ask for it at once. */
export async function prepareGuestKernel() {
  const { guestKernel, hasGuestKernel } = await import('../dist/test/testbed/guest-kernel.js');
  if (hasGuestKernel()) return;
  say("building a small kernel for the test guests from Debian's source; this takes some minutes, once");
  await guestKernel();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1])) return;
  fail(`Node.js ${NODE_MINIMUM.join('.')} or newer is needed; this is ${process.versions.node}.`);
}

function installNodePackages() {
  const wanted = readFileSync(`${ROOT}/package-lock.json`, 'utf8');
  const stamp = `${ROOT}/node_modules/.package-lock.json`;
  if (existsSync(stamp) && packagesOf(readFileSync(stamp, 'utf8')) === packagesOf(wanted)) return;
  say('installing the Node packages (npm install)');
  // Not `npm ci`: it refuses a lock file in which optional packages for other platforms are missing.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Names and versions in a lock file, those that only suit other machines left out. */
function packagesOf(lock) {
  return Object.entries(JSON.parse(lock).packages)
    .filter(([path, { optional }]) => path !== '' && optional !== true)
    .map(([path, { version }]) => `${path}@${version}`)
    .sort()
    .join('\n');
}

function build() {
  run('npm', ['run', '--silent', 'build']);
}

async function installDebianPackages(list) {
  const { downloadedPackages, neededPackages, ...lists } = await import('../dist/test/testbed/packages.js');
  const wanted = [...new Set([...neededPackages, ...(lists[list] ?? [])])].sort();
  if (!existsSync('/usr/bin/dpkg-query')) {
    fail(
      'This machine has no dpkg; the demo and the tests install what they need on Debian and Ubuntu alone.\n' +
        `Elsewhere install what belongs to these Debian packages and run the jest projects by hand: ${wanted.join(' ')}`,
    );
  }
  // libguestfs' appliance takes any kernel; one more would become the machine's own.
  const isThere = (name) => isInstalled(name) || (name === downloadedPackages.kernel && hasKernel());
  const missing = wanted.filter((name) => !isThere(name));
  const knowsKernel = isKnownToApt(downloadedPackages.kernel);
  if (missing.length === 0 && knowsKernel) return;
  const isRoot = process.getuid() === 0;
  if (!isRoot && !process.stdin.isTTY && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    fail(
      "Packages are missing, and this user can't install them. Please run:\n" +
        `  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing.join(' ')}`,
    );
  }
  const apt = (...words) => {
    const sudo = isRoot ? [] : ['sudo'];
    const [command, ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...words];
    run(command, rest);
  };
  say(`installing Debian packages: ${missing.join(' ') || 'none, but its lists are out of date'}`);
  apt('update');
  if (missing.length > 0) apt('install', '--yes', '--no-install-recommends', ...missing);
  // A first virsh right after an install was seen to take up to a minute: what was unpacked is flushed before.
  run('sync', []);
  if (!isKnownToApt(downloadedPackages.kernel)) {
    fail(
      `The guests of the demo and the tests are built from Debian's kernel package (${downloadedPackages.kernel}), which apt\n` +
        'does not know on this system. virtioize itself works here; please run the demo and the tests on Debian 12 or newer (amd64).',
    );
  }
}

function isKnownToApt(name) {
  return spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0;
}

/** Whether there is a kernel with its modules, as supermin looks for them. */
function hasKernel() {
  const images = existsSync('/boot') ? readdirSync('/boot').filter((name) => name.startsWith('vmlinuz-')) : [];
  return images.some((name) => existsSync(`/lib/modules/${name.slice('vmlinuz-'.length)}/modules.dep`));
}

function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is dpkg's template
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}\n', name], { encoding: 'utf8' });
  return stdout.split('\n').includes('installed');
}

function run(command, words) {
  const { status, error } = spawnSync(command, words, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) fail(`${command} ${words.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}.`);
}

function say(text) {
  process.stderr.write(`prepare: ${text}\n`);
}

function fail(text) {
  process.stderr.write(`prepare: ${text}\n`);
  process.exit(1);
}
