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
      'preflight',
      { connection: 'qemu:///system', style },
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
    expect(renderNextSteps([guest('fine', undefined)], 'preflight', { connection: 'qemu:///system', style })).toEqual(
      [],
    );
  });

  it('can be copied to a shell, whatever the names are, and reaches the same host', () => {
    const steps = renderNextSteps([guest("it's; rm -rf /", 'now'), guest('-x', 'now')], 'preflight', {
      connection: 'qemu+ssh://host/system',
      style,
    });
    expect(steps[1]).toBe(`  virtioize -c qemu+ssh://host/system convert -- 'it'\\''s; rm -rf /' '-x'`);
  });

  it('says the same step once', () => {
    const same = 'device-names: name it by UUID';
    expect(
      renderNextSteps([guest('a', 'not-yet', [same, same])], 'preflight', { connection: 'qemu:///system', style }),
    ).toEqual(['Do this first:', '  a', `    ${same}`, '  virtioize preflight a']);
  });
});

describe('what is left to do after guests were converted', () => {
  const ended = (changes: Partial<GuestResult>): GuestResult => ({ ...guest('web1', undefined), ...changes });
  const steps = (...guests: GuestResult[]) =>
    renderNextSteps(guests, 'convert', { connection: 'qemu:///system', style });

  it.each<[string, GuestResult, RegExp, string[]]>([
    [
      'a pending one is restarted',
      ended({ outcome: 'converted', restart: 'pending' }),
      /^Pending/,
      ['  virtioize convert --restart graceful web1'],
    ],
    [
      'one that was rolled back is looked into, with its picture',
      ended({
        outcome: 'rolled-back',
        error: { code: 'did-not-come-up', message: 'No write.', hint: 'Look at its screen.' },
        capture: { screenshot: '/state/web1.png' },
      }),
      /^Rolled back/,
      [
        '  web1',
        '    did-not-come-up: Look at its screen.',
        '    its screen: /state/web1.png',
        '  virtioize preflight web1',
      ],
    ],
    [
      'one that was not seen to come up is looked at',
      ended({ outcome: 'converted', restart: 'unverified' }),
      /^Restarted/,
      ['  web1'],
    ],
    [
      'one that needs attention comes with what to do',
      ended({ outcome: 'needs-attention', error: { code: 'bug', message: 'Oops', hint: 'virsh define it' } }),
      /^Needs attention/,
      ['  web1', '    bug: virsh define it'],
    ],
  ])('%s', (_, result, title, lines) => {
    const [first, ...rest] = steps(result);
    expect(first).toMatch(title);
    expect(rest).toEqual(lines);
  });

  it('one that was not begun is tried again, unless nothing at all was begun', () => {
    const skipped = ended({ outcome: 'skipped' });
    expect(steps(ended({ outcome: 'converted', restart: 'verified' }), skipped)).toEqual([
      expect.stringMatching(/^Not begun/),
      '  virtioize convert web1',
    ]);
    expect(steps(skipped, skipped)).toEqual([]);
  });

  it('is nothing for one that is done, and for one that is waived', () => {
    const waived = ended({ outcome: 'skipped', warnings: [{ code: 'waived', message: 'until May' }] });
    expect(steps(ended({ outcome: 'converted', restart: 'verified' }), waived)).toEqual([]);
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
