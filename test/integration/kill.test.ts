import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findDifferences } from '../../src/domain/verify.ts';
import { domainXml } from '../definitions/domain-xml.ts';
import { findPoints, openChanges, recover, runKilled } from '../faults/killed-run.ts';
import { type DocumentJson, virtioize } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';

const CONVERT = ['convert', 'victim', '--assume-driver', '--reason', 'kill test'];
const TIMEOUT_MS = 600_000;

const original = domainXml({
  name: 'victim',
  disks: [
    { target: 'hda', bus: 'ide', inner: '\n      <wwn>5000c50015ea71aa</wwn>' },
    { target: 'hdc', bus: 'ide', device: 'cdrom' },
    { target: 'hdb', bus: 'ide' },
  ],
  devices: "\n    <graphics type='vnc' port='-1' passwd='s3cret'/>",
});

let host: TestHost;
let before: string;
let converted: string;

beforeAll(async () => {
  host = await createTestHost();
  await host.root.define(original);
  before = await host.definition('victim');
  expect((await virtioize(CONVERT, host.program)).status).toBe(0);
  converted = await host.definition('victim');
}, 120_000);

afterAll(async () => host.dispose());

describe('a run that is killed at any point', () => {
  it(
    'of a conversion leaves the guest wholly before or after once the next run has been',
    async () => {
      const points = await pointsOf(CONVERT);
      expect(points).toEqual(expect.arrayContaining(['before define is sent', 'after define is sent']));
      // begin and back-up go to the disk together, then define and verify, then end
      expect(points.filter((name) => name === 'before a journal flush')).toHaveLength(3);
      for (const [position, name] of points.entries()) {
        await reset(before);
        await runKilled(host, CONVERT, position + 1);
        const document = await recover(host);
        await expectOneSide(`${position + 1}: ${name}`, document);
        await expectConvertible();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'of a rollback leaves the guest wholly before or after once the next run has been',
    async () => {
      const points = await pointsOf(['rollback', 'victim'], CONVERT);
      for (const [position, name] of points.entries()) {
        await reset(before);
        await run(CONVERT);
        await runKilled(host, ['rollback', 'victim'], position + 1);
        const document = await recover(host);
        await expectOneSide(`${position + 1}: ${name}`, document);
      }
    },
    TIMEOUT_MS,
  );
});

async function reset(definition: string): Promise<void> {
  await rm(host.program.stateDir, { recursive: true, force: true });
  await host.root.define(definition);
}

async function run(words: readonly string[]): Promise<void> {
  const { status, stderr } = await virtioize(words, host.program);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
}

/** The points of a run from a fresh start. */
async function pointsOf(words: readonly string[], first?: readonly string[]): Promise<string[]> {
  await reset(before);
  if (first !== undefined) await run(first);
  return findPoints(host, words, 0);
}

async function expectOneSide(point: string, { guests }: DocumentJson): Promise<void> {
  const definition = await host.definition('victim');
  const side =
    definition === before ? 'before' : findDifferences(converted, definition).length === 0 ? 'after' : 'in between';
  expect({ point, side }).toEqual({ point, side: expect.stringMatching(/^(?:before|after)$/) });
  expect(definition).toContain("passwd='s3cret'");
  expect(guests.map(({ outcome }) => outcome).filter((outcome) => outcome === 'needs-attention')).toEqual([]);
  expect({ point, open: await openChanges(host) }).toEqual({ point, open: [] });
  await expectRecordsAgree(point, side);
}

/** The last change that was carried out says on which side the guest is. */
async function expectRecordsAgree(point: string, side: string): Promise<void> {
  const { stdout } = await virtioize(['history', '--json'], host.program);
  const { history } = JSON.parse(stdout) as { history: { state: string; action: string }[] };
  expect(history.map(({ state }) => state)).not.toContain('unfinished');
  const stands = history.some(({ action, state }) => action === 'convert' && state === 'done');
  expect({ point, side: stands ? 'after' : 'before' }).toEqual({ point, side });
}

/** Whatever happened, the next conversion does the job, and a rollback gets the guest back to the letter. */
async function expectConvertible(): Promise<void> {
  await run(CONVERT);
  expect(findDifferences(converted, await host.definition('victim'))).toEqual([]);
  await run(['rollback', 'victim']);
  expect(await host.definition('victim')).toBe(before);
}
