import { type Disk, readDisks, sourceKey } from './disk.ts';
import { findLiveOnlyDevices } from './live-devices.ts';
import { definitionOf, type ReadDocument, readDefinition, selectElements, selectText } from './xml.ts';

/**
 * What only the running instance has, so that a power-off would lose it: each a short phrase for people. What libvirt
 * adds to a running instance by itself (aliases, addresses, controllers, ports, the balloon's value) is no such thing,
 * nor is a hard disk that runs on another image (`findSourceDrift`).
 */
export function findLiveOnly(persistent: string, live: string): string[] {
  const [stored, running] = [readDefinition(persistent), readDefinition(live)];
  return [
    ...findLiveOnlyDisks(readDisks(stored), readDisks(running)),
    ...findChangedMedia(readDisks(stored), readDisks(running)),
    ...findLiveOnlyDevices(stored, running),
    ...findAddedProcessors(stored, running),
  ];
}

/** A disk that a conversion has renamed in the persistent definition is there by its source. */
function findLiveOnlyDisks(stored: readonly Disk[], running: readonly Disk[]): string[] {
  const targets = new Set(stored.map(({ target }) => target));
  const sources = new Set(stored.map(sourceKey).filter((key) => key !== ''));
  return running
    .filter((disk) => !targets.has(disk.target) && !sources.has(sourceKey(disk)))
    .map(({ device, target, source }) => {
      const drive = DRIVES[device] ?? 'disk';
      return `the ${drive} '${target}' (${source === '' ? 'empty' : source})`;
    });
}

const DRIVES: Readonly<Record<string, string>> = { cdrom: 'CD-ROM drive', floppy: 'floppy drive', lun: 'LUN' };

function findChangedMedia(stored: readonly Disk[], running: readonly Disk[]): string[] {
  return running
    .filter(({ device }) => device === 'cdrom' || device === 'floppy')
    .flatMap((drive) => {
      const before = stored.find(({ target }) => target === drive.target);
      if (before === undefined || sourceKey(before) === sourceKey(drive)) return [];
      if (before.source === '') return [`the medium '${drive.source}' in '${drive.target}'`];
      const has = drive.source === '' ? 'the empty drive' : `the medium '${drive.source}' in`;
      return drive.source !== '' || mayStartFrom(before)
        ? [`${has} '${drive.target}' instead of '${before.source}'`]
        : [];
    });
}

/**
 * Whether the guest may start from this drive. Where it does not, a medium that somebody took out and that would be back
 * does no harm.
 */
function mayStartFrom({ element, device }: Disk): boolean {
  if (selectText(element, 'source/@startupPolicy') === 'optional') return false;
  const kind = device === 'cdrom' ? 'cdrom' : 'fd';
  return (
    selectElements(element, 'boot').length > 0 ||
    selectElements(definitionOf(element), `/domain/os/boot[@dev='${kind}']`).length > 0
  );
}

function findAddedProcessors(stored: ReadDocument, running: ReadDocument): string[] {
  const [before, now] = [countProcessors(stored), countProcessors(running)];
  return now > before ? [`${now - before} of its ${now} processors`] : [];
}

function countProcessors(definition: ReadDocument): number {
  return Number(selectText(definition, '/domain/vcpu/@current') ?? selectText(definition, '/domain/vcpu') ?? 1);
}
