/**
 * The stable words for what stands in a guest's way (refusals) and for what its admin should know (warnings).
 * They are part of the contract: never renamed, never reused.
 */
export const REFUSALS = {
  'transient-guest': 'host',
  'managed-save': 'host',
  'guest-busy': 'host',
  'block-job': 'host',
  'source-drift': 'host',
  'name-collision': 'host',
  snapshots: 'host',
  checkpoints: 'host',
  'qemu-commandline': 'host',
  'unsupported-machine': 'host',
  'pci-slots': 'host',
  'managed-elsewhere': 'host',
  self: 'host',
  'definition-changed': 'host',
  'not-startable': 'host',
  'live-differs': 'host',
  'never-off': 'host',
  'needs-passphrase': 'guest',
  'no-driver-evidence': 'guest',
  'driver-missing': 'guest',
  'driver-not-boot-start': 'guest',
  'device-names': 'guest',
  hibernated: 'guest',
  'uefi-boot-entry': 'guest',
  'failed-before': 'guest',
} as const satisfies Record<string, 'host' | 'guest'>;

export type RefusalCode = keyof typeof REFUSALS;

type WarningCode =
  | 'setting-dropped'
  | 'name-kept'
  | 'snapshots'
  | 'checkpoints'
  | 'boot-order-rewritten'
  | 'lun-left'
  | 'trim-lost'
  | 'serial-long'
  | 'nvram-unreadable'
  | 'device-names-harmless'
  | 'device-order'
  | 'stale-evidence'
  | 'san-policy'
  | 'bitlocker'
  | 'secure-boot'
  | 'pending-reboot'
  | 'fast-startup'
  | 'unverified'
  | 'not-started'
  | 'names-unseen'
  | 'rehearsal-failed'
  | 'waived'
  | 'accepted';

/** A reason not to convert a guest. `disk` is a target name of the definition in question. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly hint: string;
  readonly disk?: string;
}

/** Something the admin should know; never a reason to stop. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
  readonly disk?: string;
}

/** No reason given by an admin makes these survivable. */
const NEVER_ACCEPTABLE: ReadonlySet<RefusalCode> = new Set([
  'transient-guest',
  'guest-busy',
  'not-startable',
  'unsupported-machine',
  'pci-slots',
  'name-collision',
  'self',
  'definition-changed',
]);

/** What `--assume-driver` stands in for: the proof of the driver, nothing else. */
const VOUCHABLE: ReadonlySet<RefusalCode> = new Set(['no-driver-evidence', 'driver-missing', 'driver-not-boot-start']);

export function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(REFUSALS, code);
}

export function isAcceptable(code: RefusalCode): boolean {
  return !NEVER_ACCEPTABLE.has(code);
}

export function isVouchable(code: RefusalCode): boolean {
  return VOUCHABLE.has(code);
}
