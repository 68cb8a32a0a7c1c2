import { describe, expect, it } from '@jest/globals';
import type { GuestCondition } from '../../../src/compliance/judge-guest.ts';
import { describeDisks } from '../../../src/conversion/assess.ts';
import { describeCondition } from '../../../src/conversion/guest-condition.ts';
import type { GuestFacts, StoredFacts } from '../../../src/conversion/guest-facts.ts';
import type { ChangeRecord } from '../../../src/store/record.ts';
import { type DiskSpec, domainXml } from '../../definitions/domain-xml.ts';

const BUSES = new Set(['ide', 'sata', 'scsi'] as const);
const IDE: DiskSpec = { target: 'hda', bus: 'ide' };
const MOVED: DiskSpec = { target: 'hda', bus: 'virtio' };
const DONE = '2026-03-01T10:00:00.000Z';

function known(...disks: DiskSpec[]): StoredFacts {
  return {
    name: 'g',
    uuid: 'u',
    state: 'running',
    active: true,
    persistent: true,
    managedSave: false,
    definition: domainXml({ disks }),
  };
}

function running(...disks: DiskSpec[]) {
  return { live: domainXml({ disks }), saved: undefined };
}

function conversion(more: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    formatVersion: 1,
    id: 'x',
    action: 'convert',
    guest: { name: 'g', uuid: 'u' },
    host: 'h',
    connection: '',
    startedAt: DONE,
    finishedAt: DONE,
    state: 'done',
    by: 'root',
    versions: { virtioize: '', libvirt: '' },
    active: true,
    changes: [{ source: '', from: { target: 'hda', bus: 'ide' }, to: { target: 'hda', bus: 'virtio' }, dropped: [] }],
    evidence: [],
    accepted: [],
    ...more,
  };
}

interface Seen {
  readonly known: StoredFacts;
  readonly instance: Pick<GuestFacts, 'live' | 'saved'> | undefined;
  readonly records?: readonly ChangeRecord[];
}

function conditionOf({ known: stored, instance, records = [] }: Seen): GuestCondition {
  const facts = { ...stored, live: undefined, saved: undefined, ...instance };
  const seen = { facts, isInstanceKnown: instance !== undefined, records };
  return describeCondition(seen, describeDisks(facts, BUSES), BUSES);
}

function since(records: readonly ChangeRecord[]): string | undefined {
  return conditionOf({ known: known(MOVED), instance: running(IDE), records }).pendingSince;
}

describe('what the rules look at', () => {
  it('is nothing of an instance where there is none, and is said where it could not be read', () => {
    const none = { live: undefined, saved: undefined };
    expect(conditionOf({ known: known(IDE), instance: none }).instance).toBe('none');
    expect(conditionOf({ known: known(IDE), instance: undefined }).instance).toBe('unreadable');
  });

  it('is the running instance with its emulated disks, and the images that it has elsewhere', () => {
    const moved = { ...IDE, source: '/images/elsewhere.qcow2' };
    const { disks, instance } = conditionOf({
      known: known(MOVED),
      instance: running(moved, { target: 'sda', bus: 'sata', device: 'cdrom' }),
    });
    expect(disks).toMatchObject([{ target: 'hda', bus: 'virtio', liveBus: 'ide', kind: 'pending' }]);
    expect(instance).toMatchObject({
      kind: 'running',
      emulated: [{ target: 'hda', bus: 'ide' }],
      drift: [{ target: 'hda', liveSource: '/images/elsewhere.qcow2', persistentSource: '/images/hda.qcow2' }],
    });
  });

  it('is the saved instance of a guest that is off', () => {
    const saved = { live: undefined, saved: domainXml({ disks: [IDE] }) };
    expect(conditionOf({ known: known(MOVED), instance: saved }).instance).toMatchObject({
      kind: 'saved',
      emulated: [{ target: 'hda' }],
    });
  });
});

describe('a guest is pending since', () => {
  it('the conversion that moved its disks while it ran', () => {
    expect(since([conversion()])).toBe(DONE);
  });

  it.each([
    ['virtioize did not convert it', []],
    [
      'the conversion was rolled back since',
      [conversion(), conversion({ id: 'y', action: 'rollback', undoes: ['x'] })],
    ],
    ['it was off when it was converted, so that somebody else changed it later', [conversion({ active: false })]],
    ['the conversion moved another disk', [conversion({ changes: [] })]],
  ])('nobody knows when, where %s', (_, records) => {
    expect(since(records)).toBeUndefined();
  });

  it('nobody knows when, where it was restarted with its new disks', () => {
    const restart = {
      mode: 'graceful' as const,
      shutdownTimeoutMs: 1,
      bootTimeoutMs: 1,
      rollBack: true,
      instance: '1',
      disks: [],
    };
    expect(since([conversion({ restart })])).toBeUndefined();
  });
});
