import { writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../repository.ts';
import { type Bar, drawBars } from './bars.ts';
import type { Bound, Timing } from './contest.ts';

/** What one benchmark measured, and what is to hold of it. */
export interface Measured {
  readonly timings: readonly Timing[];
  readonly bounds: readonly Bound[];
  /** To be drawn. */
  readonly bars?: readonly Bar[];
}

const INTRODUCTIONS: Readonly<Record<string, string>> = {
  starts: 'What it takes until something happens at all; the guest has two disks. `virt-xml` changes one disk a call.',
  conversions: [
    "The whole job (facts, checks, backup, journal, define, verify; the driver attested) beside a program on libvirt's API that dumps, defines and",
    'dumps, a shell loop of `dumpxml`, `sed` and `define`, and `virt-xml`. Every guest is checked afterwards. Definitions and backups are on one disk.',
    '',
    'What virtioize takes longer for than the program, by its profile at a thousand guests: files that are made, flushed and renamed (five a guest, and',
    "the journal) a third; virsh, which reads typed commands a character at a time, a quarter; libvirt's answers, a dump more than the",
    "program's, a sixth; reading the definition twice, a sixth.",
  ].join('\n'),
  readings: [
    'All guests, beside a program on the API that lists and dumps each; the start-up is what the command takes where there is no guest. What the program',
    'takes differs from run to run more than anything else here, and the ratios with it: of `status` from 1.86 to 1.96 in seven runs, of `check` from 1.81',
    'to 2.02, six of them within the bound. Most of it is virsh, which asks libvirtd twice for each guest, where the program asks once: the last contender',
    'is two of them side by side, as virtioize has them, with nobody who makes anything of what they print. The rest is JavaScript, of which reading the',
    'definition takes half.',
  ].join('\n'),
  growth: "`status` on libvirt's test driver, where nothing else takes time; memory is that of Node.",
  inspections:
    "One offline preflight beside one `virt-inspector` of the same image, in an emulated appliance, the tests' own, which starts faster than an installed one.",
};

/** Write `docs/performance.md`, and its plot. @param words those that the benchmarks were started with. */
export async function writePerformancePage(
  results: ReadonlyMap<string, Measured>,
  words: readonly string[],
): Promise<void> {
  const sections = [...results].map(([name, measured]) => renderSection(name, measured));
  const bars = [...results.values()].flatMap((measured) => measured.bars ?? []);
  const plot = bars.length === 0 ? [] : ['![Milliseconds a guest](performance.svg)', ''];
  const page = [
    '# Performance',
    '',
    `Medians of one run, in which all contenders took turns, with the fastest and the slowest round. Made by \`npm run bench -- ${words.join(' ')}\` on`,
    `${await describeMachine()}. A ratio past its bound is in bold: it is a goal that is not reached.`,
    '',
    ...plot,
    ...sections,
  ];
  await writeFile(join(repository, 'docs/performance.md'), `${page.join('\n').trimEnd()}\n`);
  if (bars.length > 0) await writeFile(join(repository, 'docs/performance.svg'), drawBars('ms a guest', bars));
}

async function describeMachine(): Promise<string> {
  const version = async (file: string, ...args: string[]): Promise<string> =>
    (await execa(file, args, { stdin: 'ignore' })).stdout.split('\n')[0]?.trim() ?? '';
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${cpus().length} cores of ${cpu?.model ?? 'an unknown processor'}, ${memory} GiB, Linux ${release()}`,
    `Node ${process.version}`,
    `libvirt ${await version('virsh', '--version')}`,
    `virt-xml ${await version('virt-xml', '--version')}`,
  ].join(', ');
}

function renderSection(name: string, { timings, bounds }: Measured): string {
  const rows = timings.map(
    (timing) => `| ${timing.name} | ${seconds(timing.median)} | ${seconds(timing.least)} to ${seconds(timing.most)} |`,
  );
  const ratios = bounds.map(({ what, value, atMost }) => {
    const text = Number(value.toPrecision(3));
    return `| ${what} | ${value <= atMost ? text : `**${text}**`} | ${Number(atMost.toPrecision(3))} |`;
  });
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return [
    `## ${title}`,
    '',
    INTRODUCTIONS[name] ?? '',
    '',
    '| | median | from, to |',
    '|---|---|---|',
    ...rows,
    '',
    '| | is | at most |',
    '|---|---|---|',
    ...ratios,
    '',
  ].join('\n');
}

/** Three digits, in seconds. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toPrecision(3)} s`;
}
