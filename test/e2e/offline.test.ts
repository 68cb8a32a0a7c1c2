import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ProgramOptions, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import type { TestGuest } from './booted-guest.ts';
import { bootAll, historyOf, restartGuest, rootsSeen } from './restart-cases.ts';

let host: TestHost;
let program: ProgramOptions;
let ready: TestGuest;
let lacking: TestGuest;
let frozen: TestGuest;

beforeAll(async () => {
  host = await createTestHost();
  program = { ...host.program, libguestfs: true, timeoutMs: 280_000 };
  ready = await restartGuest(host, { name: 'ready', agent: false, recipe: { writer: true } });
  lacking = await restartGuest(host, { name: 'lacking', agent: false, recipe: { virtioBlk: false, writer: true } });
  const agentBlockedRpcs = ['guest-exec', 'guest-file-open', 'guest-file-read'];
  frozen = await restartGuest(host, { name: 'frozen', recipe: { agentBlockedRpcs } });
});

afterAll(async () => host.dispose());

describe('a guest that is off', () => {
  it('is proven, or refuted, by what its disks hold, and that is kept while they are the same', async () => {
    const first = await virtioizeJson(['preflight', 'ready', 'lacking'], program);
    const shown = { evidence: [{ source: 'offline', verdict: 'proven' }], refusals: [], outcome: 'planned' };
    const refused = {
      evidence: [{ source: 'offline', verdict: 'refuted' }],
      refusals: [{ code: 'driver-missing', hint: expect.stringContaining('update-initramfs') }],
      outcome: 'refused',
    };
    expect(first.document.guests).toMatchObject([shown, refused]);
    expect(first.status).toBe(2);
    const again = await virtioizeJson(['preflight', 'ready', 'lacking'], { ...program, libguestfs: false });
    expect(again.document.guests).toEqual(first.document.guests);
  });
});

describe('a running guest without an agent', () => {
  it('is told from its disks that it may be ready; what it has not written out yet is not seen', async () => {
    await bootAll([ready, lacking]);
    const { document } = await virtioizeJson(['preflight', 'ready', 'lacking'], program);
    expect(document.guests).toMatchObject([
      {
        outcome: 'refused',
        refusals: [{ code: 'no-driver-evidence' }],
        warnings: [{ code: 'stale-evidence' }],
        evidence: [
          { source: 'agent', verdict: 'unknown' },
          { source: 'offline', verdict: 'proven', stale: true },
        ],
      },
      { outcome: 'refused', refusals: [{ code: 'driver-missing' }], warnings: [{ code: 'stale-evidence' }] },
    ]);
  });

  it('is proven while it is off for its restart, converted, and comes up', async () => {
    const { document, status } = await virtioizeJson(['convert', 'ready', '--restart', 'graceful'], program);
    expect(document.guests).toMatchObject([
      {
        outcome: 'converted',
        restart: 'verified',
        refusals: [],
        evidence: [
          { source: 'offline', verdict: 'proven' },
          { source: 'agent', verdict: 'unknown' },
        ],
      },
    ]);
    expect(document.guests[0]?.evidence[0]).not.toHaveProperty('stale');
    expect(status).toBe(0);
    expect(await rootsSeen(ready)).toEqual(['sd', 'vd']);
    expect(await historyOf(host, 'ready')).toEqual(['convert done']);
  });
});

describe('a running guest whose agent only freezes it', () => {
  it('is flushed to its disks first, so that they prove', async () => {
    await bootAll([frozen]);
    const { document, status } = await virtioizeJson(['preflight', 'frozen'], program);
    expect(document.guests).toMatchObject([
      {
        outcome: 'planned',
        warnings: [],
        evidence: [
          { source: 'agent', verdict: 'unknown' },
          { source: 'offline', verdict: 'proven' },
        ],
      },
    ]);
    expect(status).toBe(0);
  });
});
