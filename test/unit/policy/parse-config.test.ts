import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VirtioizeError } from '../../../src/error.ts';
import { parseConfig } from '../../../src/policy/parse-config.ts';

const TODAY = '2030-06-15';
const parse = (text: string) => parseConfig(text, 'config.yaml', TODAY);

function problemsOf(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof VirtioizeError && error.code === 'config') return error.problems;
    throw error;
  }
  return [];
}

describe('a configuration', () => {
  it('is read as it is written', () => {
    const text = `
connection: qemu:///system
from: [ide, sata]
jobs: 8
max-failures: none
restart:
  mode: graceful
  shutdown-timeout: 10m
  wait-tcp: 22
  except: ['db-*']
attest:
  - {guests: [old1], reason: its vendor says so, expires: 2031-01-01}
accept:
  - {guests: ['*'], codes: [snapshots], reason: they are old, expires: 2030-06-15}
waive:
  - {guests: ['legacy-*'], rules: [VIO-001], reason: not supported, expires: 2030-12-31}
retention: {days: 90}
reports: {prometheus: /var/lib/node-exporter/virtioize.prom}
`;
    const { config, expired } = parse(text);
    expect(expired).toEqual([]);
    expect(config).toMatchObject({
      jobs: 8,
      restart: { mode: 'graceful', 'wait-tcp': 22, except: ['db-*'] },
      attest: [{ guests: ['old1'], expires: '2031-01-01' }],
      retention: { days: 90, keep: 3 },
    });
  });

  it.each(['', '# nothing yet\n', '{}'])('that says nothing (%j) is one', (text) => {
    expect(parse(text)).toEqual({ config: {}, expired: [] });
  });

  it.each([
    ['an unknown key, with what was meant', 'jobs: 2\njbos: 4\n', ["2:1: unknown key 'jbos'; did you mean 'jobs'?"]],
    [
      'an unknown key further down',
      'restart:\n  mode: never\n  mod: x\n',
      [expect.stringContaining("3:3: unknown key 'mod'")],
    ],
    ['a wrong type', 'jobs: many\n', ["1:7: jobs is 'many', and has to be a number"]],
    ['a number that is no whole one', 'jobs: 1.5\n', ["1:7: jobs is '1.5', and has to be a whole number"]],
    ['a number beyond its bounds', 'jobs: 65\n', ['1:7: jobs is more than 64']],
    [
      'a word that is not known',
      'restart: {mode: gracful}\n',
      [expect.stringMatching(/^1:17: restart.mode .*did you mean 'graceful'/)],
    ],
    ['a list where one is needed', 'from: ide\n', ["1:7: from is 'ide', and has to be a list"]],
    [
      'a bad glob',
      "waive:\n  - guests: ['web-[']\n    reason: x\n    expires: 2031-01-01\n",
      ['2:14: waive[0].guests[0] is no pattern: a bracket or brace is not closed'],
    ],
    [
      'a missing reason',
      'attest:\n  - guests: [a]\n    expires: 2031-01-01\n',
      ['2:5: attest[0].reason is missing, and has to be a text'],
    ],
    [
      'an empty reason',
      "attest:\n  - {guests: [a], reason: ' ', expires: 2031-01-01}\n",
      ['2:27: attest[0].reason must not be empty'],
    ],
    [
      'a day that does not exist',
      'attest:\n  - {guests: [a], reason: x, expires: 2031-02-30}\n',
      ['2:39: attest[0].expires is no day such as 2030-12-31'],
    ],
    [
      'a refusal that can not be survived',
      'accept:\n  - {guests: [a], codes: [pci-slots], reason: x, expires: 2031-01-01}\n',
      [expect.stringMatching(/^2:27: accept\[0\]\.codes\[0\] is 'pci-slots', and has to be one of/)],
    ],
    ['a relative path', 'reports: {html: report.html}\n', ['1:17: reports.html is no absolute path']],
    ['a key that stands twice', 'jobs: 1\njobs: 2\n', [expect.stringMatching(/^2:1: .*unique/)]],
    ['what is no YAML', 'jobs: [1\n', [expect.stringMatching(/^2:1: /)]],
    ['what is no mapping', '- jobs\n', ['1:1: the document is a list, and has to be a mapping']],
    ['an option that gives up a safety', 'yes: true\n', [expect.stringContaining("1:1: unknown key 'yes'")]],
  ])('with %s is refused, with line and column', (_, text, expected) => {
    expect(problemsOf(text).map((problem) => problem.replace('config.yaml:', ''))).toEqual(expected);
  });

  it('is refused with all that is wrong with it, from top to bottom', () => {
    const places = problemsOf('zz: 1\nfrom: [floppy]\njobs: 0\n').map((problem) => problem.split(':')[1]);
    expect(places).toEqual(['1', '2', '3']);
  });

  it('that unfolds to more than it says is refused', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [one, other] of Array.from('abcdefgh').map((letter, index, all) => [letter, all[index + 1] ?? 'i'])) {
      bomb.push(`${other}: &${other} [${Array(9).fill(`*${one}`).join(', ')}]`);
    }
    expect(problemsOf(`${bomb.join('\n')}\n`)).not.toEqual([]);
  });

  it('may be any text: it is understood, or refused with places', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const problem of problemsOf(text)) expect(problem).toMatch(/^config\.yaml:\d+:\d+: /);
      }),
    );
  });

  it('says where an exception stands that has expired; its last day still counts', () => {
    const until = (day: string): string => `waive:\n  - {guests: [a, b], reason: x, expires: ${day}}\n`;
    expect(parse(until(TODAY)).expired).toEqual([]);
    expect(parse(until('2030-06-14')).expired).toEqual(["config.yaml:2:42: 'waive' of a, b has expired on 2030-06-14"]);
  });
});
