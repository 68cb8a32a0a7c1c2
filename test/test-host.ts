import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramOptions } from './program.ts';
import { createEmbeddedRoot, type EmbeddedRoot } from './testbed/embedded-root.ts';

/** A private libvirt with a state directory of its own: what a test converts guests on. */
export interface TestHost {
  readonly root: EmbeddedRoot;
  /** For images; removed with the host. */
  readonly folder: string;
  readonly program: ProgramOptions;
  /** The persistent definition, passwords included, as libvirt prints it. */
  definition(name: string): Promise<string>;
  /** The folder of this host's state; undefined before the first changing run. */
  hostState(): Promise<string | undefined>;
  dispose(): Promise<void>;
}

export async function createTestHost(): Promise<TestHost> {
  const root = await createEmbeddedRoot();
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-test-'));
  const stateDir = join(folder, 'state');
  return {
    root,
    folder,
    program: { uri: root.uri, stateDir, env: root.env },
    definition: async (name) =>
      `${(await root.virsh(['dumpxml', '--inactive', '--security-info', '--domain', name])).trimEnd()}\n`,
    async hostState() {
      const [host] = await readdir(stateDir).catch(() => []);
      return host === undefined ? undefined : join(stateDir, host);
    },
    async dispose() {
      await root.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One entry of a host's journal. */
export interface JournalLine {
  readonly step: string;
  readonly change: string;
  readonly action?: string;
  readonly side?: string;
}

/** The entries of a host's journal. */
export async function readJournalLines(hostState: string): Promise<JournalLine[]> {
  const text = await readFile(join(hostState, 'journal.ndjson'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalLine);
}
