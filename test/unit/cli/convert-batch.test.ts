import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FakeGuest } from '../conversion/fake-guest.ts';
import { useVirtualClock } from '../virtual-clock.ts';
import { editByHand, type GuestStory, type Mishap } from './batch-guest.ts';
import { type BatchStory, createBatchHost, goOnInPeace, type Run } from './batch-story.ts';
import { findRestless, findUndone, findWrongs } from './batch-wrongs.ts';

useVirtualClock();

const anyMishap: fc.Arbitrary<Mishap> = fc.oneof(
  fc.record({ kind: fc.constantFrom('edited', 'undefined'), at: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('dump gives nonsense'), at: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('define is refused'), at: fc.integer({ min: 1, max: 2 }) }),
);

const anyGuest: fc.Arbitrary<GuestStory> = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('off', 'running', 'pending') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'paused',
        'transient',
        'saved',
        'compliant',
        'compliant and off',
        'pending by hand',
        'unproven',
        'waived',
      ),
    },
  ),
  disks: fc.constantFrom(1, 2),
  shutdown: fc.oneof(
    { weight: 2, arbitrary: fc.constant('goes off') },
    { weight: 1, arbitrary: fc.constantFrom('stays', 'late') },
  ),
  boot: fc.oneof(
    { weight: 2, arbitrary: fc.constant('up') },
    { weight: 1, arbitrary: fc.constantFrom('writes', 'writes at last', 'silent', 'goes off') },
  ),
  mishap: fc.option(anyMishap, { nil: undefined, freq: 2 }),
});

const anyFault = fc.oneof(
  fc.record({ kind: fc.constantFrom('journal full', 'backup full'), at: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ kind: fc.constantFrom('virsh ends', 'interrupt'), at: fc.integer({ min: 1, max: 80 }) }),
  fc.record({ kind: fc.constantFrom('command lost', 'answer lost'), at: fc.integer({ min: 1, max: 12 }) }),
);

const anyStory: fc.Arbitrary<BatchStory> = fc.record({
  guests: fc.array(anyGuest, { minLength: 1, maxLength: 4 }),
  restart: fc.constantFrom('never', 'graceful', 'graceful', 'force'),
  maxFailures: fc.constantFrom(undefined, 1, 2, 100),
  jobs: fc.integer({ min: 1, max: 3 }),
  bootTimeout: fc.constantFrom('12s', '45s'),
  fault: fc.option(anyFault, { nil: undefined, freq: 2 }),
});

