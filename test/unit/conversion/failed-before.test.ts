import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { failedBefore } from '../../../src/conversion/failed-before.ts';
import type { Evidence } from '../../../src/preflight/evidence.ts';
import { changeFiles } from '../../../src/store/change-files.ts';
import type { ChangeRecord } from '../../../src/store/record.ts';
import { hostPlaces } from '../../../src/store/state-dir.ts';
import { domainXml } from '../../definitions/domain-xml.ts';

const UUID = '6f1ed5c8-3d02-4a6b-8f5c-000000000001';
const OLD = domainXml({ disks: [{ target: 'hda', bus: 'ide' }] });
const NEW = domainXml({ disks: [{ target: 'vda', bus: 'virtio' }] });
const PROVEN: Evidence = { source: 'agent', verdict: 'proven', summary: 'It has it.', facts: { kernel: '6.1' } };

let folder: string;
let places: ReturnType<typeof hostPlaces>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-failed-'));
  places = hostPlaces(folder, 'host');
});

afterEach(async () => rm(folder, { recursive: true }));

async function record(changes: Partial<ChangeRecord> = {}, files: { undo?: string } = {}): Promise<ChangeRecord> {
  const id = changes.id ?? '20300101T000000000Z-a';
  const paths = changeFiles(places.backups, UUID, id);
  await mkdir(paths.folder, { recursive: true });
  await writeFile(paths.before, files.undo === undefined ? OLD : NEW);
  if (files.undo !== undefined) await writeFile(paths.undo, files.undo);
  return {
    id,
    action: 'convert',
    state: 'rolled-back',
    startedAt: '2030-01-01T00:00:00.000Z',
    evidence: [PROVEN],
    ...changes,
  } as ChangeRecord;
}

const codes = async (records: ChangeRecord[], definition = OLD, evidence = [PROVEN]) =>
  (await failedBefore({ places }, { uuid: UUID, definition }, records, evidence)).map(({ code }) => code);

describe('a guest that did not come up with virtio disks', () => {
  it('is not tried again as it is', async () => {
    expect(await codes([await record()])).toEqual(['failed-before']);
  });

  it('nor where it was pending, and its restart was taken back', async () => {
    expect(await codes([await record({ evidence: [] }, { undo: OLD })])).toEqual(['failed-before']);
  });

  it('is tried again once its definition has changed', async () => {
    expect(await codes([await record()], OLD.replace("dev='hda'", "dev='hdb'"))).toEqual([]);
  });

  it('is tried again once more is known of its system', async () => {
    expect(await codes([await record()], OLD, [{ ...PROVEN, facts: { kernel: '6.2' } }])).toEqual([]);
  });

  it('is tried again where it has been converted since', async () => {
    const later = await record({ id: '20300102T000000000Z-b', state: 'done' });
    expect(await codes([await record(), later])).toEqual([]);
  });

  it('is not kept from it by a run that was undone before the guest was restarted', async () => {
    expect(await codes([await record({ state: 'undone' })])).toEqual([]);
  });
});
