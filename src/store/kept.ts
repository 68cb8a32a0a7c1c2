import { readEvidence, type StoredEvidence } from './evidence.ts';
import { listFolder, readGuestRecords } from './past-records.ts';
import type { ChangeRecord } from './record.ts';
import type { HostPlaces } from './state-dir.ts';

/** What is kept about guests, by UUID, for whoever looks at all of them and changes none. */
export interface Kept {
  /** @throws VirtioizeError `record-unreadable` */
  records(guestUuid: string): Promise<ChangeRecord[]>;
  evidence(guestUuid: string): Promise<StoredEvidence | undefined>;
}

const NONE: ReadonlySet<string> = new Set();

/** Of most guests nothing is kept: which ones have something is looked up once. */
export function createKept({ backups, evidence }: Pick<HostPlaces, 'backups' | 'evidence'>): Kept {
  const namesIn = (folder: string): (() => Promise<ReadonlySet<string>>) => {
    let names: Promise<ReadonlySet<string>> | undefined;
    return () => {
      names ??= listFolder(folder).then((list) => new Set(list));
      return names;
    };
  };
  const [withRecords, withEvidence] = [namesIn(backups), namesIn(evidence)];
  return {
    records: async (uuid) => ((await withRecords()).has(uuid) ? readGuestRecords(backups, uuid) : []),
    evidence: async (uuid) =>
      (await withEvidence().catch(() => NONE)).has(`${uuid}.json`) ? readEvidence(evidence, uuid) : undefined,
  };
}
