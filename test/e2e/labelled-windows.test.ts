import { afterAll, beforeAll, describe } from '@jest/globals';
import { type Comparison, compareAll, confusionTable } from '../labelled/compare.ts';
import { itAnswersAsLabelled } from '../labelled/expectations.ts';
import { createLabelledHost, type LabelledHost } from '../labelled/labelled-host.ts';
import { makeNtfsVolumes } from '../labelled/windows/ntfs-volumes.ts';
import { onDisks } from '../labelled/windows/windows-guests.ts';

const DEADLINE_MS = 3_600_000;

let host: LabelledHost | undefined;
let comparisons: readonly Comparison[];

beforeAll(async () => {
  host = await createLabelledHost(onDisks, makeNtfsVolumes);
  comparisons = compareAll(onDisks, await host.preflight());
  process.stderr.write(`Windows, shut off:\n${confusionTable(comparisons)}\n`);
}, DEADLINE_MS);

afterAll(async () => host?.dispose());

describe('guests with Windows that are off', () => {
  itAnswersAsLabelled(onDisks, (name) => comparisons.filter((one) => name === undefined || one.name === name));
});
