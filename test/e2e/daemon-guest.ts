import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pLimit from 'p-limit';
import type { ProgramOptions } from '../program.ts';
import { waitForBoot } from '../testbed/guest-boot.ts';
import { buildGuestImage, type GuestRecipe } from '../testbed/guest-image.ts';
import { type GuestXmlOptions, guestXml } from '../testbed/guest-xml.ts';
import { createPrivateDaemon, type PrivateDaemon } from '../testbed/private-daemon.ts';
import { QUICKLY, until } from '../until.ts';
import { rootDisk } from './booted-guest.ts';

const BOOT_TIMEOUT_MS = 240_000;

/** A run may take as long as its test: guests that are restarted one after the other take their time. */
const RUN_TIMEOUT_MS = 900_000;

/** A libvirtd of one's own with guests that boot, and a state directory. */
export interface DaemonHost {
  readonly daemon: PrivateDaemon;
  readonly folder: string;
  /** For runs in the daemon's namespaces. */
  readonly program: ProgramOptions;
  /** Build an image that guests are then made of. */
  image(name: string, recipe: Partial<GuestRecipe>): Promise<string>;
  /** Define a guest on a copy of an image, its disk on IDE. It is off. */
  guest(name: string, image: string, xml?: Partial<GuestXmlOptions>): Promise<DaemonGuest>;
  journal(): Promise<readonly JournalLine[]>;
  /** Resolve once the journal has a step of a guest. */
  untilStep(guest: string, step: string): Promise<void>;
  dispose(): Promise<void>;
}

export interface DaemonGuest {
  readonly name: string;
  readonly serialLog: string;
  /** The persistent definition as it was at first, passwords included. */
  readonly before: string;
  definition(): Promise<string>;
  state(): Promise<string>;
  /** `<target> <bus>` of the disks in the persistent definition, and in the running instance. */
  disks(): Promise<{ readonly defined: string[]; readonly live: string[] }>;
  start(): Promise<void>;
  /** Wait until it has booted: on which disk its root lies, as it says itself; undefined where it found none. */
  booted(): Promise<string | undefined>;
  /** The same, for a boot after the last one that was waited for, within the same QEMU. */
  bootedAgain(): Promise<{ readonly root: string | undefined; readonly at: number }>;
  /** The process id of its QEMU; undefined while there is none. */
  qemu(): Promise<number | undefined>;
}

interface JournalLine {
  readonly guest: { readonly name: string };
  readonly change: string;
  readonly step: string;
  readonly side?: string;
}

export async function createDaemonHost({ qemuUser }: { qemuUser?: 'libvirt-qemu' } = {}): Promise<DaemonHost> {
  const daemon = await createPrivateDaemon(qemuUser === undefined ? {} : { qemuUser });
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-daemon-'));
  const { uri, enter } = daemon;
  const program: ProgramOptions = { uri, stateDir: join(folder, 'state'), enter, timeoutMs: RUN_TIMEOUT_MS };
  const namespace = `/proc/${enter[enter.indexOf('--target') + 1]}/root`;
  const host: DaemonHost = {
    daemon,
    folder,
    program,
    async image(name, recipe) {
      const path = join(folder, `${name}.raw`);
      // A busy machine may need far longer than the usual 10 s to find a disk, and a test that fails for that says nothing.
      const kernelArgs = 'rootdelay=120';
      await buildGuestImage({ path, format: 'raw', virtioBlk: true, agent: true, kernelArgs, ...recipe });
      return path;
    },
    guest: (name, image, xml = {}) => defineGuest(host, namespace, { name, image, xml }),
    async journal() {
      const [state = ''] = await readdir(program.stateDir).catch(() => []);
      const text = await readFile(join(program.stateDir, state, 'journal.ndjson'), 'utf8').catch(() => '');
      const lines = text.split('\n').slice(0, -1); // what follows the last line feed is still being written
      return lines.map((line) => JSON.parse(line) as JournalLine);
    },
    async untilStep(guest, step) {
      const isReached = async (): Promise<boolean> =>
        (await host.journal()).some((line) => line.guest.name === guest && line.step === step);
      await until(`the step '${step}' of ${guest}`, isReached, QUICKLY);
    },
    async dispose() {
      await daemon.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return host;
}

/** The options that convert a guest whether or not its driver is proven. */
export const VOUCHED = ['--assume-driver', '--reason', 'a test that restarts'];

/** Start all guests, as many at a time as there are cores to emulate theirs, and wait until they have booted. */
export async function bootAll(guests: readonly DaemonGuest[]): Promise<void> {
  const atATime = pLimit(availableParallelism());
  const boot = async (guest: DaemonGuest): Promise<void> => {
    await guest.start();
    const root = await guest.booted();
    if (root !== 'sda') throw new Error(`${guest.name} did not boot from sda: ${root}`);
  };
  await Promise.all(guests.map((guest) => atATime(boot, guest)));
}

interface GuestSpec {
  readonly name: string;
  readonly image: string;
  readonly xml: Partial<GuestXmlOptions>;
}

async function defineGuest(
  { daemon, folder }: DaemonHost,
  namespace: string,
  { name, image, xml }: GuestSpec,
): Promise<DaemonGuest> {
  const [path, file, serialLog] = ['raw', 'xml', 'log'].map((end) => join(folder, `guest-${name}.${end}`)) as [
    string,
    string,
    string,
  ];
  await execa('cp', ['--sparse=always', image, path]);
  const disks = [{ path, format: 'raw', bus: 'ide', target: 'hda' } as const];
  const text = guestXml({ name, machine: 'pc', memoryMiB: 128, agent: true, serialLog, disks, ...xml });
  await writeFile(file, text);
  await daemon.virsh('define', file);
  let endOffset = 0;
  const bootedFrom = async (offset: number): Promise<string | undefined> => {
    const outcome = await waitForBoot(serialLog, BOOT_TIMEOUT_MS, offset);
    endOffset = outcome.endOffset;
    return outcome.booted ? rootDisk(outcome.disks) : undefined;
  };
  const definition = async (): Promise<string> => daemon.virsh('dumpxml', '--inactive', '--security-info', name);
  return {
    name,
    serialLog,
    before: await definition(),
    definition,
    state: async () => (await daemon.virsh('domstate', name)).trim(),
    disks: async () => ({
      defined: disksOf(await definition()),
      live: disksOf(await daemon.virsh('dumpxml', name)),
    }),
    async start() {
      await daemon.virsh('start', name);
    },
    booted: () => bootedFrom(0),
    async bootedAgain() {
      const root = await bootedFrom(endOffset);
      return { root, at: Date.now() };
    },
    async qemu() {
      const pid = await readFile(`${namespace}/run/libvirt/qemu/${name}.pid`, 'utf8').catch(() => '');
      const isAlive = await readFile(`/proc/${pid.trim()}/comm`, 'utf8').then(
        (comm) => comm.startsWith('qemu'),
        () => false,
      );
      return isAlive ? Number(pid) : undefined;
    },
  };
}

function disksOf(definition: string): string[] {
  return [...definition.matchAll(/<target dev='(\w+)' bus='(\w+)'/g)].map(([, target, bus]) => `${target} ${bus}`);
}
