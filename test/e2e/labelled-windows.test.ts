import { afterAll, beforeAll, describe } from '@jest/globals';
import { type Comparison, compareAll, confusionTable } from '../labelled/compare.ts';
import { itAnswersAsLabelled } from '../labelled/expectations.ts';
import { createLabelledHost, type LabelledHost } from '../labelled/labelled-host.ts';
import { makeNtfsVolumes } from '../labelled/windows/ntfs-volumes.ts';
import { windowsGuests } from '../labelled/windows/windows-guests.ts';

const DEADLINE_MS = 3_600_000;

let host: LabelledHost | undefined;
let comparisons: readonly Comparison[];

beforeAll(async () => {
  host = await createLabelledHost(windowsGuests, makeNtfsVolumes);
  comparisons = compareAll(windowsGuests, await host.preflight());
  process.stderr.write(`Windows, shut off:\n${confusionTable(comparisons)}\n`);
}, DEADLINE_MS);

afterAll(async () => host?.dispose());

describe('guests with Windows that are off', () => {
  itAnswersAsLabelled(windowsGuests, (name) => comparisons.filter((one) => name === undefined || one.name === name));
});
