import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capabilityCache } from './capability-cache.ts';
import { pinVirsh } from './pinned-virsh.ts';
import { killProcessesOf } from './qemu-processes.ts';
import { openVirshSession, quoteForVirsh, type VirshSession } from './virsh-session.ts';

/**
 * A libvirt of one's own: the real QEMU driver, inside each virsh process, with all its state in one folder. Guests outlive
 * the virsh that started them. The driver lets one process in at a time, so everything here waits for its turn; whoever else
 * uses the root (the program under test) must not do so at the same time.
 */
export interface EmbeddedRoot {
  dir: string;
  /** `qemu:///embed?root=<dir>` */
  uri: string;
  /** What virsh runs with here. The program under test should have it, too: its PATH leads to a virsh without detours. */
  env: Record<string, string>;
  /** Run `virsh --quiet` and return what it printed; within the session, while one is open. Throws with virsh's message. */
  virsh(args: string[], options?: { timeoutMs?: number }): Promise<string>;
  /** Open the session that the guest agent needs. One at a time; close it before another program uses the root. */
  session(): Promise<VirshSession>;
  define(xml: string): Promise<void>;
  start(name: string): Promise<void>;
  /** Switch off every running guest of this root. */
  destroyAll(): Promise<void>;
  /** Kill the guests, make sure that no QEMU of this root is left, and remove the folder. */
  dispose(): Promise<void>;
}

/** Make an empty root. The first one on a machine takes 4 s longer, as libvirt then gets to know QEMU. */
export async function createEmbeddedRoot(): Promise<EmbeddedRoot> {
  const dir = await makeRootFolder();
  await cp(await capabilityCache('virsh', learnCapabilities), join(dir, 'cache'), { recursive: true });
  return openEmbeddedRoot(dir);
}

async function makeRootFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'virtioize-root-'));
  await chmod(dir, 0o755);
  await mkdir(join(dir, 'etc'));
  await writeFile(join(dir, 'etc/qemu.conf'), qemuConfiguration());
  await pinVirsh(dir);
  return dir;
}

function qemuConfiguration(): string {
  // As a user who may not use /dev/kvm, libvirt finds its capability cache outdated at every start: 3.5 s for each virsh.
  const sameUser = ['user = "root"', 'group = "root"'];
  const isRoot = process.getuid?.() === 0;
  return ['stdio_handler = "file"', 'security_driver = "none"', ...(isRoot ? sameUser : []), ''].join('\n');
}

/** Let a root of its own find out what QEMU can do, and return where that was written. */
async function learnCapabilities(cacheFolder: string): Promise<void> {
  const root = openEmbeddedRoot(await makeRootFolder());
  try {
    await root.virsh(['domcapabilities', '--virttype', 'qemu']);
    await cp(join(root.dir, 'cache'), cacheFolder, { recursive: true });
  } finally {
    await root.dispose();
  }
}

/**
 * Open a session that has taken up again the guests that were running. The driver does so in the background: a virsh that
 * ends meanwhile crashes now and then (SIGSEGV, 2 to 10 in 100), and a `destroy` succeeds but reports a failure.
 */
async function openSettledSession(dir: string, uri: string, env: Record<string, string>): Promise<VirshSession> {
  const session = openVirshSession(uri, env);
  for (const name of await runningGuests(dir)) {
    await session.run(`dommemstat ${quoteForVirsh(name)}`).catch(() => {}); // waits for whatever goes on with the guest
  }
  return session;
}

async function runningGuests(dir: string): Promise<string[]> {
  const files = await readdir(join(dir, 'run/qemu')).catch(() => []); // absent before the first virsh
  return files.filter((file) => file.endsWith('.pid') && file !== 'driver.pid').map((file) => file.slice(0, -4));
}

function openEmbeddedRoot(dir: string): EmbeddedRoot {
  const uri = `qemu:///embed?root=${dir}`;
  const env = { LC_ALL: 'C', XDG_CACHE_HOME: join(dir, 'xdg-cache'), PATH: `${join(dir, 'bin')}:${process.env.PATH}` };
  let turn: Promise<unknown> = Promise.resolve();
  let openSession: VirshSession | undefined;

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  }

  async function virsh(args: string[], { timeoutMs = 180_000 } = {}): Promise<string> {
    const command = args.map(quoteForVirsh).join(' ');
    return inTurn(async () => {
      if (openSession) return openSession.run(command, timeoutMs);
      const ownSession = await openSettledSession(dir, uri, env);
      try {
        return await ownSession.run(command, timeoutMs);
      } finally {
        await ownSession.close();
      }
    });
  }

  async function session(): Promise<VirshSession> {
    return inTurn(async () => {
      if (openSession) throw new Error('this root has a session already');
      const opened = await openSettledSession(dir, uri, env);
      openSession = opened;
      return {
        run: (line, timeoutMs) => opened.run(line, timeoutMs),
        async close() {
          await opened.close();
          openSession = undefined;
        },
      };
    });
  }

  async function define(xml: string): Promise<void> {
    const file = join(dir, `${randomUUID()}.xml`);
    await writeFile(file, xml);
    try {
      await virsh(['define', file]);
    } finally {
      await rm(file);
    }
  }

  async function destroyAll(): Promise<void> {
    const names = (await virsh(['list', '--name'])).split('\n').filter((name) => name !== '');
    for (const name of names) await virsh(['destroy', name]);
  }

  async function dispose(): Promise<void> {
    // Killed rather than destroyed: libvirt takes 2 s a guest, and its view of them goes with the folder.
    await killProcessesOf(dir);
    await openSession?.close();
    openSession = undefined;
    await rm(dir, { recursive: true, force: true });
  }

  const start = async (name: string) => void (await virsh(['start', name]));
  return { dir, uri, env, virsh, session, define, start, destroyAll, dispose };
}
