import { cloneDefinition } from '../../domain/clone.ts';
import { readDiskData } from '../../domain/disk-data.ts';
import { readDefinition } from '../../domain/xml.ts';
import { GuestfsError } from '../../guestfs/guestfs-error.ts';
import type { Testimony } from '../../preflight/evidence.ts';
import { imagesIdentity, locateImages } from '../../preflight/offline/locate-images.ts';
import { readStore } from '../../preflight/offline/offline-evidence.ts';
import { isUndecided } from '../../preflight/weigh.ts';
import type { Session } from '../../virsh/session.ts';
import { isKept, type KeptJudgements, keptJudgements } from '../kept-judgements.ts';
import { type HostContext, isChangeContext } from '../run-context.ts';
import type { RehearsalJudgement } from './judge-rehearsal.ts';
import { type RehearsalOptions, type RehearsalSubject, rehearse } from './rehearse.ts';

/**
 * What a rehearsal says of a guest that is off: one that was done, where its disks are what they were then; else, where
 * that is asked for, a new one.
 * @param earlier what cheaper sources say.
 * @returns undefined where there is none, and none is asked for.
 */
export async function rehearsalEvidence(
  context: HostContext,
  subject: Omit<RehearsalSubject, 'namesAreKnown'> & { readonly writes: boolean },
  earlier: readonly Testimony[],
  options: RehearsalOptions | undefined,
): Promise<Testimony | undefined> {
  const { guest, after, writes } = subject;
  const of = { guest: guest.uuid, kept: 'rehearsal' } as const;
  if (options === undefined && !(await isKept(context, of))) return undefined;
  const kept = keptJudgements(context, { ...of, parts: () => partsOf(after), writes });
  const before = await identify(context.session, after);
  const known = before === undefined ? undefined : await kept.read(before);
  if (known !== undefined && options?.when !== 'always') return testify(known);
  const isAsked = options?.when === 'always' || (options !== undefined && isUndecided(earlier));
  if (!isAsked || !isChangeContext(context)) return undefined;
  const judgement = await rehearse(context, { ...subject, namesAreKnown: earlier.some(hasRead) }, options);
  if (before !== undefined) await keep(kept, judgement, { before, now: await identify(context.session, after) });
  return testify(judgement);
}

/** Whether a source has read the guest's own files. */
function hasRead({ evidence }: Testimony): boolean {
  return (evidence.source === 'agent' || evidence.source === 'offline') && evidence.verdict !== 'unknown';
}

/** One that came to nothing may come to something next time; and one of disks that were written to meanwhile is old. */
async function keep(
  kept: KeptJudgements,
  { hint: _, ...judgement }: RehearsalJudgement,
  { before, now }: { readonly before: string; readonly now: string | undefined },
): Promise<void> {
  if (judgement.verdict === 'unknown' || now === undefined) return;
  if (withoutOwnership(now) === withoutOwnership(before)) await kept.keep(now, judgement);
}

/** Undefined where the disks can't be told apart from others, or not be read. */
async function identify(session: Session, definition: string): Promise<string | undefined> {
  try {
    return imagesIdentity(await locateImages(session, definition), await readStore(definition));
  } catch (error) {
    if (error instanceof GuestfsError) return undefined;
    throw error;
  }
}

/** libvirt gives images to QEMU's user, and they are given back: that changes when they were last changed, not what they hold. */
function withoutOwnership(identity: string): string {
  return identity.replace(/\|\d+$/gm, '');
}

/** What decides how a clone boots, its disks apart: no passwords, and nothing that a clone goes without. */
function partsOf(after: string): string {
  const overlays = new Map(readDiskData(readDefinition(after)).map(({ target }) => [target, '']));
  return cloneDefinition(after, { name: '', uuid: '', overlays, nvram: '', console: '' }).definition;
}

function testify({ verdict, summary, facts, isFinal: _, stale: __, ...rest }: RehearsalJudgement): Testimony {
  return { evidence: { source: 'rehearsal', verdict, summary, facts }, ...rest };
}
