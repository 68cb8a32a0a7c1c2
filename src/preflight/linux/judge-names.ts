import type { Refusal, Warning } from '../../domain/finding.ts';
import { shorten } from '../shorten.ts';
import { betterLine, type NameContext, remedyForName } from './name-remedy.ts';
import type { NamedDisk } from './named-disk.ts';

const SHOWN = 20;

/** A guest's files may be of any length; twenty findings of a kind say enough. */
export function someOf<T>(all: readonly T[]): readonly T[] {
  return all.slice(0, SHOWN);
}

/** The findings that are shown: what stops a boot, and what does not. */
export function shownNames(named: readonly NamedDisk[]): {
  fatal: readonly NamedDisk[];
  harmless: readonly NamedDisk[];
} {
  return {
    fatal: someOf(named.filter(({ stopsBoot }) => stopsBoot)),
    harmless: someOf(named.filter(({ stopsBoot }) => !stopsBoot)),
  };
}

export function nameRefusal(named: NamedDisk, context: NameContext): Refusal {
  const { file, device, purpose } = named;
  return {
    code: 'device-names',
    message: `${shorten(file)} names ${shorten(purpose)} by '${shorten(device)}', which changes on virtio.`,
    hint: remedyForName(named, context),
  };
}

export function nameWarning(named: NamedDisk, context: NameContext): Warning {
  const { file, device, purpose } = named;
  const line = betterLine(named, context);
  const better = line === undefined ? '' : ` Better: '${line}'.`;
  return {
    code: 'device-names-harmless',
    message: `${shorten(file)} names ${shorten(purpose)} by '${shorten(device)}', which changes on virtio; the system boots all the same.${better}`,
  };
}

export function unreadRefusal(reason: string): Refusal {
  return {
    code: 'device-names',
    message: `Whether a disk needed to boot is named by a path that changes can't be told: ${shorten(reason)}.`,
    hint: 'Look at that file inside the guest; if it names disks by UUID, label or LVM only: --accept device-names --reason TEXT.',
  };
}
