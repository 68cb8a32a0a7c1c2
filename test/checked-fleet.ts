import type { RunReport } from '../src/cli/report.ts';
import {
  checkedGuest,
  DRIFT,
  EMULATED,
  FAILED,
  INTERRUPTED,
  PENDING,
  UNREADABLE,
  WAIVED,
} from './unit/cli/checked-guest.ts';

const proven = [
  { source: 'agent', verdict: 'proven', summary: 'It has the driver.', facts: { system: 'Debian 12' } },
] as const;
const refuted = [{ source: 'offline', verdict: 'refuted', summary: 'It has no driver.', facts: {} }] as const;
const evidenceAt = '2026-05-20T00:00:00Z';

/** One guest and more of each kind that a check tells of. */
export const FLEET = [
  checkedGuest('fine-1'),
  checkedGuest('web-10', EMULATED, { evidence: proven, evidenceAt }),
  checkedGuest('web-9', EMULATED, { evidence: refuted, evidenceAt }),
  checkedGuest('db-1', PENDING),
  checkedGuest('drifted', DRIFT),
  checkedGuest('damaged', UNREADABLE, FAILED),
  checkedGuest('old-1', WAIVED),
];

/** Their names, those first that need work most. */
export const BY_STANDING = ['drifted', 'web-9', 'web-10', 'damaged', 'db-1', 'old-1', 'fine-1'];

/** All else that there is to tell. */
export const BESIDE_FLEET: Partial<RunReport> = {
  unfinished: [INTERRUPTED],
  trend: [
    { at: '2026-01-01T00:00:00Z', guests: 9 },
    { at: '2026-02-01T00:00:00Z', guests: 4 },
    { at: '2026-06-01T00:00:00Z', guests: 2 },
  ],
  waivers: [
    { guests: ['old-*'], rules: ['VIO-001'], reason: 'x', expires: '2026-12-31', isExpired: false, matched: 1 },
    { guests: ['older'], rules: ['VIO-001'], reason: 'y', expires: '2020-12-31', isExpired: true, matched: 0 },
  ],
};
