import type { VirtioDiskId } from '../../domain/virtio-id.ts';
import { UnreadableError } from '../guest-files.ts';
import { shorten } from '../shorten.ts';
import type { Circumstances } from './circumstances.ts';
import { type DriverDecision, decideLikely, decideProven, decideRefuted, decideUnknown } from './driver-decision.ts';
import { judgeService, lackCode, type ServiceJudgement } from './judge-service.ts';
import { bindHint, faultHint, READ_FILES_HINT, signHint } from './remedies.ts';
import type { ServiceFacts, WindowsFacts } from './windows-facts.ts';
import type { WindowsVersion } from './windows-version.ts';

export interface ServicesRequest extends Circumstances {
  readonly diskId: VirtioDiskId;
  readonly version: WindowsVersion;
  readonly enumerated: WindowsFacts['enumerated'];
}

interface Judged {
  readonly name: string;
  readonly judgement: ServiceJudgement;
}

/**
 * A, B, D and E, of the services that the database binds to a disk. Of several, those count that Windows has chosen
 * before; where it has chosen none, any may be next.
 */
export function judgeServices(services: readonly ServiceFacts[], request: ServicesRequest): DriverDecision {
  const judged = services.map((service) => ({
    name: service.name,
    judgement: judgeService(service, request.version, request.secureBoot),
  }));
  const chosen = judged.filter(({ name }) => hasBeenBound(name, request));
  const relevant = chosen.length > 0 ? chosen : judged;
  const failed = relevant.find(({ judgement }) => judgement.holds === 'unknown' || judgement.holds === 'no');
  if (failed !== undefined) {
    const isCertain = relevant.every(({ judgement }) => judgement.holds === 'no');
    return describeFailure(failed, isCertain, request);
  }
  const weakest = relevant.find(({ judgement }) => judgement.holds !== 'yes') ?? relevant[0];
  if (weakest === undefined) return decideUnknown('Its registry binds a driver that was not looked at.');
  return judgeEnumeration(weakest, chosen.length > 0, request);
}

/** Given a service that holds as far as it was seen, whether Windows has ever used one for such a disk. */
function judgeEnumeration({ name, judgement }: Judged, isChosen: boolean, request: ServicesRequest): DriverDecision {
  const { diskId, enumerated } = request;
  // A disk that is there, and that Windows has met without starting this driver for it, speaks against it.
  const counts = isChosen || !hasBeenMet(request);
  const isAttached = counts && request.attached.has(diskId);
  const isInUse = (counts && request.inUse.has(diskId)) || (isChosen && isAttached);
  const driver = `Its driver '${shorten(name)}'`;
  if (judgement.holds === 'unsigned') return decideLikely(`${driver} ${judgement.reason}.`, signHint(request));
  if (judgement.holds === 'unseen' && !isInUse) return decideLikely(`${driver} ${judgement.reason}.`, READ_FILES_HINT);
  const knows = `${driver} starts at boot, knows virtio disks of id ${diskId}`;
  if (isInUse) return decideProven(`${knows} and is in use for one now.`);
  if (isChosen) return decideProven(`${knows} and has been bound to one before.`);
  if (isAttached) return decideProven(`${knows}, and the guest has one now.`);
  const reason = enumerated instanceof UnreadableError ? ` (${shorten(enumerated.message)})` : '';
  return decideLikely(`${knows}, but was not seen bound to one${reason}.`, bindHint(request.guest));
}

function describeFailure({ name, judgement }: Judged, isCertain: boolean, request: ServicesRequest): DriverDecision {
  const summary = `Its driver '${shorten(name)}' ${judgement.reason}.`;
  const { fault } = judgement;
  if (fault === undefined) return decideUnknown(summary);
  const hint = faultHint(fault, name, request);
  return isCertain ? decideRefuted(summary, lackCode(fault), hint) : decideUnknown(summary, hint);
}

function hasBeenMet({ enumerated, diskId }: ServicesRequest): boolean {
  return !(enumerated instanceof UnreadableError) && enumerated.some(({ id }) => id === diskId);
}

function hasBeenBound(service: string, { enumerated, diskId }: ServicesRequest): boolean {
  if (enumerated instanceof UnreadableError) return false;
  return enumerated.some(
    (disk) => disk.id === diskId && !disk.hasFailed && disk.service?.toLowerCase() === service.toLowerCase(),
  );
}
