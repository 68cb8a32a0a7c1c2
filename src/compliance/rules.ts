import type { RuleId } from './rule-result.ts';

/** What a rule asks of every guest, why, and what brings a guest there. */
export interface Rule {
  readonly id: RuleId;
  readonly name: string;
  /** In the words of XCCDF. */
  readonly severity: 'low' | 'medium' | 'high';
  readonly title: string;
  readonly rationale: string;
  /** The next command; GUEST, its last word, stands for the guest's name. */
  readonly remedy: string;
}

/** All rules, in the order in which they are told (docs/compliance.md). */
export const RULES: Readonly<Record<RuleId, Rule>> = {
  'VIO-001': {
    id: 'VIO-001',
    name: 'disk-bus-emulated',
    severity: 'medium',
    title: 'No disk of the definition is on an emulated bus',
    rationale:
      'Every access to a disk on an emulated controller traps into the emulator: it is several times slower than virtio, and takes host CPU from all other guests.',
    remedy: 'virtioize convert GUEST',
  },
  'VIO-002': {
    id: 'VIO-002',
    name: 'restart-pending',
    severity: 'low',
    title: 'The running or saved instance has no emulated disk that the definition no longer has',
    rationale:
      'A converted guest goes on with its old disks until it is powered off in full and started again; a reboot from inside is not enough. Until then it gains nothing, and nobody has seen it boot from virtio.',
    remedy: 'virtioize convert --restart graceful GUEST',
  },
  'VIO-003': {
    id: 'VIO-003',
    name: 'source-drift',
    severity: 'high',
    title: 'The running or saved instance uses the images that the definition names',
    rationale:
      'After a power-off the guest would come up on the image that its definition names, an old one: whatever was written since would be missing.',
    remedy: 'virtioize recover --adopt-live-source GUEST',
  },
};
