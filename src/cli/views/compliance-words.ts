import type { Compliance } from '../../compliance/guest-compliance.ts';

/** How a guest stands, for people. */
export const COMPLIANCE_WORDS: Readonly<Record<Compliance, string>> = {
  compliant: 'compliant',
  waived: 'waived',
  pending: 'pending a restart',
  unreadable: 'not to be judged',
  noncompliant: 'not compliant',
};
