import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DocumentJson, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import type { TestGuest } from './booted-guest.ts';
import { bootAll, historyOf, liveTargets, restartGuest, rootsSeen, SETUP_TIMEOUT_MS } from './restart-cases.ts';

let host: TestHost;
let scratch: string;
let able: TestGuest;
let lacking: TestGuest;
let before: string;
let document: DocumentJson;
let status: number | undefined;

beforeAll(async () => {
  host = await createTestHost();
  scratch = join(host.folder, 'scratch');
  await mkdir(scratch);
  able = await restartGuest(host, { name: 'able', agent: false, recipe: { writer: true } });
  const recipe = { virtioBlk: false, kernelArgs: 'rootdelay=40', writer: true };
  lacking = await restartGuest(host, { name: 'lacking', agent: false, recipe });
  await bootAll([able, lacking]);
  before = await host.definition('lacking');
  const words = [
    'convert',
    'able',
    'lacking',
    '--yes',
    '--restart',
    'graceful',
    '--restart-jobs',
    '2',
    '--rehearse',
    '--boot-timeout',
    '150s',
  ];
  const run = await virtioizeJson([...words, '--scratch-dir', scratch], {
    ...host.program,
    timeoutMs: 2 * SETUP_TIMEOUT_MS,
  });
  ({ document, status } = run);
}, 3 * SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

describe('guests that run, and of which nothing is known but by a rehearsal while they are off for their restart', () => {
  it('are converted where their clone comes up, and come up themselves', async () => {
    expect(document.guests[0]).toMatchObject({
      name: 'able',
      outcome: 'converted',
      restart: 'verified',
      refusals: [],
      evidence: expect.arrayContaining([expect.objectContaining({ source: 'rehearsal', verdict: 'proven' })]),
    });
    expect(await rootsSeen(able)).toEqual(['sd', 'vd']);
  });

  it('are started again unchanged where it does not', async () => {
    expect(document.guests[1]).toMatchObject({
      name: 'lacking',
      outcome: 'refused',
      refusals: [{ code: 'driver-missing', hint: expect.stringContaining('screenshot.png') }],
    });
    expect(document.guests[1]).not.toHaveProperty('error');
    expect(await host.definition('lacking')).toBe(before);
    expect(await rootsSeen(lacking)).toEqual(['sd', 'sd']);
    expect(await liveTargets(host, 'lacking')).toEqual(['hda']);
    expect(await historyOf(host, 'lacking')).toEqual(['convert undone']);
    expect(status).toBe(2);
  });

  it('leave nothing of their clones', async () => {
    expect(await readdir(scratch)).toEqual([]);
    expect((await host.root.virsh(['list', '--name'])).split('\n').filter(Boolean).sort()).toEqual(['able', 'lacking']);
  });
});
