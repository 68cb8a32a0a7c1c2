import { describe, expect, it } from '@jest/globals';
import { Chalk } from 'chalk';
import { renderNextSteps } from '../../../../src/cli/views/next-steps.ts';
import type { GuestResult, Readiness } from '../../../../src/conversion/result.ts';

const style = new Chalk({ level: 0 });

describe('what to do next', () => {
  it('stands in groups, each with its command line', () => {
    const steps = renderNextSteps(
      [
        guest('web1', 'now'),
        guest('db1', 'with-restart'),
        guest('old1', 'not-yet', ['driver-missing: dracut -f']),
        guest('web2', 'now'),
        guest('fine', undefined),
      ],
      'qemu:///system',
      style,
    );
    expect(steps).toEqual([
      expect.stringContaining('Ready now'),
      '  virtioize convert web1 web2',
      expect.stringContaining('Ready with a restart'),
      '  virtioize convert --restart graceful db1',
      'Do this first:',
      '  old1',
      '    driver-missing: dracut -f',
      '  virtioize preflight old1',
    ]);
  });

  it('is nothing where all is done', () => {
    expect(renderNextSteps([guest('fine', undefined)], 'qemu:///system', style)).toEqual([]);
  });

  it('can be copied to a shell, whatever the names are, and reaches the same host', () => {
    const steps = renderNextSteps(
      [guest("it's; rm -rf /", 'now'), guest('-x', 'now')],
      'qemu+ssh://host/system',
      style,
    );
    expect(steps[1]).toBe(`  virtioize -c qemu+ssh://host/system convert -- 'it'\\''s; rm -rf /' '-x'`);
  });

  it('says the same step once', () => {
    const same = 'device-names: name it by UUID';
    expect(renderNextSteps([guest('a', 'not-yet', [same, same])], 'qemu:///system', style)).toEqual([
      'Do this first:',
      '  a',
      `    ${same}`,
      '  virtioize preflight a',
    ]);
  });
});

/** @param refusals `code: hint` each. */
function guest(name: string, ready: Readiness | undefined, refusals: readonly string[] = []): GuestResult {
  return {
    name,
    uuid: '',
    state: 'running',
    outcome: 'planned',
    warnings: [],
    evidence: [],
    disks: [],
    refusals: refusals.map((text) => {
      const [code, hint = ''] = text.split(': ');
      return { code: code as 'driver-missing', message: '', hint };
    }),
    ...(ready === undefined ? {} : { ready }),
  };
}
