import { join } from 'node:path';
import { virtioize } from '../program.ts';
import { repository } from '../repository.ts';
import { type Contender, takeTurns } from './contest.ts';
import type { Fleet } from './fleet.ts';
import type { Measured } from './performance-page.ts';

/** virt-xml takes so long that it converts this many guests, and is counted a guest. */
const BY_VIRT_XML = 10;

/** The whole job on all guests, beside what does less in other ways. */
export async function compareConversions(fleet: Fleet, rounds: number): Promise<Measured> {
  const { folder, names, program } = fleet;
  const all: Pick<Contender, 'prepare' | 'check'> = {
    prepare: () => fleet.reset(),
    check: () => fleet.expectConverted(),
  };
  const few = names.slice(0, BY_VIRT_XML);
  const timings = await takeTurns(
    [
      { name: 'virtioize convert', ...all, run: () => expectStatus(0, CONVERT_ALL, program) },
      { name: 'program on the API', ...all, run: () => fleet.runOnApi('convert') },
      {
        name: 'shell loop',
        ...all,
        run: async () => {
          await fleet.run('bash', join(repository, 'test/bench/shell-loop.sh'), program.uri, folder);
        },
      },
      {
        name: `virt-xml, ${few.length} guests`,
        prepare: () => fleet.reset(),
        run: () => virtXml(fleet, few),
        check: () => fleet.expectConverted(few),
      },
    ],
    rounds,
  );
  const [ours, api, shell, each] = timings.map(({ median }) => median) as [number, number, number, number];
  const perGuest = ours / names.length;
  return {
    timings,
    bars: timings.map(({ name, median }, at) => ({ name, value: median / (at === 3 ? few : names).length })),
    bounds: [
      { what: 'convert / program on the API', value: ours / api, atMost: 4 },
      { what: 'convert / shell loop', value: ours / shell, atMost: 1 },
      { what: 'convert / virt-xml, a guest', value: perGuest / (each / few.length), atMost: 1 / 25 },
    ],
  };
}

const CONVERT_ALL = ['convert', '--all', '--yes', '--quiet', '--assume-driver', '--reason', 'a benchmark'];

/** A process a disk, as its manual has it. */
export async function virtXml(
  fleet: Fleet,
  names: readonly string[],
  letters: readonly string[] = ['a', 'b'],
): Promise<void> {
  for (const name of names)
    for (const letter of letters)
      await fleet.run(
        'virt-xml',
        ...['--connect', fleet.program.uri, name, '--edit', `target=hd${letter}`],
        ...['--disk', `target.bus=virtio,target.dev=vd${letter},xpath1.delete=./address`],
      );
}

/** Run virtioize and throw where it ends with another exit status. */
export async function expectStatus(
  expected: number,
  words: readonly string[],
  program: Fleet['program'],
): Promise<void> {
  const { status, stdout, stderr } = await virtioize(words, program);
  if (status !== expected) throw new Error(`virtioize ${words.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
}
