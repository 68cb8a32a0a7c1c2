import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { createTestGuest, rootDisk } from './booted-guest.ts';

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
});

afterAll(async () => host.dispose());

/** Write a file inside the guest through its agent, flushed to its disk. */
async function writeInside(name: string, path: string, text: string): Promise<void> {
  await runInside(name, '/bin/sh', ['-c', `echo ${text} > ${path} && sync`]);
}

async function readInside(name: string, path: string): Promise<string> {
  return runInside(name, '/bin/cat', [path]);
}

/** What guest-exec and guest-exec-status answer. */
interface GuestAnswer {
  readonly pid?: number;
  readonly exited?: boolean;
  readonly 'out-data'?: string;
}

async function runInside(name: string, path: string, arg: string[]): Promise<string> {
  const session = await host.root.session();
  const ask = async (execute: string, args: object): Promise<GuestAnswer> => {
    const answer = await session.run(`qemu-agent-command ${name} '${JSON.stringify({ execute, arguments: args })}'`);
    return (JSON.parse(answer) as { return: GuestAnswer }).return;
  };
  try {
    await untilAnswers(() => ask('guest-ping', {}));
    const { pid } = await ask('guest-exec', { path, arg, 'capture-output': true });
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await delay(50)) {
      const status = await ask('guest-exec-status', { pid });
      if (status.exited === true)
        return Buffer.from(status['out-data'] ?? '', 'base64')
          .toString()
          .trim();
    }
    throw new Error(`${path} did not end inside ${name}`);
  } finally {
    await session.close();
  }
}

async function untilAnswers(ask: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await delay(200)) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

describe('a running guest that was converted and is pending', () => {
  it('loses nothing by a snapshot and a blockcopy pivot before its restart', async () => {
    const guest = await createTestGuest(host, { name: 'moving', system: { bus: 'ide', target: 'hda' } });
    expect(rootDisk(await guest.boot())).toBe('sda');
    expect(await virtioizeJson(['convert', 'moving'], host.program)).toMatchObject({
      status: 0,
      document: { guests: [{ restart: 'pending' }] },
    });

    await writeInside('moving', '/root-before-snapshot', 'one');
    await host.root.virsh([
      'snapshot-create-as',
      'moving',
      'later',
      '--disk-only',
      '--diskspec',
      `hda,file=${join(host.folder, 'later.qcow2')}`,
    ]);
    await writeInside('moving', '/root-after-snapshot', 'two');
    await host.root.virsh([
      'blockcopy',
      'moving',
      'hda',
      join(host.folder, 'moved.qcow2'),
      '--transient-job',
      '--wait',
      '--pivot',
    ]);
    await writeInside('moving', '/root-after-pivot', 'three');

    const status = await virtioize(['status', 'moving'], host.program);
    expect(status.stdout).toMatch(/hda\s+virtio \(running: ide\)\s+pending restart/);
    expect(status.stdout).not.toContain('source-drift');

    await guest.shutDown();
    expect(rootDisk(await guest.boot())).toBe('vda');
    expect(await readInside('moving', '/root-before-snapshot')).toBe('one');
    expect(await readInside('moving', '/root-after-snapshot')).toBe('two');
    expect(await readInside('moving', '/root-after-pivot')).toBe('three');
    await guest.shutDown();
  });
});
