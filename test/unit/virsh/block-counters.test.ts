import { describe, expect, it } from '@jest/globals';
import { readBlockCounters } from '../../../src/virsh/block-counters.ts';
import type { Session } from '../../../src/virsh/session.ts';

const GUEST = { name: 'g', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };

/** A virsh with a recorded answer. */
function fakeVirsh(stdout: string, errors: readonly string[] = []): Session {
  return {
    uri: 'test:///fake',
    run: async () => ({ stdout, errors }),
    outlivesReader: true,
    isOver: () => false,
    close: async () => {},
  };
}

/** As libvirt 9.0.0 prints it. */
const RUNNING = `Domain: 'g'
  block.count=3
  block.0.name=hda
  block.0.path=/images/a=b wr.reqs=7.qcow2
  block.0.backingIndex=2
  block.0.rd.reqs=396
  block.0.rd.bytes=1622016
  block.0.wr.reqs=24
  block.0.wr.bytes=98304
  block.0.fl.reqs=8
  block.0.fl.times=123
  block.0.capacity=67108864
  block.1.name=vdb
  block.1.wr.reqs=0
  block.1.fl.reqs=0
  block.10.name=vdk
  block.10.wr.reqs=18446744073709551615
  block.10.fl.reqs=1
`;

/** As libvirt 9.0.0 prints it, and calls it a success, while a job keeps it from asking QEMU. */
const HELD = `Domain: 'g'
  block.count=1
  block.0.name=hda
  block.0.path=/images/a.qcow2
  block.0.backingIndex=2
`;

describe('from a recorded answer of virsh, what a guest asked of its disks', () => {
  it('is told by target name', async () => {
    const counters = await readBlockCounters(fakeVirsh(RUNNING), GUEST);
    expect(Object.fromEntries(counters)).toEqual({
      hda: { reads: 396, writes: 24, flushes: 8 },
      vdb: { reads: 0, writes: 0, flushes: 0 },
      vdk: { reads: 0, writes: 18446744073709552000, flushes: 1 },
    });
  });

  it('is nothing where it has no disks', async () => {
    expect(await readBlockCounters(fakeVirsh("Domain: 'g'\n  block.count=0\n"), GUEST)).toEqual(new Map());
  });

  it('is not nothing where libvirt could not ask QEMU', async () => {
    const counters = await readBlockCounters(fakeVirsh(HELD), GUEST).catch(() => new Map());
    expect(counters.get('hda')).toBeUndefined();
  });

  it('is an error where virsh says so', async () => {
    const failing = fakeVirsh('', ["failed to get domain 'x'", 'Domain not found']);
    await expect(readBlockCounters(failing, GUEST)).rejects.toMatchObject({ code: 'no-such-guest' });
  });
});
