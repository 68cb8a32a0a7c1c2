import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changeDefinition } from '../../../src/conversion/change-definition.ts';
import { recoverAll } from '../../../src/conversion/recover.ts';
import { changeFiles } from '../../../src/store/change-files.ts';
import { findUnfinished, readJournal } from '../../../src/store/journal.ts';
import { describeDisks, type Manners } from './fake-guest.ts';
import type { Fault } from './fake-libvirt.ts';
import { createOneGuestLibvirt, GUEST } from './one-guest-libvirt.ts';
import { changeOf, findWrongs, NEW, OLD, play, type Scenario, survive, wrongsOf } from './restart-story.ts';

const scenario: fc.Arbitrary<Omit<Scenario, 'faults'>> = fc.record({
  work: fc.constantFrom('convert', 'restart'),
  mode: fc.constantFrom('graceful', 'force'),
  shutdown: fc.constantFrom('goes off', 'stays', 'late'),
  boot: fc.constantFrom('up', 'writes', 'writes at last', 'silent', 'goes off'),
});

/** A libvirtd that dies costs a pause of real time: it has tests of its own below. */
const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constantFrom('kill before command', 'kill after command'), at: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constantFrom('kill after line', 'journal full'), at: fc.integer({ min: 1, max: 11 }) }),
);

const plain = { work: 'convert', mode: 'graceful', shutdown: 'goes off', boot: 'up' } as const;

