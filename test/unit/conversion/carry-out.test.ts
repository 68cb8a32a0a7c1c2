import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { carryOut, type Work } from '../../../src/conversion/carry-out.ts';
import type { GuestFacts } from '../../../src/conversion/guest-facts.ts';
import { emptyResult, type GuestResult, type Outcome } from '../../../src/conversion/result.ts';
import type { ChangeContext } from '../../../src/conversion/run-context.ts';
import { type ErrorCode, VirtioizeError } from '../../../src/error.ts';
import { createSurvey } from '../../../src/virsh/survey.ts';

interface Plan {
  readonly facts: GuestFacts;
}

const ids = (...names: string[]) =>
  names.map((name) => ({
    name,
    uuid: `00000000-0000-0000-0000-${Buffer.from(name).toString('hex').padStart(12, '0')}`,
  }));

/** A host that lists recorded guests; nothing else is asked of it. */
function fakeHost(names: readonly string[], interrupted = new AbortController().signal): ChangeContext {
  const lines = ids(...names).map(({ name, uuid }) => `${uuid} ${name}`);
  const session = {
    uri: 'test:///fake',
    run: async () => ({ stdout: lines.join('\n'), errors: [] }),
    outlivesReader: true,
    isOver: () => false,
    close: async () => {},
  };
  return { session, survey: createSurvey(session), interrupted } as unknown as ChangeContext;
}

const ALL = { guests: [], all: true, exclude: [], state: undefined };

function result(name: string, outcome: Outcome, more: Partial<GuestResult> = {}): GuestResult {
  return { ...emptyResult(ids(name)[0] ?? { name, uuid: '' }), outcome, ...more };
}

type Doing = (name: string) => Promise<GuestResult>;

function work(run: Doing, more: Partial<Work<Plan>> = {}): Work<Plan> {
  return {
    plan: async (guest) => ({ facts: { ...guest } as GuestFacts }),
    asPlanned: ({ facts }) => result(facts.name, 'planned'),
    run: ({ facts }) => run(facts.name),
    confirm: async () => true,
    onResult: () => {},
    recovered: [],
    planJobs: 1,
    jobs: 1,
    maxFailures: Number.POSITIVE_INFINITY,
    isFailure: ({ outcome }) => outcome === 'failed' || outcome === 'needs-attention',
    ...more,
  };
}

const outcomes = (results: readonly GuestResult[]): string[] =>
  results.map(({ name, outcome }) => `${name} ${outcome}`);

const failing =
  (...names: string[]): Doing =>
  async (name) =>
    result(name, names.includes(name) ? 'failed' : 'converted');

const error = (code: ErrorCode) => new VirtioizeError(code, 'as the test wants');

