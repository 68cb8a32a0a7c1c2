import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GuestJson, readDocument, startVirtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { until } from '../until.ts';
import type { TestGuest } from './booted-guest.ts';
import { runInside } from './inside.ts';
import {
  bootAll,
  historyOf,
  liveTargets,
  restartGuest,
  rootsSeen,
  SETUP_TIMEOUT_MS,
  untilJournalSays,
} from './restart-cases.ts';

/** Neither its agent nor its power button shuts it down. */
const STUBBORN = { acpid: false, agentBlockedRpcs: ['guest-shutdown'] };
const GRACEFUL = ['--restart', 'graceful'];

let host: TestHost;
let stubborn: TestGuest;
let deaf: TestGuest;
let willing: TestGuest;
let next: TestGuest;

beforeAll(async () => {
  host = await createTestHost();
  stubborn = await restartGuest(host, { name: 'stubborn', recipe: STUBBORN });
  deaf = await restartGuest(host, { name: 'deaf', recipe: { acpid: false }, agent: false });
  willing = await restartGuest(host, { name: 'willing' });
  next = await restartGuest(host, { name: 'next' });
  await bootAll([stubborn, deaf, willing, next]);
}, SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

async function expectUntouched(guest: TestGuest, before: string): Promise<void> {
  expect(await host.definition(guest.name)).toBe(before);
  expect(await host.root.virsh(['domstate', guest.name])).toBe('running');
  expect(await liveTargets(host, guest.name)).toEqual(['hda']);
  expect(await rootsSeen(guest)).toEqual(['sd']);
}

/** Convert two guests one after the other, and terminate the run at a step of the first. */
async function terminateAt(step: string, words: readonly string[]): Promise<{ status?: number; guests: GuestJson[] }> {
  const run = startVirtioize(['--json', 'convert', ...words, '--yes', ...GRACEFUL], host.program);
  await untilJournalSays(host, step);
  run.send('SIGTERM');
  const ended = await run.ended;
  const { status } = ended;
  const { guests } = readDocument(ended);
  return { ...(status === undefined ? {} : { status }), guests: [...guests] };
}

describe('a guest that does not go off when it is asked to', () => {
  it('keeps running unchanged', async () => {
    const before = await host.definition('deaf');
    const words = ['convert', 'deaf', '--shutdown-timeout', '5s', '--assume-driver', '--reason', 'a test'];
    const { status, document } = await virtioizeJson([...words, ...GRACEFUL], host.program);
    expect(document.guests).toMatchObject([
      { outcome: 'failed', error: { code: 'shutdown-ignored', hint: expect.stringContaining('--restart force') } },
    ]);
    expect(status).toBe(1);
    await expectUntouched(deaf, before);
    expect(await historyOf(host, 'deaf')).toEqual(['convert undone']);
  });

  it('keeps running unchanged where the run is interrupted meanwhile, and the next guest is not begun', async () => {
    const before = await host.definition('stubborn');
    const beforeNext = await host.definition('next');
    const run = await terminateAt('shut-down', ['stubborn', 'next', '--shutdown-timeout', '15s']);
    expect(run).toMatchObject({
      status: 143,
      guests: [
        { name: 'stubborn', outcome: 'failed', error: { code: 'shutdown-ignored' } },
        { name: 'next', outcome: 'skipped' },
      ],
    });
    await expectUntouched(stubborn, before);
    await expectUntouched(next, beforeNext);
  });

  it('is started again by recover should it go off after all, and only once', async () => {
    const before = await host.definition('stubborn');
    const still = await virtioizeJson(['recover'], host.program);
    expect(still).toMatchObject({ status: 0, document: { guests: [] } });
    await runInside(host, 'stubborn', '/bin/sh', ['-c', '(sleep 1; /sbin/shutdown) >/dev/null 2>&1 &']);
    await until('stubborn is off', async () => (await host.root.virsh(['domstate', 'stubborn'])) === 'shut off');

    const recovered = await virtioizeJson(['recover'], host.program);
    expect(recovered.document.guests).toMatchObject([{ name: 'stubborn', outcome: 'failed' }]);
    expect(recovered.status).toBe(0);
    expect(await host.definition('stubborn')).toBe(before);
    expect(await rootsSeen(stubborn)).toEqual(['sd', 'sd']);
    const again = await virtioizeJson(['recover'], host.program);
    expect(again).toMatchObject({ status: 0, document: { guests: [] } });
    expect(await rootsSeen(stubborn)).toEqual(['sd', 'sd']);
  });

  it('is powered off with force once its time is over, and converted', async () => {
    const words = ['convert', 'stubborn', '--restart', 'force', '--shutdown-timeout', '5s'];
    const { status, document } = await virtioizeJson(words, host.program);
    expect(document.guests).toMatchObject([{ outcome: 'converted', restart: 'verified' }]);
    expect(status).toBe(0);
    expect(await rootsSeen(stubborn)).toEqual(['sd', 'sd', 'vd']);
    expect(await liveTargets(host, 'stubborn')).toEqual(['vda']);
    expect(await readFile(stubborn.serialLog, 'latin1')).not.toContain('ROOT NOT FOUND');
  });
});

describe('a guest whose run is interrupted while it comes up', () => {
  it('runs as it was asked to be, and the next guest is not begun', async () => {
    const beforeNext = await host.definition('next');
    const run = await terminateAt('watch', ['willing', 'next']);
    expect(run).toMatchObject({
      status: 143,
      guests: [
        { name: 'willing', outcome: 'converted', restart: 'verified' },
        { name: 'next', outcome: 'skipped' },
      ],
    });
    expect(await rootsSeen(willing)).toEqual(['sd', 'vd']);
    expect(await liveTargets(host, 'willing')).toEqual(['vda']);
    await expectUntouched(next, beforeNext);
  });
});
