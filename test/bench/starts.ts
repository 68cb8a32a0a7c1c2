import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../repository.ts';
import { takeTurns } from './contest.ts';
import { expectStatus, virtXml } from './conversions.ts';
import type { Fleet } from './fleet.ts';
import type { Measured } from './performance-page.ts';

/** What it takes until something happens at all. */
export async function compareStarts(fleet: Fleet, rounds: number): Promise<Measured> {
  const [one = ''] = fleet.names;
  const prepare = (): Promise<void> => fleet.reset();
  const check = (): Promise<void> => fleet.expectConverted([one]);
  const convert = ['convert', one, '--yes', '--assume-driver', '--reason', 'a benchmark'];
  const node = async (...words: string[]): Promise<void> => {
    await execa(process.execPath, words, { stdin: 'ignore', env: { NODE_OPTIONS: '' } });
  };
  const timings = await takeTurns(
    [
      { name: 'node -e 0', run: () => node('-e', '0') },
      { name: 'virtioize --version', run: () => node(join(repository, 'bin/virtioize.js'), '--version') },
      { name: 'virtioize convert, one guest', prepare, check, run: () => expectStatus(0, convert, fleet.program) },
      { name: 'virt-xml, one guest', prepare, check, run: () => virtXml(fleet, [one]) },
      { name: 'virt-xml, one of its two disks', prepare, run: () => virtXml(fleet, [one], ['a']) },
    ],
    rounds,
  );
  const [node0 = 0, version = 0, ours = 0, both = 0, call = 0] = timings.map(({ median }) => median);
  return {
    timings,
    bounds: [
      { what: 'virtioize --version / node -e 0', value: version / node0, atMost: 1.6 },
      { what: 'convert / virt-xml, one guest', value: ours / both, atMost: 1 },
      { what: 'convert / one call of virt-xml', value: ours / call, atMost: 1 },
    ],
  };
}