describe('the guests of a recorded host', () => {
  it('come in their order, whichever is done first', async () => {
    const waits: Readonly<Record<string, number>> = { a: 20, b: 1, c: 10 };
    const ended: string[] = [];
    const doing: Doing = async (name) => {
      await delay(waits[name]);
      return result(name, 'converted');
    };
    const onResult = ({ name }: GuestResult): number => ended.push(name);
    const results = await carryOut(fakeHost(['a', 'b', 'c']), ALL, work(doing, { jobs: 3, onResult }));
    expect(outcomes(results)).toEqual(['a converted', 'b converted', 'c converted']);
    expect(ended).toEqual(['b', 'c', 'a']);
  });

  it.each([1, 2, 5])('are changed %i at a time at most', async (jobs) => {
    let [now, most] = [0, 0];
    const doing: Doing = async (name) => {
      now += 1;
      most = Math.max(most, now);
      await delay(2);
      now -= 1;
      return result(name, 'converted');
    };
    await carryOut(fakeHost(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']), ALL, work(doing, { jobs }));
    expect(most).toBe(jobs);
  });

  it('are planned one after another, before anything is confirmed or changed', async () => {
    const log: string[] = [];
    const plan: Work<Plan>['plan'] = async (guest) => {
      log.push(`plan ${guest.name}`);
      return { facts: guest as GuestFacts };
    };
    const doing: Doing = async (name) => {
      log.push(`change ${name}`);
      return result(name, 'converted');
    };
    const confirm: Work<Plan>['confirm'] = async (planned) => {
      log.push(`confirm ${planned.map(({ name }) => name).join(' ')}`);
      return true;
    };
    await carryOut(fakeHost(['a', 'b']), ALL, work(doing, { plan, confirm, jobs: 2 }));
    expect(log).toEqual(['plan a', 'plan b', 'confirm a b', 'change a', 'change b']);
  });

  it('are all skipped where nobody says yes', async () => {
    const results = await carryOut(fakeHost(['a', 'b']), ALL, work(failing(), { confirm: async () => false }));
    expect(outcomes(results)).toEqual(['a skipped', 'b skipped']);
  });
});

describe('after a failure', () => {
  it.each([
    [1, ['a converted', 'b failed', 'c skipped', 'd skipped', 'e skipped']],
    [2, ['a converted', 'b failed', 'c converted', 'd failed', 'e skipped']],
    [3, ['a converted', 'b failed', 'c converted', 'd failed', 'e converted']],
  ])('no guest is begun once there are %i', async (maxFailures, expected) => {
    const results = await carryOut(fakeHost(['a', 'b', 'c', 'd', 'e']), ALL, work(failing('b', 'd'), { maxFailures }));
    expect(outcomes(results)).toEqual(expected);
  });

  it('those that were begun go on to their end', async () => {
    const doing: Doing = async (name) => {
      if (name === 'a') return result(name, 'failed');
      await delay(10);
      return result(name, 'converted');
    };
    const results = await carryOut(fakeHost(['a', 'b', 'c', 'd']), ALL, work(doing, { jobs: 2, maxFailures: 1 }));
    expect(outcomes(results)).toEqual(['a failed', 'b converted', 'c skipped', 'd skipped']);
  });

  it('guests that are refused or as they are to be are told as such, not as skipped', async () => {
    const asPlanned: Work<Plan>['asPlanned'] = ({ facts }) =>
      result(facts.name, facts.name === 'b' ? 'refused' : 'planned');
    const results = await carryOut(fakeHost(['a', 'b', 'c']), ALL, work(failing('a'), { asPlanned, maxFailures: 1 }));
    expect(outcomes(results)).toEqual(['a failed', 'b refused', 'c skipped']);
  });

  it.each(['connection-lost', 'command-timeout', 'state-unwritable'] as const)(
    'that concerns the whole run (%s) no guest is begun, however many may fail',
    async (code) => {
      const doing: Doing = async (name) =>
        result(name, 'needs-attention', { error: { code, message: 'as the test wants' } });
      const results = await carryOut(fakeHost(['a', 'b']), ALL, work(doing));
      expect(outcomes(results)).toEqual(['a needs-attention', 'b skipped']);
    },
  );

  it('that is an error the others go on, and it is told with the guest', async () => {
    const doing: Doing = async (name) => {
      if (name === 'a') throw error('command-failed');
      return result(name, 'converted');
    };
    const results = await carryOut(fakeHost(['a', 'b']), ALL, work(doing));
    expect(results).toMatchObject([{ outcome: 'failed', error: { code: 'command-failed' } }, { outcome: 'converted' }]);
  });
});

describe('an error that ends the run', () => {
  it('lets those that were begun finish, and begins no more', async () => {
    const log: string[] = [];
    const doing: Doing = async (name) => {
      log.push(`${name} begins`);
      if (name === 'a') throw error('state-unwritable');
      await delay(10);
      log.push(`${name} ends`);
      return result(name, 'converted');
    };
    const results = await carryOut(fakeHost(['a', 'b', 'c', 'd']), ALL, work(doing, { jobs: 2 }));
    expect(outcomes(results)).toEqual(['a failed', 'b converted', 'c skipped', 'd skipped']);
    expect(log).toEqual(['a begins', 'b begins', 'b ends']);
  });

  it('is a result like others once something was changed', async () => {
    const doing: Doing = async (name) => {
      if (name === 'b') throw error('state-unwritable');
      return result(name, 'converted');
    };
    const results = await carryOut(fakeHost(['a', 'b', 'c']), ALL, work(doing));
    expect(outcomes(results)).toEqual(['a converted', 'b failed', 'c skipped']);
  });

  it('does not hide what became of those that were begun', async () => {
    const doing: Doing = async (name) => {
      if (name === 'a') throw error('state-unwritable');
      await delay(10);
      return result(name, 'needs-attention');
    };
    const results = await carryOut(fakeHost(['a', 'b']), ALL, work(doing, { jobs: 2 }));
    expect(outcomes(results)).toEqual(['a failed', 'b needs-attention']);
  });

  it('is thrown where nothing else was begun, and begins no more', async () => {
    const begun: string[] = [];
    const doing: Doing = async (name) => {
      begun.push(name);
      throw error('state-unwritable');
    };
    await expect(carryOut(fakeHost(['a', 'b']), ALL, work(doing))).rejects.toMatchObject({ code: 'state-unwritable' });
    expect(begun).toEqual(['a']);
  });

  it('is a bug where it is none of ours', async () => {
    const doing: Doing = async () => {
      throw new TypeError('a bug');
    };
    await expect(carryOut(fakeHost(['a']), ALL, work(doing))).rejects.toThrow(TypeError);
  });
});

describe('an interrupted run', () => {
  it('looks into no guest and begins none', async () => {
    const results = await carryOut(fakeHost(['a'], AbortSignal.abort()), ALL, work(failing()));
    expect(results).toEqual([result('a', 'skipped')]);
  });

  it('skips those that it has not begun', async () => {
    const interruption = new AbortController();
    const doing: Doing = async (name) => {
      interruption.abort();
      return result(name, 'converted');
    };
    const results = await carryOut(fakeHost(['a', 'b'], interruption.signal), ALL, work(doing));
    expect(outcomes(results)).toEqual(['a converted', 'b skipped']);
  });

  it('does not tell of a guest as refused whose proof it cut short', async () => {
    const interruption = new AbortController();
    const plan = async ({ name }: { readonly name: string }) => {
      if (name === 'b') interruption.abort();
      return result(name, 'refused');
    };
    const results = await carryOut(fakeHost(['a', 'b'], interruption.signal), ALL, work(failing(), { plan }));
    expect(outcomes(results)).toEqual(['a refused', 'b skipped']);
  });
});

describe('a guest that an earlier run left for a person', () => {
  it('is not touched, and told as it was found', async () => {
    const recovered = [result('a', 'needs-attention'), result('b', 'converted')];
    const results = await carryOut(fakeHost(['a', 'b']), ALL, work(failing('b'), { recovered }));
    expect(outcomes(results)).toEqual(['a needs-attention', 'b failed']);
  });
});
