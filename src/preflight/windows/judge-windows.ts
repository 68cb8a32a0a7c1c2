import type { Warning } from '../../domain/finding.ts';
import type { Judgement } from '../judgement.ts';
import type { Circumstances } from './circumstances.ts';
import { describeFacts } from './describe-facts.ts';
import { judgeDriver } from './judge-driver.ts';
import { hazardRefusals, hazardWarnings } from './judge-hazards.ts';
import type { WindowsFacts } from './windows-facts.ts';

/**
 * Given what a Windows system has, whether it finds its disks on virtio. The verdict is about the driver alone;
 * what else may go wrong is refusals and warnings beside it.
 */
export function judgeWindows(facts: WindowsFacts, circumstances: Circumstances): Judgement {
  const { verdict, summary, lack } = judgeDriver(facts, circumstances);
  const isHopeful = verdict === 'proven' || verdict === 'likely';
  return {
    verdict,
    summary,
    facts: describeFacts(facts, circumstances),
    ...(lack === undefined ? {} : { lack }),
    refusals: hazardRefusals(facts),
    warnings: [
      ...(circumstances.secureBoot && isHopeful ? [signatureWarning()] : []),
      ...hazardWarnings(facts, circumstances),
    ],
  };
}

function signatureWarning(): Warning {
  return {
    code: 'secure-boot',
    message: 'Secure Boot is on, and whether its firmware trusts the signature of the driver was not checked.',
  };
}
