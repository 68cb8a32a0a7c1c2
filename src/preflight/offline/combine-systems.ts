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
  if (first === undefined) return describeNothing([...fileSystems.values()]);
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

function describeNothing(kinds: readonly string[]): Judgement {
  const encryption = kinds.includes('crypto_LUKS') ? 'LUKS' : kinds.includes('BitLocker') ? 'BitLocker' : undefined;
  if (encryption !== undefined)
    return {
      ...unknown(`Its disks are encrypted (${encryption}), so that the guest alone can read them.`),
      warnings: encryption === 'BitLocker' ? [warnOfBitLocker('its disks')] : [],
      isFinal: true,
    };
  const named = [...new Set(kinds)].filter((kind) => kind !== 'unknown').map(shorten);
  return unknown(
    `No system that libguestfs knows was found on its disks${named.length === 0 ? '' : ` (${named.join(', ')})`}.`,
  );
}

function unknown(summary: string): Judgement {
  return { verdict: 'unknown', summary, facts: {}, refusals: [], warnings: [] };
}
