import { describe, expect, it } from '@jest/globals';
import type { FoundOnDisks } from '../../../../src/guestfs/systems.ts';
import type { Verdict } from '../../../../src/preflight/evidence.ts';
import type { Judgement } from '../../../../src/preflight/judgement.ts';
import { combineSystems } from '../../../../src/preflight/offline/combine-systems.ts';

describe('what the systems on a disk come to', () => {
  it('is what the only one says', () => {
    expect(combineSystems([judged('proven')], found(1))).toEqual(judged('proven'));
  });

  it.each<[Verdict, Verdict, Verdict]>([
    ['proven', 'proven', 'proven'],
    ['refuted', 'refuted', 'refuted'],
    ['proven', 'refuted', 'unknown'],
    ['refuted', 'proven', 'unknown'],
    ['proven', 'likely', 'unknown'],
    ['unknown', 'proven', 'unknown'],
  ])('where there are two, %s and %s, is %s', (one, other, expected) => {
    const { verdict, summary, facts } = combineSystems([judged(one), judged(other)], found(2));
    expect(verdict).toBe(expected);
    expect(summary).toContain('System 1 on /dev/sda1, System 2 on /dev/sda2');
    expect(facts).toEqual({ '1: kernel': one, '2: kernel': other });
  });

  it('has the refusals and warnings of both, and is as old as the older one', () => {
    const refusal = { code: 'hibernated', message: '', hint: '' } as const;
    const old = { ...judged('proven'), refusals: [refusal], stale: 'an old one' };
    const both = combineSystems([judged('proven'), old], found(2));
    expect([both.refusals, both.stale]).toEqual([[refusal], 'an old one']);
  });

  it.each([
    [['crypto_LUKS'], 'encrypted (LUKS on /dev/sda0)', true],
    [['ntfs', 'BitLocker'], 'encrypted (BitLocker on /dev/sda1)', true],
    [
      ['ufs', 'unknown'],
      'No system that libguestfs knows was found on its disks (/dev/sda0: ufs, /dev/sda1: unknown).',
      undefined,
    ],
    [[], 'No system that libguestfs knows was found on its disks (nothing is on them).', undefined],
  ])('with %j alone is unknown', (kinds, said, isFinal) => {
    const fileSystems = new Map(kinds.map((kind, index) => [`/dev/sda${index}`, kind]));
    const judgement = combineSystems([], { systems: [], fileSystems });
    expect(judgement.verdict).toBe('unknown');
    expect(judgement.summary).toContain(said);
    expect(judgement.isFinal).toBe(isFinal);
  });
});

function judged(verdict: Verdict): Judgement {
  return { verdict, summary: `It is ${verdict}.`, facts: { kernel: verdict }, refusals: [], warnings: [] };
}

function found(count: number): FoundOnDisks {
  const systems = Array.from({ length: count }, (_, index) => ({
    root: `/dev/sda${index + 1}`,
    type: 'linux',
    distro: 'debian',
    productName: `System ${index + 1}`,
    mountPoints: new Map(),
    systemRoot: '',
  }));
  return { systems, fileSystems: new Map() };
}
