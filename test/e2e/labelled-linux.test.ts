import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BootedGuest, bootAll } from '../labelled/boot-all.ts';
import { type Comparison, compareAll, confusionTable } from '../labelled/compare.ts';
import { itAnswersAsLabelled } from '../labelled/expectations.ts';
import { createLabelledHost, type LabelledHost } from '../labelled/labelled-host.ts';
import { linuxGuests } from '../labelled/linux/linux-guests.ts';
import { makeLinuxStock } from '../labelled/linux/linux-stock.ts';

const DEADLINE_MS = 3_600_000;

let host: LabelledHost | undefined;
let booted: ReadonlyMap<string, BootedGuest>;
let comparisons: readonly Comparison[];

beforeAll(async () => {
  host = await createLabelledHost(linuxGuests, makeLinuxStock);
  booted = await bootAll(linuxGuests, host.images);
  comparisons = compareAll(linuxGuests, await host.preflight());
  process.stderr.write(`Linux and others, shut off:\n${confusionTable(comparisons)}\n`);
}, DEADLINE_MS);

afterAll(async () => host?.dispose());

describe('guests with Linux that are off', () => {
  const known = linuxGuests.filter(({ label }) => label.known === 'booted');

  it.each(known.filter(({ label }) => label.is === 'ready'))('$name really boots from virtio', ({ name }) => {
    expect(booted.get(name)?.onVirtio).toBe(true);
  });

  it.each(known.filter(({ label }) => label.is === 'not ready'))(
    '$name really boots, but not from virtio',
    ({ name }) => {
      expect(booted.get(name)).toEqual({ onVirtio: false, onItsOwnBus: true });
    },
  );

  itAnswersAsLabelled(linuxGuests, (name) => comparisons.filter((one) => name === undefined || one.name === name));
});