describe('a guest of a recorded fake libvirt that is restarted with its disks changed', () => {
  it.each([
    ['convert', 'goes off', 'up', 'running vda on virtio'],
    ['convert', 'goes off', 'writes', 'running vda on virtio'],
    ['convert', 'goes off', 'writes at last', 'running vda on virtio'],
    ['convert', 'goes off', 'silent', 'running hda on ide'],
    ['convert', 'goes off', 'goes off', 'running hda on ide'],
    ['convert', 'stays', 'up', 'running hda on ide'],
    ['convert', 'late', 'up', 'running hda on ide'],
    ['restart', 'goes off', 'up', 'running vda on virtio'],
    ['restart', 'goes off', 'silent', 'running hda on ide'],
    ['restart', 'late', 'up', 'running vda on virtio'],
  ] as const)('(%s, it %s, then %s) ends as %s where nothing goes wrong', async (work, shutdown, boot, expected) => {
    const story = { work, mode: 'graceful', shutdown, boot, faults: [], isPatient: true } as const;
    const libvirt = await play(story);
    const { stands } = libvirt.guest;
    const wrongs = await findWrongs(libvirt, story);
    await libvirt.dispose();
    expect({ stands, wrongs }).toEqual({ stands: expected, wrongs: [] });
  });

  it('runs, wholly old or wholly new, and never lost its power while it wrote, wherever the run was interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, anyFault, async (base, first) => {
        fc.pre(base.work === 'convert' || first.kind !== 'journal full'); // see below
        expect(await wrongsOf({ ...base, faults: [first] })).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('does so wherever libvirtd dies and comes back', async () => {
    const lost = (['command lost', 'answer lost'] as const).flatMap((kind) =>
      [1, 2, 3, 4, 5, 6].map((at): Fault => ({ kind, at })),
    );
    const stories = (['up', 'writes at last', 'silent'] as const).flatMap((boot) =>
      lost.map((one): Scenario => ({ ...plain, boot, faults: [one] })),
    );
    const wrong = await Promise.all(stories.map(async (story) => ({ ...story, wrongs: await wrongsOf(story) })));
    expect(wrong.filter(({ wrongs }) => wrongs.length > 0)).toEqual([]);
  }, 60_000);

  it('does so wherever the recovery is interrupted as well', async () => {
    const two = (...faults: Fault[]): Fault[] => faults;
    await fc.assert(
      fc.asyncProperty(scenario, fc.array(anyFault, { minLength: 1, maxLength: 3 }), async (base, faults) => {
        expect(await wrongsOf({ ...base, faults })).toEqual([]);
      }),
      {
        numRuns: 60,
        endOnFailure: true,
        examples: [
          // The one that goes off late is about to be started: its steps are forgotten (findUnfinished).
          [{ ...plain, shutdown: 'late' }, two({ kind: 'kill after line', at: 4 }, { kind: 'kill after line', at: 1 })],
          // A libvirtd that was started anew counts its instances from 1: the new one is taken for the old (stillRuns).
          [{ ...plain, boot: 'silent' }, two({ kind: 'kill after line', at: 5 }, { kind: 'kill after line', at: 2 })],
          // `undo` is not in the journal, and nobody looks which definition a pending guest has (isToBeFoundOut).
          [{ ...plain, work: 'restart', boot: 'silent' }, two({ kind: 'journal full', at: 4 })],
        ],
      },
    );
  }, 60_000);
});

describe('a guest of a recorded fake libvirt whose restart was interrupted', () => {
  const silent = { ...plain, boot: 'silent', faults: [] } as const;

  /** The run is killed at the guest's first start, so that the guest is off and wanted running. */
  const killedAtStart = { kind: 'kill before command', at: 3 } as const;

  async function interruptedRun(manners: Manners = plain) {
    const libvirt = await createOneGuestLibvirt(OLD, OLD, manners);
    await survive(async () => changeDefinition(libvirt.openRun(killedAtStart), await changeOf('convert', 'graceful')));
    expect(libvirt.guest.stands).toBe('off');
    const [open] = findUnfinished(await readJournal(libvirt.places.journal));
    return { libvirt, open, files: changeFiles(libvirt.places.backups, GUEST.uuid, open?.id ?? '') };
  }

  it('and that was undefined since is told once, and not at each run for ever', async () => {
    const { libvirt } = await interruptedRun();
    libvirt.guest.isGone = true;
    await recoverAll(libvirt.openRun());
    expect(await recoverAll(libvirt.openRun())).toEqual([]);
    await libvirt.dispose();
  });

  it('is not forgotten while it is off because its record was removed', async () => {
    const libvirt = await createOneGuestLibvirt(OLD, OLD, plain);
    const fault = { kind: 'kill after command', at: 1 } as const;
    await survive(async () => changeDefinition(libvirt.openRun(fault), await changeOf('convert', 'graceful')));
    const [open] = findUnfinished(await readJournal(libvirt.places.journal));
    await rm(changeFiles(libvirt.places.backups, GUEST.uuid, open?.id ?? '').record);
    const [result] = await recoverAll(libvirt.openRun());
    const told = { stands: libvirt.guest.stands, outcome: result?.outcome };
    await libvirt.dispose();
    expect(told).toEqual({ stands: 'off', outcome: 'needs-attention' });
  });

  it.each([
    ['of the whole', '</domain>', '<title>mine</title></domain>', '<title>mine</title>'],
    [
      'of its disks',
      '</devices>',
      "<disk type='file' device='disk'><source file='/mine'/><target dev='vdb' bus='virtio'/></disk></devices>",
      '/mine',
    ],
  ])('and that was edited since keeps the edit %s where it does not come up', async (_, place, edit, kept) => {
    const { libvirt } = await interruptedRun(silent);
    libvirt.guest.definition = libvirt.guest.definition.replace(place, edit);
    await recoverAll(libvirt.openRun());
    const { stands, definition } = libvirt.guest;
    await libvirt.dispose();
    expect(stands).toContain('hda on ide');
    expect(definition).toContain(kept);
  });

  it('and whose definition is neither old nor new is told to be off', async () => {
    const { libvirt } = await interruptedRun();
    libvirt.guest.definition = libvirt.guest.definition.replace("dev='vda'", "dev='vdz'");
    const [result] = await recoverAll(libvirt.openRun());
    await libvirt.dispose();
    expect(result).toMatchObject({
      outcome: 'needs-attention',
      warnings: [{ code: 'not-started', message: expect.stringMatching(/is off now.*virsh start guest/) }],
    });
  });

  it('gets the UEFI variables of its old disks back even where it was killed right before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtioize-variables-'));
    const path = join(folder, 'VARS.fd');
    await writeFile(path, 'as they were');
    const withVariables = (text: string): string => text.replace('<boot ', `<nvram>${path}</nvram><boot `);
    const libvirt = await createOneGuestLibvirt(withVariables(OLD), withVariables(OLD), silent);
    const change = {
      ...(await changeOf('convert', 'graceful')),
      before: withVariables(OLD),
      after: withVariables(NEW),
      nvram: { path, content: Buffer.from('as they were') },
    };
    // shutdown, define, start, suspend, destroy, define
    const fault = { kind: 'kill after command', at: 6 } as const;
    await survive(() => changeDefinition(libvirt.openRun(fault), change));
    expect(libvirt.guest.definition).toBe(change.before);
    libvirt.guest.meanwhile = (command) => {
      if (command === 'start') found.push(readFileSync(path, 'utf8'));
    };
    const found: string[] = [];
    await recoverAll(libvirt.openRun());
    await libvirt.dispose();
    await rm(folder, { recursive: true });
    expect(found).toEqual(['as they were']);
  });
});

