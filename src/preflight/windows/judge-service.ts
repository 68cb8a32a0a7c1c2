import { UnreadableError } from '../guest-files.ts';
import { shorten } from '../shorten.ts';
import type { Binary, Known, ServiceFacts, ServiceSettings, ServiceStart } from './windows-facts.ts';
import { hasDriverDatabase, isBeforeVista, type WindowsVersion } from './windows-version.ts';

/** Whether A, B and D hold for a service. */
export interface ServiceJudgement {
  /** `unseen` and `unsigned`: all but its file holds, which was not seen, or starts under conditions only. */
  readonly holds: 'yes' | 'unseen' | 'unsigned' | 'unknown' | 'no';
  /** The fact that decided it, in words that follow the driver's name. */
  readonly reason: string;
  /** What is wrong where it does not hold. */
  readonly fault?: ServiceFault;
}

/** `staged`: Windows has the package, and installs it once it meets such a disk. */
export type ServiceFault = 'missing' | 'staged' | 'not at boot' | 'overridden';

const KERNEL_DRIVER = 1;
const GROUP = 'scsi miniport';

export function judgeService(
  { settings, binary }: ServiceFacts,
  version: WindowsVersion,
  secureBoot: boolean,
): ServiceJudgement {
  if (settings instanceof UnreadableError) return unknown(`could not be read (${shorten(settings.message)})`);
  if (settings === undefined) return judgeAbsence(version);
  return judgeSettings(settings) ?? judgeBinary(binary, version, secureBoot);
}

function judgeAbsence(version: WindowsVersion): ServiceJudgement {
  return hasDriverDatabase(version)
    ? fails('staged', 'is not installed as a service yet: only its package is there')
    : fails('missing', 'is not installed as a service');
}

/** What keeps a driver from being loaded at boot, or undefined. */
export function judgeStart({ start, overrides }: ServiceStart): ServiceJudgement | undefined {
  if (start !== 0) return fails('not at boot', `does not start at boot (Start is ${start ?? 'not there'}, not 0)`);
  const override = overrides.find((value) => value !== 0);
  if (override === undefined) return undefined;
  const value = Number.isNaN(override) ? 'no number' : override;
  return fails('overridden', `does not start at boot (StartOverride is ${value}, and counts instead of Start)`);
}

function judgeSettings(settings: ServiceSettings): ServiceJudgement | undefined {
  const { type, group } = settings;
  if (type !== KERNEL_DRIVER) return fails('missing', `is no kernel driver (Type is ${type ?? 'not there'}, not 1)`);
  const start = judgeStart(settings);
  if (start !== undefined) return start;
  // Windows loads it all the same, after all groups: whether in time nobody has seen.
  if (group?.toLowerCase() !== GROUP)
    return unknown(`is in the load group '${shorten(group ?? '')}', not 'SCSI miniport'`);
  return undefined;
}

function judgeBinary(binary: Known<Binary>, version: WindowsVersion, secureBoot: boolean): ServiceJudgement {
  if (binary instanceof UnreadableError)
    return unknown(`has a file that could not be read (${shorten(binary.message)})`);
  const path = shorten(binary.path);
  if (binary.kind === 'unseen')
    return { holds: 'unseen', reason: `starts at boot, but its file ${path} could not be seen` };
  if (binary.kind === 'missing') return fails('missing', `has no file: ${path} is not there`);
  if (binary.kind === 'no program') return fails('missing', `has a broken file: ${path} is no Windows program`);
  const { architecture, isSigned } = binary.image;
  if (architecture === undefined || architecture !== (version.architecture ?? architecture))
    return fails('missing', `has a file for another processor: ${path} is for ${architecture ?? 'an unknown one'}`);
  if (isSigned) return { holds: 'yes', reason: 'starts at boot' };
  if (secureBoot) return fails('missing', `has an unsigned file (${path}), which Secure Boot does not let start`);
  if (architecture === 'x86' || isBeforeVista(version)) return { holds: 'yes', reason: 'starts at boot' };
  return { holds: 'unsigned', reason: `has an unsigned file (${path}), which 64-bit Windows starts in test mode only` };
}

/** Under which code a fault is refused. */
export function lackCode(fault: ServiceFault): 'driver-missing' | 'driver-not-boot-start' {
  return fault === 'missing' || fault === 'staged' ? 'driver-missing' : 'driver-not-boot-start';
}

function fails(fault: ServiceFault, reason: string): ServiceJudgement {
  return { holds: 'no', fault, reason };
}

function unknown(reason: string): ServiceJudgement {
  return { holds: 'unknown', reason };
}
