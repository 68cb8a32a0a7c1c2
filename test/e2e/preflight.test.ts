import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withAgentSeen } from '../../src/conversion/guest-facts.ts';
import { readChannelState } from '../../src/preflight/agent/agent-abilities.ts';
import { openSession } from '../../src/virsh/session.ts';
import { virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { createTestGuest, type TestGuest, type TestGuestOptions } from './booted-guest.ts';
import { runInside } from './inside.ts';

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
});

afterAll(async () => host.dispose());

const RUNNING = { state: 'running', active: true, persistent: true, managedSave: false, saved: undefined };
const IDE = { bus: 'ide', target: 'hda' } as const;

async function bootedGuest(options: TestGuestOptions): Promise<TestGuest> {
  const guest = await createTestGuest(host, options);
  expect(await guest.boot()).toBeDefined();
  return guest;
}

async function expectRefused(name: string, code: string, told: RegExp): Promise<void> {
  const before = await host.definition(name);
  const { status, document } = await virtioizeJson(['convert', name], host.program);
  expect({ status, outcome: document.guests[0]?.outcome }).toEqual({ status: 2, outcome: 'refused' });
  expect(document.guests[0]?.refusals).toMatchObject([{ code }]);
  expect(document.guests[0]?.refusals[0]?.message).toMatch(told);
  expect(await host.definition(name)).toBe(before);
}

describe('by the evidence of its agent', () => {
  it('a system without virtio_blk is refused, and really does not boot from virtio', async () => {
    const guest = await bootedGuest({ name: 'lacking', system: IDE, recipe: { virtioBlk: false } });
    await expectRefused('lacking', 'driver-missing', /virtio_blk neither built in nor in \/boot\/initrd\.img-/);
    await guest.shutDown();
    const forced = await virtioizeJson(
      ['convert', 'lacking', '--assume-driver', '--reason', 'to see it fail'],
      host.program,
    );
    expect(forced.document.guests).toMatchObject([{ outcome: 'converted' }]);
    expect(await guest.boot()).toBeUndefined();
    await host.root.virsh(['destroy', 'lacking']);
    expect((await virtioize(['rollback', 'lacking'], host.program)).status).toBe(0);
    expect(await guest.boot()).toBeDefined();
    await guest.shutDown();
  });

  it('a system that names its root /dev/sda1 is refused, and really does not boot from virtio', async () => {
    const guest = await bootedGuest({ name: 'by-name', system: IDE, recipe: { root: '/dev/sda1' } });
    await expectRefused('by-name', 'device-names', /root= by '\/dev\/sda1'/);
    await guest.shutDown();
    const forced = ['convert', 'by-name', '--accept', 'device-names', '--assume-driver', '--reason', 'to see it fail'];
    expect((await virtioizeJson(forced, host.program)).document.guests).toMatchObject([{ outcome: 'converted' }]);
    expect(await guest.boot()).toBeUndefined();
    await host.root.virsh(['destroy', 'by-name']);
  });

  it.each([
    ['guest-exec', 'guest-exec,guest-exec-status', 'proven'],
    ['guest-file-*', 'guest-file-open,guest-file-read,guest-file-close', 'proven'],
    ['both', 'guest-exec,guest-exec-status,guest-file-open,guest-file-read,guest-file-close', 'unknown'],
  ])('a system whose agent blocks %s is judged by what is left (%s: %s)', async (_, blocked, verdict) => {
    const name = `blocked-${blocked.length}`;
    const guest = await bootedGuest({
      name,
      system: IDE,
      recipe: { agentBlockedRpcs: blocked.split(','), initramfsCompression: 'zstd' },
    });
    const { document } = await virtioizeJson(['preflight', name], host.program);
    expect(document.guests[0]?.evidence[0]).toMatchObject({ source: 'agent', verdict });
    await guest.shutDown();
  });

  it('an agent is seen where a libvirt that has only just started still says that none is connected', async () => {
    const guest = await bootedGuest({ name: 'early', system: IDE });
    const uuid = await host.root.virsh(['domuuid', 'early']);
    const connected = await host.root.virsh(['dumpxml', 'early']);
    const live = connected.replace(/(guest_agent\.0' state=)'\w+'/, "$1'disconnected'");
    const session = await openSession({ uri: host.root.uri });
    try {
      const seen = await withAgentSeen(session, { ...RUNNING, name: 'early', uuid, definition: live, live });
      expect(readChannelState(seen.live ?? '')).toBe('connected');
    } finally {
      await session.close();
    }
    await guest.shutDown();
  });

  it('a system without an agent is not proven, and is told how to get on', async () => {
    const guest = await bootedGuest({ name: 'silent', system: IDE, agent: false });
    const { status, stdout } = await virtioize(['preflight', 'silent'], host.program);
    expect(status).toBe(2);
    expect(stdout).toMatch(/no-driver-evidence.*no channel for a guest agent[\s\S]*--assume-driver --reason/);
    await guest.shutDown();
  });

  it('a hanging agent costs its deadline and proves nothing', async () => {
    const guest = await bootedGuest({
      name: 'hanging',
      system: IDE,
      recipe: { extraFiles: { '/usr/local/bin/freeze-agent': '#!/bin/sh\nkillall -STOP qemu-ga\n' } },
    });
    await runInside(host, 'hanging', '/usr/local/bin/freeze-agent', []).catch(() => ''); // it freezes the one that would answer
    const { document } = await virtioizeJson(['preflight', 'hanging'], host.program);
    expect(document.guests[0]?.evidence[0]).toMatchObject({
      source: 'agent',
      verdict: 'unknown',
      summary: expect.stringContaining('does not answer'),
    });
    await host.root.virsh(['destroy', guest.name]);
  });
});
