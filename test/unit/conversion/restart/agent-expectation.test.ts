import { describe, expect, it } from '@jest/globals';
import { missingFromView, noteView } from '../../../../src/conversion/restart/agent-expectation.ts';
import { createBootSignal } from '../../../../src/conversion/restart/boot-signal.ts';
import type { GuestView, SeenDisk } from '../../../../src/virsh/guest-view.ts';

const HDA = { target: 'hda', bus: 'ide' };
const HDB = { target: 'hdb', bus: 'ide' };
const VDA = { target: 'vda', bus: 'virtio' };
const VDB = { target: 'vdb', bus: 'virtio' };
/** A disk behind a PCI bridge: its address is not found in the definition. */
const SOMEWHERE_ON_VIRTIO: SeenDisk = { target: undefined, bus: 'virtio' };

function view(
  disks: readonly SeenDisk[] | undefined,
  mounts: Readonly<Record<string, readonly SeenDisk[]>> = {},
): GuestView {
  return { disks, fileSystems: Object.entries(mounts).map(([mountPoint, on]) => ({ mountPoint, disks: on })) };
}

describe('what the agent tells before the restart', () => {
  it('counts the disks that move, by address', () => {
    const cd = { target: 'hdc', bus: 'ide' };
    expect(noteView(view([HDA, HDB, cd]), [HDA, HDB], undefined)).toEqual({
      disks: 2,
      others: { ide: 1 },
      mountPoints: [],
    });
  });

  it('counts them by bus where the address is not found, but no more than move', () => {
    const unplaced = { target: undefined, bus: 'ide' };
    expect(noteView(view([unplaced, unplaced, unplaced]), [HDA, HDB], undefined).disks).toBe(2);
    expect(noteView(view([SOMEWHERE_ON_VIRTIO]), [HDA], undefined).disks).toBe(0);
  });

  it('expects what is mounted from them at boot', () => {
    const mounts = { '/': [HDA], '/data': [HDB], '/mnt/usb': [HDA], '/srv': [VDA] };
    const seen = view([HDA, HDB], mounts);
    expect(noteView(seen, [HDA, HDB], new Set(['/', '/data', '/srv'])).mountPoints).toEqual(['/', '/data']);
  });

  it('expects all that is mounted from them where nobody can tell what is mounted at boot', () => {
    const seen = view([HDA], { '/': [HDA], '/mnt/usb': [HDA], '/srv': [VDA] });
    expect(noteView(seen, [HDA], undefined).mountPoints).toEqual(['/', '/mnt/usb']);
  });

  it('expects a file system that lies on a disk that moves and on one that does not', () => {
    expect(noteView(view([HDA, VDA], { '/': [HDA, VDA] }), [HDA], undefined).mountPoints).toEqual(['/']);
  });

  it('of an agent that is too old to list disks is no disk', () => {
    expect(noteView(view(undefined, { '/': [HDA] }), [HDA], undefined)).toEqual({
      disks: 0,
      others: {},
      mountPoints: ['/'],
    });
  });

  it('is bounded, whatever the guest claims', () => {
    const mounts = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`/${n}`, [HDA]]));
    expect(noteView(view([HDA], mounts), [HDA], undefined).mountPoints.length).toBeLessThanOrEqual(4096);
  });
});

describe('what the agent tells afterwards', () => {
  const expected = { disks: 1, others: {}, mountPoints: ['/'] };

  it('is complete where the disks and file systems are where they are to be', () => {
    expect(missingFromView(expected, [VDA], view([VDA], { '/': [VDA] }))).toEqual([]);
    expect(missingFromView(expected, [VDA], view([SOMEWHERE_ON_VIRTIO], { '/': [SOMEWHERE_ON_VIRTIO] }))).toEqual([]);
  });

  it('is nothing where it does not answer', () => {
    expect(missingFromView(expected, [VDA], undefined)).toEqual(['its agent does not answer']);
  });

  it('lacks disks that are still where they were, or gone', () => {
    const sees = (count: number): string => `its system sees ${count} of 2 disks where they now are`;
    const two = { disks: 2, others: {}, mountPoints: [] };
    expect(missingFromView(two, [VDA, VDB], view([HDA, HDB]))).toEqual([sees(0)]);
    expect(missingFromView(two, [VDA, VDB], view([VDA]))).toEqual([sees(1)]);
  });

  it('lacks file systems that are not mounted, or mounted from another disk', () => {
    const data = { disks: 0, others: {}, mountPoints: ['/', '/data'] };
    expect(missingFromView(data, [VDA], view([VDA], { '/': [VDA] }))).toEqual(['nothing is mounted at /data']);
    expect(missingFromView(data, [VDA], view([VDA], { '/': [VDA], '/data': [HDB] }))).toEqual([
      'nothing is mounted at /data',
    ]);
  });

  it('of an agent that is too old to list disks is judged by the file systems', () => {
    expect(missingFromView(expected, [VDA], view(undefined, { '/': [VDA] }))).toEqual([]);
    expect(missingFromView(expected, [VDA], view(undefined))).toEqual(['nothing is mounted at /']);
  });

  it('lacks a disk that is gone where another one was on that bus all along', () => {
    const one = noteView(view([HDB, VDA]), [HDB], undefined);
    expect(missingFromView(one, [VDB], view([VDA]))).not.toEqual([]);
  });

  it('decides alone, whatever the disks are written: the guest is up as soon as nothing is missing', () => {
    const signal = createBootSignal({
      disks: [{ ...VDA, written: true, writesThrough: false }],
      agent: expected,
    });
    const look = { at: 0, resets: 0, blocks: new Map(), view: view([VDA], { '/': [VDA] }) };
    expect(signal.observe({ ...look, view: undefined })).toEqual(['its agent does not answer']);
    expect(signal.observe(look)).toEqual([]);
  });
});
