import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { schemaErrors } from '../output-schema.ts';
import { virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildBlankDisk, buildWriterDisk } from '../testbed/boot-sector.ts';
import { guestXml } from '../testbed/guest-xml.ts';

const VOUCHED = ['--assume-driver', '--reason', 'tiny guests'];
const FORCE = ['--restart', 'force', '--shutdown-timeout', '1s', '--boot-timeout', '2s', ...VOUCHED];

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
});

afterAll(async () => host.dispose());

async function startTiny(name: string, buildDisk: (path: string) => Promise<void>): Promise<string> {
  const path = join(host.folder, `${name}.img`);
  await buildDisk(path);
  const disks = [{ path, format: 'raw', bus: 'ide', target: 'hda' } as const];
  await host.root.define(guestXml({ name, machine: 'pc', memoryMiB: 16, disks }));
  await host.root.start(name);
  return host.definition(name);
}

async function restarted(name: string, ...words: string[]) {
  const run = await virtioizeJson(['convert', name, ...FORCE, ...words], host.program);
  expect(run.document.error).toBeUndefined();
  expect(schemaErrors(run.document)).toEqual([]);
  return { status: run.status, guest: run.document.guests[0] };
}

async function liveDisk(name: string): Promise<string | undefined> {
  expect(await host.root.virsh(['domstate', name])).toBe('running');
  return /dev='(\w+)' bus='\w+'/.exec(await host.root.virsh(['dumpxml', name]))?.[1];
}

describe('a tiny guest that is restarted by force', () => {
  it('and writes to its disk, but was not seen to go on, is unverified and left alone', async () => {
    await startTiny('writer', buildWriterDisk);
    const { status, guest } = await restarted('writer');
    expect({ status, guest }).toMatchObject({ status: 0, guest: { outcome: 'converted', restart: 'unverified' } });
    expect(guest?.warnings.map(({ code }) => code)).toContain('unverified');
    expect(await liveDisk('writer')).toBe('vda');
  });

  it('and does not come up as it was either needs attention, with its old definition', async () => {
    const before = await startTiny('blank', buildBlankDisk);
    const { status, guest } = await restarted('blank');
    expect({ status, guest }).toMatchObject({
      status: 3,
      guest: {
        outcome: 'needs-attention',
        error: { code: 'did-not-come-up', message: expect.stringMatching(/did not come up with it either/) },
      },
    });
    expect(await host.definition('blank')).toBe(before);
    expect(await liveDisk('blank')).toBe('hda');
  });

  it('and does not come up is left as it is where that is asked for, with a picture of it', async () => {
    await startTiny('left', buildBlankDisk);
    const { status, guest } = await restarted('left', '--no-rollback');
    expect({ status, guest }).toMatchObject({
      status: 3,
      guest: { outcome: 'needs-attention', error: { code: 'did-not-come-up' } },
    });
    expect(await host.definition('left')).toContain("<target dev='vda' bus='virtio'/>");
    expect(await liveDisk('left')).toBe('vda');
    const picture = await readFile(guest?.capture?.screenshot ?? '');
    expect(picture.toString('latin1', 1, 4)).toBe('PNG');
  });
});
