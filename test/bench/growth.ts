import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../repository.ts';
import { guestXml } from '../testbed/guest-xml.ts';
import { takeTurns } from './contest.ts';
import { expectStatus } from './conversions.ts';
import type { Measured } from './performance-page.ts';

const SIZES = [100, 500, 1000, 5000];
const PEAK_MEMORY = join(repository, 'test/faults/peak-memory.js');
const MAX_PEAK_MB = 200;

/** How `status` goes with ever more guests, on libvirt's test driver: time in all, and memory at most (Node's). */
export async function measureGrowth(rounds: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-bench-'));
  const peaks = new Map<number, number>();
  try {
    const contenders = await Promise.all(
      [0, ...SIZES].map(async (size) => {
        const hostFile = join(folder, `host-${size}.xml`);
        const peakFile = join(folder, `peak-${size}`);
        await writeFile(hostFile, testHost(size));
        const program = {
          uri: `test://${hostFile}`,
          stateDir: join(folder, 'state'),
          env: { PEAK_MEMORY_FILE: peakFile },
          nodeOptions: ['--import', PEAK_MEMORY],
        };
        return {
          name: `status, ${size} guests`,
          run: () => expectStatus(0, ['status'], program),
          async check() {
            peaks.set(size, Math.max(peaks.get(size) ?? 0, (Number(await readFile(peakFile, 'utf8')) * 1024) / 1e6));
          },
        };
      }),
    );
    const timings = await takeTurns(contenders, rounds);
    const [startUp = Number.NaN, ...times] = timings.map(({ median }) => median);
    const aGuest = (size: number): number => ((times[SIZES.indexOf(size)] ?? Number.NaN) - startUp) / size;
    return {
      timings,
      bounds: [
        { what: 'time a guest, 5000 / 500 guests', value: aGuest(5000) / aGuest(500), atMost: 1.2 },
        { what: 'peak memory at 5000 guests, MB', value: peaks.get(5000) ?? Number.NaN, atMost: MAX_PEAK_MB },
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A host of the test driver; all its guests are off. */
function testHost(size: number): string {
  const guests = Array.from({ length: size }, (_, number) => {
    const name = `guest${number}`;
    const disk = (target: string) =>
      ({ path: `/images/${name}-${target}.img`, format: 'raw', bus: 'ide', target }) as const;
    return guestXml({ name, machine: 'pc', disks: [disk('hda'), disk('hdb')] })
      .replace("<domain type='qemu'>", "<domain type='test'>")
      .replace(
        '</domain>',
        '<test:runstate xmlns:test="http://libvirt.org/schemas/domain/test/1.0">5</test:runstate></domain>',
      );
  });
  return `<node>${guests.join('\n')}</node>`;
}
