import { type Disk, disksOf, readDisks, sourceKey } from './disk.ts';
import type { PathNeed, VolumeNeed } from './start-needs.ts';
import { attribute, childElement, type ReadDocument, type ReadElement, selectText } from './xml.ts';

/** What the disks of a definition need to be started: their images, and the backing chains that it names. */
export function readDiskNeeds(definition: ReadDocument): (PathNeed | VolumeNeed)[] {
  return readDisks(definition)
    .filter(mustBeThere)
    .flatMap((disk) => [...sourceNeeds(disk), ...chainNeeds(disk.element, disk.target)]);
}

/** The backing images of a guest's disks, as its running instance knows them: a definition hardly ever names them. */
export function readChainNeeds(persistent: string, live: string): PathNeed[] {
  const running = disksOf(live);
  return disksOf(persistent)
    .filter(mustBeThere)
    .flatMap((stored) => {
      const pair = running.find(({ target }) => target === stored.target);
      const isSame = pair !== undefined && sourceKey(pair) === sourceKey(stored);
      return isSame ? chainNeeds(pair.element, pair.target) : [];
    });
}

/** libvirt starts a guest without an optional medium or disk, and is handed the files of an `fdgroup` opened. */
function mustBeThere({ element }: Disk): boolean {
  const source = childElement(element, 'source');
  return (
    source !== undefined &&
    attribute(source, 'startupPolicy') !== 'optional' &&
    attribute(source, 'fdgroup') === undefined
  );
}

function sourceNeeds({ element, target, device }: Disk): (PathNeed | VolumeNeed)[] {
  const role = device === 'cdrom' || device === 'floppy' ? 'medium' : 'disk';
  const purpose = role === 'medium' ? `the medium in '${target}'` : `the image of '${target}'`;
  if (attribute(element, 'type') === 'volume') {
    const [pool, volume] = [selectText(element, 'source/@pool'), selectText(element, 'source/@volume')];
    if (pool === undefined || volume === undefined) return [];
    return [{ kind: 'volume', pool, volume, purpose, role, disk: target }];
  }
  const place = localPlace(element);
  return place === undefined ? [] : [{ ...place, purpose, role, disk: target }];
}

/** The images below a disk or a backing image, and the file that keeps the data of an image apart from it. */
function chainNeeds(image: ReadElement, target: string): PathNeed[] {
  const source = childElement(image, 'source');
  const below = [childElement(image, 'backingStore'), source && childElement(source, 'dataStore')];
  return below.flatMap((next) => {
    if (next === undefined) return [];
    const place = localPlace(next);
    const purpose = `a backing image of '${target}'`;
    const own = place === undefined ? [] : [{ ...place, purpose, role: 'backing', disk: target } as const];
    return [...own, ...chainNeeds(next, target)];
  });
}

const PLACES: Readonly<Record<string, readonly [PathNeed['kind'], string]>> = {
  file: ['file', 'file'],
  block: ['device', 'dev'],
  dir: ['folder', 'dir'],
};

function localPlace(image: ReadElement): Pick<PathNeed, 'kind' | 'path'> | undefined {
  const [kind, name] = PLACES[attribute(image, 'type') ?? ''] ?? [];
  const source = childElement(image, 'source');
  if (kind === undefined || name === undefined || source === undefined) return undefined;
  const path = attribute(source, name) ?? '';
  return path.startsWith('/') ? { kind, path } : undefined;
}
