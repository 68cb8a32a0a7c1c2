import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ProgramOptions } from '../program.ts';
import { repository } from '../repository.ts';
import { guestXml } from '../testbed/guest-xml.ts';
import { createPrivateDaemon } from '../testbed/private-daemon.ts';

const PROGRAM = join(repository, 'test/bench/libvirt-program.py');
const TIMEOUT_MS = 1_800_000;

/**
 * A private libvirtd with guests that are off, each with two disks on IDE. Its definitions are on the same disk as what
 * virtioize keeps: both flush what they write.
 */
export interface Fleet {
  readonly folder: string;
  readonly names: readonly string[];
  readonly program: ProgramOptions;
  /** Run a command where the daemon is. */
  run(...words: string[]): Promise<string>;
  /** The program on libvirt's own API. */
  runOnApi(...words: string[]): Promise<void>;
  /** Give all guests the definition that they had at first, and forget what virtioize has kept. */
  reset(): Promise<void>;
  /** Throws unless these guests, or all, have both disks on virtio in their definition. */
  expectConverted(names?: readonly string[]): Promise<void>;
  dispose(): Promise<void>;
}

export async function createFleet(count: number): Promise<Fleet> {
  await mkdir(join(repository, '.cache'), { recursive: true });
  const folder = await mkdtemp(join(repository, '.cache/bench-'));
  const kept = join(folder, 'libvirt');
  await mkdir(kept);
  const daemon = await createPrivateDaemon({ definitions: kept });
  const definitions = join(folder, 'definitions');
  const names = Array.from({ length: count }, (_, number) => `guest${String(number + 1).padStart(5, '0')}`);
  await mkdir(definitions);
  for (const [number, name] of names.entries())
    await writeFile(join(definitions, `${name}.xml`), twoDisks(name, number));
  const { uri, enter } = daemon;
  const fleet: Fleet = {
    folder,
    names,
    program: { uri, enter, stateDir: join(folder, 'state'), timeoutMs: TIMEOUT_MS },
    async run(...words) {
      const [file = '', ...rest] = [...enter, ...words];
      return (await execa(file, rest, { stdin: 'ignore', timeout: TIMEOUT_MS, env: { LC_ALL: 'C' } })).stdout;
    },
    async runOnApi(...words) {
      await fleet.run('/usr/bin/python3', PROGRAM, uri, ...words);
    },
    async reset() {
      await rm(join(folder, 'state'), { recursive: true, force: true });
      await fleet.runOnApi('define', definitions);
    },
    async expectConverted(some = names) {
      for (const name of some) {
        const file = `/proc/${enter[enter.indexOf('--target') + 1]}/root/etc/libvirt/qemu/${name}.xml`;
        const disks = [...(await readFile(file, 'utf8')).matchAll(/<target dev='(\w+)' bus='(\w+)'/g)];
        const found = disks.map(([, target, bus]) => `${target} ${bus}`).join(', ');
        if (found !== 'vda virtio, vdb virtio') throw new Error(`${name} was not converted: ${found}`);
      }
    },
    async dispose() {
      await daemon.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await fleet.reset();
    return fleet;
  } catch (error) {
    await fleet.dispose();
    throw error;
  }
}

function twoDisks(name: string, number: number): string {
  const disk = (target: string) =>
    ({ path: `/var/lib/libvirt/images/${name}-${target}.qcow2`, format: 'qcow2', bus: 'ide', target }) as const;
  const uuid = `7e57bed0-0000-4000-9000-${number.toString(16).padStart(12, '0')}`;
  return guestXml({ name, uuid, machine: 'pc', disks: [disk('hda'), disk('hdb')], agent: true, graphics: {} });
}
