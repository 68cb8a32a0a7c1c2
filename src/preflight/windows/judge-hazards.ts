import type { Refusal, Warning } from '../../domain/finding.ts';
import { UnreadableError } from '../guest-files.ts';
import { shorten } from '../shorten.ts';
import type { Circumstances } from './circumstances.ts';
import type { WindowsFacts } from './windows-facts.ts';
import { isBeforeVista } from './windows-version.ts';

const ONLINE_ALL = 1;

/** What stands in the way of a Windows system beside its driver. */
export function hazardRefusals({ hazards: { hibernated } }: WindowsFacts): Refusal[] {
  if (hibernated === undefined || hibernated === false) return [];
  const message =
    hibernated instanceof UnreadableError
      ? `Whether Windows is hibernated could not be read (${shorten(hibernated.message)}).`
      : 'Windows is hibernated, or was shut down with Fast Startup: its memory knows the old disks, and its volumes are not in order.';
  const hint = 'Start the guest, and inside it, as administrator: powercfg /h off -- then shut it down and try again.';
  return [{ code: 'hibernated', message, hint }];
}

export function warnOfBitLocker(volumes: string): Warning {
  return {
    code: 'bitlocker',
    message: `BitLocker encrypts ${volumes} and may ask for the recovery key at the next start: have it at hand, or inside the guest, as administrator: manage-bde -protectors -disable C:`,
  };
}

/** What the admin should know. Guests with one disk have none that could stay offline. */
export function hazardWarnings(facts: WindowsFacts, circumstances: Circumstances): Warning[] {
  const { fastStartup, pendingReboot, bitlocker } = facts.hazards;
  return [
    ...warnIf(
      fastStartup === true && circumstances.canHibernate !== false,
      'fast-startup',
      'Fast Startup is on: a shutdown hibernates half of Windows, and a start with other disks may fail. Inside the guest: powercfg /h off',
    ),
    ...warnIf(
      typeof pendingReboot === 'string',
      'pending-reboot',
      `Windows waits for a restart (${String(pendingReboot)}): restart it before its disks change.`,
    ),
    ...(circumstances.bitlocker > 0 || bitlocker === true
      ? [warnOfBitLocker(bitlocker === true ? 'the volume that Windows starts from' : 'volumes of the guest')]
      : []),
    ...warnIf(
      circumstances.disks > 1 && mayKeepDisksOffline(facts),
      'san-policy',
      "Windows may leave its further disks offline on their new bus (SanPolicy is not 1). Inside the guest, in diskpart: 'san policy=onlineall'",
    ),
  ];
}

/** Servers keep disks that they do not know offline unless told otherwise; XP and 2003 know no such policy. */
function mayKeepDisksOffline({ version, hazards: { sanPolicy } }: WindowsFacts): boolean {
  if (version instanceof UnreadableError || isBeforeVista(version) || sanPolicy instanceof UnreadableError)
    return false;
  return sanPolicy === undefined ? version.isServer : sanPolicy !== ONLINE_ALL;
}

function warnIf(applies: boolean, code: Warning['code'], message: string): Warning[] {
  return applies ? [{ code, message }] : [];
}