describe('a batch on a recorded fake libvirt, whatever its guests are and whatever goes wrong', () => {
  it('tells of each guest once, in their order, what has become of it', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async (one) => {
        const host = await createBatchHost(one);
        const run = await host.run(one.fault);
        await host.dispose();
        expect([...findWrongs(one, run), ...host.guests.flatMap(({ crimes }) => crimes)]).toEqual([]);
      }),
      { numRuns: 50 },
    );
  }, 120_000);

  it('begins no guest any more once so many have failed', async () => {
    const ready = anyGuest.map((one) => ({ ...one, kind: 'running' as const, mishap: undefined }));
    const batch = fc.record({
      guests: fc.array(ready, { minLength: 3, maxLength: 5 }),
      restart: fc.constant('graceful' as const),
      maxFailures: fc.constantFrom(undefined, 1, 2),
      jobs: fc.integer({ min: 1, max: 2 }),
      bootTimeout: fc.constant('12s' as const),
      fault: fc.constant(undefined),
    });
    await fc.assert(
      fc.asyncProperty(batch, async (one) => {
        const host = await createBatchHost(one);
        const run = await host.run();
        await host.dispose();
        expect(findWrongs(one, run)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it('does to each guest what it would do to it without the others', async () => {
    // Without a plan that is made anew, for then a mishap comes at another of its guest's steps.
    const common = { maxFailures: 100, bootTimeout: '12s', fault: undefined } as const;
    const batch = anyStory.map((one) => ({ ...one, ...common }));
    await fc.assert(
      fc.asyncProperty(batch, fc.nat(3), async (one, n) => {
        const left = n % one.guests.length;
        const [all, others] = [await createBatchHost(one), await createBatchHost(one, new Set([left]))];
        const ends = [await all.run(), await others.run()].map((run) =>
          endsOf(run).filter(([name]) => name !== `g${left}`),
        );
        await Promise.all([all.dispose(), others.dispose()]);
        expect(ends[0]).toEqual(ends[1]);
      }),
      { numRuns: 20 },
    );
  }, 120_000);

  it('is brought to its end by the next run, and then there is nothing left to do', async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async (one) => {
        const host = await createBatchHost(one);
        const first = await host.run(one.fault);
        await goOnInPeace(host);
        const second = await host.run();
        await goOnInPeace(host);
        const third = await host.run();
        await host.dispose();
        expect([...findUndone(one, first, second), ...findRestless(second, third)]).toEqual([]);
      }),
      { numRuns: 30 },
    );
  }, 120_000);
});

const ALONE = { restart: 'graceful', maxFailures: undefined, jobs: 1, bootTimeout: '45s' } as const;

describe('a guest of a recorded fake libvirt that somebody else works on during a batch', () => {
  const restarted = async (story: Partial<GuestStory>, meanwhile: (command: string, guest: FakeGuest) => void) => {
    const one = { kind: 'running', disks: 1, shutdown: 'goes off', boot: 'up', mishap: undefined, ...story } as const;
    const host = await createBatchHost({ ...ALONE, guests: [one] });
    for (const guest of host.guests) {
      guest.meanwhile = (command) => {
        meanwhile(command, guest);
        return undefined;
      };
    }
    const { report, after, commands } = await host.run();
    await host.dispose();
    return { result: report?.guests[0], after: after[0], commands };
  };
  const editAtShutdown = (command: string, guest: FakeGuest): void => {
    if (command === 'shutdown') editByHand(guest);
  };

  it('was pending, is edited while it goes off, and is told to run with its new disks, as it does', async () => {
    const { result, after } = await restarted({ kind: 'pending' }, editAtShutdown);
    expect(result).toMatchObject({ outcome: 'converted', restart: 'verified' });
    expect(after).toMatchObject({ stands: 'running hda on virtio', hasLostEdit: false });
  });

  it('was pending, is edited while it goes off, does not come up, and keeps the edit as it is put back', async () => {
    const { result, after } = await restarted({ kind: 'pending', boot: 'silent' }, editAtShutdown);
    expect(result).toMatchObject({ outcome: 'rolled-back' });
    expect(after).toMatchObject({ stands: 'running hda on ide', hasLostEdit: false });
  });

  it('is edited before what was defined is read back, does not come up, and keeps the edit as it is put back', async () => {
    const { result, after } = await restarted({ boot: 'silent' }, (command, guest) => {
      if (command === 'dumpxml' && guest.commands.at(-1) === 'define' && !guest.commands.includes('start'))
        editByHand(guest);
    });
    expect(result).toMatchObject({ outcome: 'rolled-back' });
    expect(after).toMatchObject({ stands: 'running hda on ide', hasLostEdit: false });
  });

  it('is undefined between plan and change, and is not shut down, for it would be gone', async () => {
    const { result, after, commands } = await restarted({}, (command, guest) => {
      if (command === 'domjobinfo') guest.undefineByHand();
    });
    expect(result).toMatchObject({ outcome: 'refused', refusals: [{ code: 'definition-changed' }] });
    expect({ stands: after?.stands, commands }).toEqual({ stands: 'running hda on ide', commands: [] });
  });
});

function endsOf({ report, error, after }: Run): unknown[][] {
  return after.map(({ name, definition, stands, isGone, isTransient }, n) => {
    const { outcome, restart, refusals, error: own = error } = report?.guests[n] ?? {};
    const codes = refusals?.map(({ code }) => code);
    return [name, outcome, restart, codes, own?.code, definition, stands, isGone, isTransient];
  });
}
