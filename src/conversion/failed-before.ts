import type { Refusal } from '../domain/finding.ts';
import type { Evidence } from '../preflight/evidence.ts';
import { changeFiles } from '../store/change-files.ts';
import { readIfPresent } from '../store/durable-file.ts';
import type { ChangeRecord, EvidenceEntry } from '../store/record.ts';
import { judgedParts } from './judged-parts.ts';
import { failedConversion } from './past-conversions.ts';
import type { HostContext } from './run-context.ts';

/**
 * Whether the guest, as it is, was already seen not to come up with virtio disks: trying again every night would take it
 * down every night. It is tried again once its definition, or what is known of its system, has changed.
 */
export async function failedBefore(
  { places }: Pick<HostContext, 'places'>,
  { uuid, definition }: { readonly uuid: string; readonly definition: string },
  records: readonly ChangeRecord[],
  evidence: readonly Evidence[],
): Promise<Refusal[]> {
  const last = failedConversion(records);
  if (last === undefined || !knowsTheSame(last.evidence, evidence)) return [];
  const files = changeFiles(places.backups, uuid, last.id);
  const putBack = (await readIfPresent(files.undo)) ?? (await readIfPresent(files.before));
  if (putBack === undefined || judgedParts(putBack) !== judgedParts(definition)) return [];
  return [
    {
      code: 'failed-before',
      message: `It did not come up with virtio disks when that was tried on ${last.startedAt}, and nothing has changed since.`,
      hint: `See what its screen and console showed (${files.folder}) and mend that inside the guest; --accept failed-before --reason TEXT tries again as it is.`,
    },
  ];
}

/** One that only restarted a pending guest asked for no evidence. */
function knowsTheSame(then: readonly EvidenceEntry[], now: readonly Evidence[]): boolean {
  return then.length === 0 || fingerprint(then) === fingerprint(now);
}

const byName = ([one]: [string, string], [other]: [string, string]): number => one.localeCompare(other);

function fingerprint(evidence: readonly EvidenceEntry[]): string {
  return JSON.stringify(
    evidence.map(({ source, verdict, facts }) => [source, verdict, Object.entries(facts).sort(byName)]),
  );
}
