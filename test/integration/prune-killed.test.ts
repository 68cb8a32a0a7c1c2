import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { keptNames, lastChain, takenBack } from '../../src/conversion/past-conversions.ts';
import { makeFolderDurably } from '../../src/store/durable-file.ts';
import { readGuestRecords } from '../../src/store/past-records.ts';
import { type HostPlaces, hostPlaces } from '../../src/store/state-dir.ts';
import { repository } from '../repository.ts';
import { move, record } from '../unit/conversion/change-record.ts';
import { writeBackups } from '../unit/conversion/prune/backup-folders.ts';

const KILL_AT = fileURLToPath(new URL('../faults/kill-at.js', import.meta.url));
const PRUNE = `
const { pruneBackups } = await import(process.argv[1]);
const interrupted = new AbortController().signal;
await pruneBackups({ places: JSON.parse(process.argv[2]), interrupted }, { days: 90, keep: 1 });
`;

/** A conversion that was taken back, one that stands and was renamed later, and attempts that came to nothing. */
const HISTORY = [
  record('a'),
  record('b', { action: 'rollback', undoes: ['a'], changes: [move('hda virtio', 'hda ide')] }),
  record('c'),
  record('d', { continues: 'c', changes: [move('hda virtio', 'vda virtio')] }),
  record('e', { state: 'undone' }),
  record('f', { state: 'undone' }),
].map((one) => ({ ...one, startedAt: '2001-01-01T00:00:00Z' }));

let folder: string;
let places: HostPlaces;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-prune-'));
});

afterEach(async () => rm(folder, { recursive: true }));

async function reset(): Promise<void> {
  places = hostPlaces(folder, 'host');
  await rm(places.folder, { recursive: true, force: true });
  await makeFolderDurably(places.folder);
  await writeBackups(places.backups, 'guest', HISTORY);
}

/** The built code, in a process of its own. */
async function prune(env: Record<string, string>): Promise<{ end: number | string | undefined; stderr: string }> {
  const built = join(repository, 'dist/src/conversion/prune/prune-backups.js');
  const words = ['--import', KILL_AT, '--input-type=module', '--eval', PRUNE, built, JSON.stringify(places)];
  const options = { env: { ...env, NODE_OPTIONS: '' }, reject: false, timeout: 60_000 } as const;
  const { exitCode, signal, stderr } = await execa(process.execPath, words, options);
  return { end: exitCode ?? signal, stderr };
}

async function answers(): Promise<unknown> {
  const records = await readGuestRecords(places.backups, 'guest');
  return { undone: takenBack(records).has('c'), chain: lastChain(records)?.records, names: keptNames(records) };
}

describe('pruning that is killed at any point', () => {
  it('leaves records that say the same, and the next run removes the rest', async () => {
    await reset();
    const expected = await answers();
    const pointsFile = join(folder, 'points.json');
    expect(await prune({ KILL_POINTS_FILE: pointsFile })).toMatchObject({ stderr: '', end: 0 });
    const points = JSON.parse(await readFile(pointsFile, 'utf8')) as string[];
    expect(points).toHaveLength(3 * 4); // a, b and e: renamed and removed, each before and after
    for (const [position, point] of points.entries()) {
      await reset();
      expect(await prune({ KILL_AT: String(position + 1) })).toMatchObject({ end: 'SIGKILL' });
      const records = await readGuestRecords(places.backups, 'guest');
      const isUndone = !records.some(({ id }) => id === 'a') || takenBack(records).has('a');
      expect({ point, isUndone, left: await answers() }).toEqual({ point, isUndone: true, left: expected });
      expect(await prune({})).toMatchObject({ stderr: '', end: 0 });
      expect({ point, left: (await readdir(join(places.backups, 'guest'))).sort() }).toEqual({
        point,
        left: ['c', 'd', 'f'],
      });
      expect(await answers()).toEqual(expected);
    }
  });
});
