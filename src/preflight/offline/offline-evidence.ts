import { systemErrorCode } from '../../error.ts';
import { GuestfsError } from '../../guestfs/guestfs-error.ts';
import type { Session } from '../../virsh/session.ts';
import type { Testimony } from '../evidence.ts';
import type { Judgement } from '../judgement.ts';
import { shorten } from '../shorten.ts';
import { nvramPath, readNvram } from '../uefi/read-nvram.ts';
import { inspectDisks } from './inspect-disks.ts';
import { imagesIdentity, isEmulated, locateImages } from './locate-images.ts';

/** Where a judgement is kept for as long as a guest's disks are what they were. */
export interface KeptInspections {
  read(identity: string): Promise<Judgement | undefined>;
  keep(identity: string, judgement: Judgement): Promise<void>;
}

export interface OfflineRequest {
  readonly name: string;
  readonly definition: string;
  /** Whether something holds what is not on its disks yet: a running, paused or saved instance. */
  readonly inUse: boolean;
  /** Have the running guest write out what it holds in memory. @returns whether it did. */
  readonly flush: () => Promise<boolean>;
  readonly kept: KeptInspections;
  readonly interrupted: AbortSignal;
}

/**
 * Look into a guest's disks from the host, whether it is off or runs. Read-only; never throws for what the guest has.
 * What a running guest has not written out is not seen: then the evidence is stale.
 */
export async function offlineEvidence(session: Session, request: OfflineRequest): Promise<Testimony> {
  const { name, definition, inUse, flush, kept, interrupted } = request;
  try {
    const images = await locateImages(session, definition);
    const store = await readStore(definition);
    const identity = inUse ? undefined : imagesIdentity(images, store);
    const known = identity === undefined ? undefined : await kept.read(identity);
    if (known !== undefined) return testify(known, false);
    const isFlushed = !inUse || (await flush());
    const judgement = await inspectDisks(
      images,
      { name, definition, store },
      { emulates: isEmulated(definition), interrupted },
    );
    // It may have been started meanwhile.
    const isSame =
      identity === undefined ||
      identity === imagesIdentity(await locateImages(session, definition), await readStore(definition));
    if (identity !== undefined && isSame) await kept.keep(identity, judgement);
    return testify(judgement, !isFlushed || !isSame);
  } catch (error) {
    if (error instanceof GuestfsError) return notInspected(error);
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return notInspected(new GuestfsError('refused', `there is no room for what is copied out of them (${code})`));
  }
}

/** Without them, only what a firmware starts by itself counts. */
export async function readStore(definition: string): Promise<Buffer | undefined> {
  const path = nvramPath(definition);
  return path === undefined ? undefined : readNvram(path).catch(() => undefined);
}

function testify({ verdict, summary, facts, isFinal, stale, ...rest }: Judgement, isOld: boolean): Testimony {
  const evidence = { source: 'offline' as const, verdict, summary, facts };
  const reasons = [...(stale === undefined ? [] : [stale]), ...(isOld && isFinal !== true ? [IN_USE] : [])];
  if (reasons.length === 0) return { evidence, ...rest };
  const warnings = reasons.map((message) => ({ code: 'stale-evidence' as const, message }));
  return { ...rest, evidence: { ...evidence, stale: true }, warnings: [...rest.warnings, ...warnings] };
}

const IN_USE =
  'Its disks were read while the guest was using them, so what it has not written out was not seen: they prove nothing. With --restart they are read again while it is off.';

function notInspected(error: GuestfsError): Testimony {
  const summary = `Its disks could not be inspected: ${shorten(error.message)}.`;
  const hint = HINTS[error.kind];
  return {
    evidence: { source: 'offline', verdict: 'unknown', summary, facts: {} },
    ...(hint === undefined ? {} : { hint }),
    refusals: [],
    warnings: [],
  };
}

const TRY_LIBGUESTFS =
  "'libguestfs-test-tool' shows whether libguestfs works here; where there is no working KVM, LIBGUESTFS_BACKEND_SETTINGS=force_tcg helps.";

const HINTS: Readonly<Partial<Record<GuestfsError['kind'], string>>> = {
  missing:
    'To inspect disks, install libguestfs and hivex (Debian, Ubuntu: libguestfs-tools libhivex-bin; RHEL, Fedora, SUSE: guestfs-tools hivex).',
  timeout: TRY_LIBGUESTFS,
  ended: TRY_LIBGUESTFS,
};
