import { describe, expect, it } from '@jest/globals';
import { type RestartArguments, readRestartOptions, readRunLimits } from '../../../src/cli/restart-options.ts';

const plain: RestartArguments = {
  restart: 'graceful',
  shutdownTimeout: '5m',
  bootTimeout: '5m',
  waitTcp: undefined,
  rollback: true,
  jobs: '4',
  restartJobs: '1',
  maxFailures: undefined,
};

describe('how a guest is restarted', () => {
  it('is not said where it is never', () => {
    expect(readRestartOptions({ ...plain, restart: 'never' })).toBeUndefined();
  });

  it('is what was asked for', () => {
    const argv = {
      ...plain,
      restart: 'force',
      shutdownTimeout: '90s',
      bootTimeout: '1h',
      waitTcp: '22',
      rollback: false,
    };
    expect(readRestartOptions({ ...argv, restart: 'force' })).toEqual({
      mode: 'force',
      shutdownTimeoutMs: 90_000,
      bootTimeoutMs: 3_600_000,
      waitTcp: 22,
      rollBack: false,
    });
  });

  it.each([
    ['90', 90_000],
    ['1s', 1000],
    ['0005m', 300_000],
    ['24h', 86_400_000],
    ['86400', 86_400_000],
  ])('takes %s for a duration', (shutdownTimeout, expected) => {
    expect(readRestartOptions({ ...plain, shutdownTimeout })?.shutdownTimeoutMs).toBe(expected);
  });

  it.each(['', '0', '0s', '-1', '1.5m', '5 m', '5M', 'm', '1d', '25h', '86401s', '9999999', 'Infinity', '1e3', '٣m'])(
    'does not take %j for one, whatever --restart says',
    (bootTimeout) => {
      for (const restart of ['never', 'graceful', 'force'] as const) {
        expect(() => readRestartOptions({ ...plain, restart, bootTimeout })).toThrow(
          expect.objectContaining({ code: 'usage', message: expect.stringContaining('--boot-timeout') }),
        );
      }
    },
  );

  it.each(['0', '65536', '-1', 'ssh', '22 ', '', '0x16'])('does not take %j for a port', (waitTcp) => {
    expect(() => readRestartOptions({ ...plain, waitTcp })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('1 to 65535') }),
    );
  });
});

describe('how many guests', () => {
  it.each([
    ['never', undefined, { planJobs: 16, jobs: 16, maxFailures: Number.POSITIVE_INFINITY }],
    ['graceful', undefined, { planJobs: 4, jobs: 8, maxFailures: 1 }],
    ['force', undefined, { planJobs: 4, jobs: 8, maxFailures: 1 }],
    ['graceful', 'none', { planJobs: 4, jobs: 8, maxFailures: Number.POSITIVE_INFINITY }],
    ['never', '3', { planJobs: 16, jobs: 4, maxFailures: 3 }],
    ['graceful', '3', { planJobs: 4, jobs: 8, maxFailures: 3 }],
  ] as const)('with --restart %s and --max-failures %s', (restart, maxFailures, expected) => {
    expect(readRunLimits({ ...plain, restart, restartJobs: '8', maxFailures })).toEqual(expected);
  });

  it.each(['0', '65', '-1', 'many', '', '1.5'])('are restarted at a time is not %j', (restartJobs) => {
    expect(() => readRunLimits({ ...plain, restartJobs })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('--restart-jobs') }),
    );
  });

  it.each(['0', '-1', 'all', '1e9', ''])('may fail is not %j', (maxFailures) => {
    expect(() => readRunLimits({ ...plain, maxFailures })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('from 1 on') }),
    );
  });
});
