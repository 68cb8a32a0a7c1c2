import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandContext } from '../../../src/cli/command.ts';
import { pruneAsAsked } from '../../../src/cli/prune-as-asked.ts';
import type { ChangeContext } from '../../../src/conversion/run-context.ts';
import { NO_POLICY, type Retention } from '../../../src/policy/policy.ts';
import { changeFiles } from '../../../src/store/change-files.ts';
import { type HostPlaces, hostPlaces } from '../../../src/store/state-dir.ts';
import { record } from '../conversion/change-record.ts';
import { writeBackups } from '../conversion/prune/backup-folders.ts';

let folder: string;
let places: HostPlaces;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-prune-'));
  places = hostPlaces(folder, 'host');
  const old = { startedAt: '2001-01-01T00:00:00Z', state: 'undone' } as const;
  await writeBackups(places.backups, 'guest', [record('a', old), record('b', old)]);
});

afterEach(async () => rm(folder, { recursive: true }));

/** @returns what was told on stderr. */
async function prune(retention: Retention | undefined): Promise<string> {
  const stderr = new PassThrough({ encoding: 'utf8' });
  const context = { policy: { ...NO_POLICY, retention }, io: { stderr, env: {} } } as unknown as CommandContext;
  const host = { places, interrupted: new AbortController().signal } as ChangeContext;
  await pruneAsAsked(context, host);
  return String(stderr.read() ?? '');
}

async function left(): Promise<string[]> {
  return (await readdir(join(places.backups, 'guest'))).sort();
}

describe('old backups', () => {
  it('stay where the policy says nothing of them', async () => {
    expect(await prune(undefined)).toBe('');
    expect(await left()).toEqual(['a', 'b']);
  });

  it('go where it says how long they are kept, and that is not worth a word', async () => {
    expect(await prune({ days: 90, keep: 1 })).toBe('');
    expect(await left()).toEqual(['b']);
  });

  it('that can not be removed are a warning, and no failure of the run', async () => {
    await writeFile(changeFiles(places.backups, 'guest', 'a').record, '{');
    expect(await prune({ days: 90, keep: 1 })).toMatch(
      /^virtioize: some old backups could not be removed: .*damaged.*\n$/,
    );
    expect(await left()).toEqual(['a', 'b']);
  });
});
