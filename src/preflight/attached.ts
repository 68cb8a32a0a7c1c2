import { disksOf } from '../domain/disk.ts';
import type { Testimony } from './evidence.ts';

/**
 * What it says about the driver that the guest has another virtio disk: a hint, for nobody saw the guest use it.
 * @param convertedBefore virtio disks that virtioize put there: they say nothing.
 * @returns undefined where there is no such disk.
 */
export function attachedEvidence(definition: string, convertedBefore: ReadonlySet<string>): Testimony | undefined {
  const disk = disksOf(definition).find(
    ({ bus, device, target }) => bus === 'virtio' && device === 'disk' && !convertedBefore.has(target),
  );
  if (disk === undefined) return undefined;
  return {
    evidence: {
      source: 'attached',
      verdict: 'likely',
      summary: `It has another virtio disk already ('${disk.target}').`,
      facts: { disk: disk.target, source: disk.source },
    },
    refusals: [],
    warnings: [],
  };
}
