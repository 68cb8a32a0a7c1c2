import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { judgedParts } from '../../../src/conversion/judged-parts.ts';
import { keptJudgements } from '../../../src/conversion/kept-judgements.ts';
import type { HostContext } from '../../../src/conversion/run-context.ts';
import type { Judgement } from '../../../src/preflight/judgement.ts';
import { hostPlaces } from '../../../src/store/state-dir.ts';

const DEFINITION = `<domain type='kvm'><name>a</name><memory>1</memory><os><type machine='pc'>hvm</type></os><devices><disk type='file'><source file='/a'/><target dev='hda' bus='ide'/></disk></devices></domain>`;
const JUDGED: Judgement = {
  verdict: 'refuted',
  summary: 'No driver.',
  facts: { kernel: '6.1' },
  lack: { code: 'driver-missing', message: 'No driver.', hint: 'dracut' },
  refusals: [{ code: 'device-names', message: '/dev/sda1', hint: 'UUID' }],
  warnings: [{ code: 'bitlocker', message: 'key' }],
  stale: 'a log',
  isFinal: true,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-test-'));
});
afterEach(async () => rm(folder, { recursive: true }));

describe('what was found on disks', () => {
  it('is kept to the letter for as long as the disks are the same', async () => {
    await kept().keep('disks', JUDGED);
    expect(await kept().read('disks')).toEqual(JUDGED);
    expect(await kept().read('other disks')).toBeUndefined();
  });

  it('counts no longer once the machine or virtioize is another', async () => {
    await kept().keep('disks', JUDGED);
    expect(await kept({ definition: DEFINITION.replace('<memory>1', '<memory>2') }).read('disks')).toEqual(JUDGED);
    expect(
      await kept({ definition: DEFINITION.replace("machine='pc'", "machine='q35'") }).read('disks'),
    ).toBeUndefined();
    const sleepless = DEFINITION.replace('<devices>', "<pm><suspend-to-disk enabled='no'/></pm><devices>");
    expect(await kept({ definition: sleepless }).read('disks')).toBeUndefined();
    expect(await kept({ definition: DEFINITION.replace('hda', 'hdb') }).read('disks')).toBeUndefined();
    expect(await kept({ version: '2' }).read('disks')).toBeUndefined();
    expect(await kept({ uuid: 'other' }).read('disks')).toBeUndefined();
  });

  it('is not believed where somebody has damaged the file', async () => {
    await kept().keep('disks', JUDGED);
    const [name = ''] = await readdir(join(folder, 'host/evidence'));
    const file = join(folder, 'host/evidence', name);
    const text = await readFile(file, 'utf8');
    for (const damaged of ['', '{', 'null', text.replace('refuted', 'maybe'), text.replace('"refusals"', '"others"')]) {
      await writeFile(file, damaged);
      expect(await kept().read('disks')).toBeUndefined();
    }
  });

  it('is not written where nothing may be, and not missed where it can not be', async () => {
    await kept({ writes: false }).keep('disks', JUDGED);
    expect(await readdir(folder)).toEqual([]);
    await writeFile(join(folder, 'host'), 'a file where a folder should be');
    await kept().keep('disks', JUDGED);
    expect(await kept().read('disks')).toBeUndefined();
  });
});

function kept({ definition = DEFINITION, version = '1', uuid = 'guest', writes = true } = {}) {
  const context = { places: hostPlaces(folder, 'host'), version } as HostContext;
  return keptJudgements(context, { guest: uuid, kept: 'inspection', parts: () => judgedParts(definition), writes });
}
