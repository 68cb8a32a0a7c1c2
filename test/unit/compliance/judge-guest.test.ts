import { describe, expect, it } from '@jest/globals';
import {
  type GuestCondition,
  type Instance,
  judgeGuest,
  judgeUnreadable,
} from '../../../src/compliance/judge-guest.ts';

const VIRTIO = { target: 'vda', bus: 'virtio', kind: 'paravirtual' } as const;
const EMULATED = { target: 'hda', bus: 'ide', kind: 'emulated' } as const;
const PENDING = { target: 'hda', bus: 'virtio', kind: 'pending' } as const;
const RUNNING: Instance = { kind: 'running', emulated: [], drift: [] };

function judge(condition: Partial<GuestCondition>) {
  return judgeGuest({ disks: [VIRTIO], instance: 'none', ...condition });
}

function words(condition: Partial<GuestCondition>): string[] {
  return judge(condition).map(({ rule, result }) => `${rule} ${result}`);
}

describe('the rules', () => {
  it('are kept by a guest that runs on virtio, on the images of its definition', () => {
    expect(judge({ instance: RUNNING })).toEqual([
      { rule: 'VIO-001', result: 'pass', disks: [] },
      { rule: 'VIO-002', result: 'pass', disks: [] },
      { rule: 'VIO-003', result: 'pass', disks: [] },
    ]);
  });

  it('ask for no images of a guest that is off', () => {
    expect(words({ instance: 'none' })).toEqual(['VIO-001 pass', 'VIO-002 pass', 'VIO-003 notapplicable']);
  });

  it('are kept by a guest without disks, and by one whose other disks nobody asked about', () => {
    expect(words({ disks: [] })[0]).toBe('VIO-001 pass');
    expect(words({ disks: [{ target: 'sdb', bus: 'usb', kind: 'other' }] })[0]).toBe('VIO-001 pass');
  });

  it('name every emulated disk with its bus', () => {
    const [first] = judge({ disks: [EMULATED, VIRTIO, { target: 'sda', bus: 'sata', kind: 'emulated' }] });
    expect(first).toEqual({
      rule: 'VIO-001',
      result: 'fail',
      message: "Emulated: 'hda' on ide, 'sda' on sata.",
      disks: ['hda', 'sda'],
    });
  });

  it('are all an error for a guest that could not be read', () => {
    expect(judgeUnreadable('It is gone.')).toEqual([
      { rule: 'VIO-001', result: 'error', message: 'It is gone.', disks: [] },
      { rule: 'VIO-002', result: 'error', message: 'It is gone.', disks: [] },
      { rule: 'VIO-003', result: 'error', message: 'It is gone.', disks: [] },
    ]);
  });

  it('leave unknown what only its instance could have told', () => {
    expect(words({ disks: [EMULATED], instance: 'unreadable' })).toEqual([
      'VIO-001 fail',
      'VIO-002 unknown',
      'VIO-003 unknown',
    ]);
  });
});

describe('a restart is pending', () => {
  const ide = { ...RUNNING, emulated: [{ target: 'hda', bus: 'ide' }] };

  it('where the running instance has an emulated disk that the definition no longer has, since the conversion', () => {
    const since = '2026-03-01T10:00:00.000Z';
    const [first, second] = judge({ disks: [PENDING], instance: ide, pendingSince: since });
    expect(first?.result).toBe('pass');
    expect(second).toEqual({
      rule: 'VIO-002',
      result: 'fail',
      message: "The running instance still has 'hda' on ide, until it is powered off in full and started again.",
      disks: ['hda'],
      since,
    });
  });

  it('without a time where nobody knows when it was converted', () => {
    expect(judge({ disks: [PENDING], instance: ide })[1]).not.toHaveProperty('since');
  });

  it('also where the disk was renamed by hand, so that the two can not be paired', () => {
    expect(judge({ disks: [VIRTIO], instance: ide })[1]).toMatchObject({ result: 'fail', disks: ['hda'] });
  });

  it('and a saved instance must be started first', () => {
    const [, second] = judge({ disks: [PENDING], instance: { ...ide, kind: 'saved' } });
    expect(second?.message).toBe(
      "The saved instance still has 'hda' on ide: start the guest, and power it off in full.",
    );
  });

  it('not where the definition has the emulated disk as well: a restart would change nothing', () => {
    expect(words({ disks: [EMULATED], instance: ide })).toEqual(['VIO-001 fail', 'VIO-002 pass', 'VIO-003 pass']);
  });

  it('for one disk of two, where the other is not converted yet', () => {
    const instance = { ...RUNNING, emulated: [EMULATED, { target: 'sda', bus: 'sata' }] };
    const disks = [EMULATED, { target: 'sda', bus: 'virtio', kind: 'pending' as const }];
    const [first, second] = judge({ disks, instance });
    expect([first?.disks, second?.disks]).toEqual([['hda'], ['sda']]);
  });
});

describe('a source has drifted', () => {
  const drift = [{ target: 'vda', liveSource: '/new.qcow2', persistentSource: '/old.qcow2' }];

  it('where the instance uses another image than the definition names', () => {
    expect(judge({ instance: { ...RUNNING, drift } })[2]).toEqual({
      rule: 'VIO-003',
      result: 'fail',
      message: "'vda' is on '/new.qcow2', the definition names '/old.qcow2'.",
      disks: ['vda'],
    });
  });

  it('and a saved instance must be started before its images are adopted', () => {
    const [, , third] = judge({ instance: { kind: 'saved', emulated: [], drift } });
    expect(third?.message).toMatch(/\. Start the saved guest before its images are adopted\.$/);
  });
});
