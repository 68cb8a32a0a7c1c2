import type { FoundOnDisks } from '../../guestfs/systems.ts';
import type { Judgement } from '../judgement.ts';
import { shorten } from '../shorten.ts';
import { warnOfBitLocker } from '../windows/judge-hazards.ts';

/**
 * What the systems on a guest's disks come to together: which of several boots is not known, so that they must agree.
 * @param judged one for each of the systems that were found.
 */
export function combineSystems(judged: readonly Judgement[], { systems, fileSystems }: FoundOnDisks): Judgement {
  const [first, ...others] = judged;
  if (first === undefined) return describeNothing(fileSystems);
  if (others.length === 0) return first;
  const isAgreed = others.every(({ verdict }) => verdict === first.verdict);
  const names = systems.map(({ productName, root }) => `${shorten(productName)} on ${shorten(root)}`).join(', ');
  const stale = judged.find((one) => one.stale !== undefined)?.stale;
  return {
    ...(isAgreed ? first : unknown('')),
    ...(stale === undefined ? {} : { stale }),
    summary: `It holds ${judged.length} systems (${names})${isAgreed ? `; all are the same here: ${first.summary}` : ', and which one boots is not known.'}`,
    facts: Object.fromEntries(
      judged.flatMap(({ facts }, index) =>
        Object.entries(facts).map(([name, value]) => [`${index + 1}: ${name}`, value]),
      ),
    ),
    refusals: judged.flatMap(({ refusals }) => refusals),
    warnings: judged.flatMap(({ warnings }) => warnings),
  };
}

/** Volumes that are named where no system was found. */
const SHOWN = 5;

function describeNothing(fileSystems: FoundOnDisks['fileSystems']): Judgement {
  const volumes = [...fileSystems];
  const [device, encryption] = volumes.find(([, kind]) => ENCRYPTIONS.has(kind)) ?? [];
  if (device !== undefined && encryption !== undefined) {
    const summary = `It is encrypted (${ENCRYPTIONS.get(encryption)} on ${shorten(device)}), so that the guest alone can read its system.`;
    const warnings = encryption === 'BitLocker' ? [warnOfBitLocker('its disks')] : [];
    return { ...unknown(summary), warnings, isFinal: true };
  }
  const named = volumes.slice(0, SHOWN).map(([volume, kind]) => `${shorten(volume)}: ${shorten(kind)}`);
  return unknown(
    `No system that libguestfs knows was found on its disks (${named.join(', ') || 'nothing is on them'}).`,
  );
}

/** As blkid names them. */
const ENCRYPTIONS: ReadonlyMap<string, string> = new Map([
  ['crypto_LUKS', 'LUKS'],
  ['BitLocker', 'BitLocker'],
]);

function unknown(summary: string): Judgement {
  return { verdict: 'unknown', summary, facts: {}, refusals: [], warnings: [] };
}
