import { type Disk, readDisks, sourceKey } from './disk.ts';
import {
  attribute,
  childElement,
  definitionOf,
  type Element,
  parseDefinition,
  removeElement,
  serializeDefinition,
} from './xml.ts';

/** A disk whose running instance writes to another image than the one that its persistent definition names. */
export interface SourceDrift {
  readonly target: string;
  readonly persistentSource: string;
  readonly liveSource: string;
}

/**
 * The disks whose live and persistent sources differ: after a power-off the guest would come up on an old image.
 * Disks that are only in one of the two definitions are not drift.
 */
export function findSourceDrift(persistent: string, live: string): SourceDrift[] {
  return pairDisks(persistent, live).flatMap(([stored, running]) =>
    sourceKey(stored) === sourceKey(running)
      ? []
      : [{ target: stored.target, persistentSource: stored.source, liveSource: running.source }],
  );
}

/** The persistent definition with the sources (and image formats) of drifted disks taken from the running instance. */
export function adoptLiveSources(persistent: string, live: string): string {
  const pairs = pairDisks(persistent, live).filter(([stored, running]) => sourceKey(stored) !== sourceKey(running));
  for (const [stored, running] of pairs) adoptSource(stored.element, running.element);
  const document = pairs[0] && definitionOf(pairs[0][0].element);
  return document === undefined ? persistent : serializeDefinition(document);
}

/** Disks of the two definitions that are the same device for the guest: they have the same name. */
function pairDisks(persistent: string, live: string): (readonly [Disk<Element>, Disk<Element>])[] {
  const running = new Map(readDisks(parseDefinition(live)).map((disk) => [disk.target, disk]));
  return readDisks(parseDefinition(persistent))
    .filter(({ device }) => device === 'disk')
    .flatMap((stored) => {
      const pair = running.get(stored.target);
      return pair === undefined ? [] : [[stored, pair] as const];
    });
}

function adoptSource(stored: Element, running: Element): void {
  const [oldSource, newSource] = [childElement(stored, 'source'), childElement(running, 'source')];
  if (oldSource === undefined || newSource === undefined) return;
  stored.setAttribute('type', attribute(running, 'type') ?? 'file');
  const adopted = definitionOf(stored).importNode(newSource, true);
  adopted.removeAttribute('index'); // numbers the nodes of one running instance
  stored.replaceChild(adopted, oldSource);
  const format = attribute(childElement(running, 'driver') ?? running, 'type');
  if (format !== undefined) childElement(stored, 'driver')?.setAttribute('type', format);
  const staleChain = childElement(stored, 'backingStore');
  if (staleChain !== undefined) removeElement(staleChain);
}