describe('a guest of a recorded fake libvirt whose driver is proven while it is off', () => {
  const failing = async () => {
    throw new TypeError('a bug');
  };

  it('runs again as it was where the proof itself fails', async () => {
    const libvirt = await createOneGuestLibvirt(OLD, OLD, plain);
    const change = { ...(await changeOf('convert', 'graceful')), proveWhileOff: failing };
    await expect(changeDefinition(libvirt.openRun(), change)).rejects.toThrow('a bug');
    const { stands, commands } = libvirt.guest;
    await libvirt.dispose();
    expect({ stands, commands }).toEqual({ stands: 'running hda on ide', commands: ['shutdown', 'start'] });
  });
});

describe('a guest of a recorded fake libvirt that somebody else works on', () => {
  it('while it writes is not powered off where a job keeps libvirt from telling so', async () => {
    const libvirt = await createOneGuestLibvirt(OLD, OLD, { ...plain, boot: 'writes' });
    libvirt.guest.meanwhile = (command) => {
      if (command === 'start') libvirt.guest.isHeld = true;
    };
    await changeDefinition(libvirt.openRun(), await changeOf('convert', 'graceful'));
    const { crimes } = libvirt.guest;
    await libvirt.dispose();
    expect(crimes).toEqual([]);
  });

  it('and that is started between the last look and define is not left with other names than it runs with', async () => {
    const libvirt = await createOneGuestLibvirt(OLD, OLD, plain);
    libvirt.guest.meanwhile = (command) => {
      if (command === 'define') libvirt.guest.startByHand();
    };
    await changeDefinition(libvirt.openRun(), await changeOf('convert', 'graceful'));
    const { stands, definition } = libvirt.guest;
    await libvirt.dispose();
    expect({ stands, definition: describeDisks(definition) }).toEqual({
      stands: 'running hda on ide',
      definition: 'hda on ide',
    });
  });

  it('and that a later run has converted is not waited for any more because of an earlier one', async () => {
    const libvirt = await createOneGuestLibvirt(OLD, OLD, { ...plain, shutdown: 'stays' }, { mayForce: true });
    await changeDefinition(libvirt.openRun(), await changeOf('convert', 'graceful'));
    await recoverAll(libvirt.openRun());
    await changeDefinition(libvirt.openRun(), await changeOf('convert', 'force'));
    expect(libvirt.guest.stands).toBe('running vda on virtio');
    libvirt.guest.instance = undefined; // its admin has shut it down, for good
    const results = await recoverAll(libvirt.openRun());
    const { stands } = libvirt.guest;
    await libvirt.dispose();
    expect({ stands, results }).toEqual({ stands: 'off', results: [] });
  });

  it('and whose record of an ignored shutdown is damaged does not keep all runs from starting', async () => {
    const libvirt = await createOneGuestLibvirt(OLD, OLD, { ...plain, shutdown: 'stays' });
    const { id } = await changeDefinition(libvirt.openRun(), await changeOf('convert', 'graceful'));
    await writeFile(changeFiles(libvirt.places.backups, GUEST.uuid, id).record, '{');
    const results = await recoverAll(libvirt.openRun());
    await libvirt.dispose();
    expect(results).toMatchObject([{ outcome: 'needs-attention', error: { code: 'record-unreadable' } }]);
  });
});
