import type { ConversionOptions } from '../conversion/guest-plan.ts';
import { ownUuid } from '../store/host-key.ts';
import { checkReason, parseAccepted, parseBuses } from './options.ts';
import { type RestartArguments, readRestartOptions } from './restart-options.ts';

export interface EvidenceOptions {
  readonly from: string;
  readonly requireEvidence: 'proven' | 'likely';
  readonly assumeDriver: boolean;
  readonly accept: readonly string[];
  readonly reason: string | undefined;
  readonly rename: boolean;
}

/** @throws VirtioizeError `usage` */
export async function readConversionOptions(
  argv: EvidenceOptions & Partial<RestartArguments>,
): Promise<ConversionOptions> {
  checkReason(argv);
  const restart = argv.restart === undefined ? undefined : readRestartOptions(argv as RestartArguments);
  return {
    ...(restart === undefined ? {} : { restart }),
    buses: parseBuses(argv.from),
    rename: argv.rename,
    requiredEvidence: argv.requireEvidence,
    vouched: argv.assumeDriver,
    accepted: parseAccepted(argv.accept),
    reason: argv.reason,
    ownUuid: await ownUuid(),
  };
}
