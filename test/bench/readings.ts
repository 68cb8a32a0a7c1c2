import { takeTurns } from './contest.ts';
import { expectStatus } from './conversions.ts';
import type { Fleet } from './fleet.ts';
import type { Measured } from './performance-page.ts';

/** What only reads, on all guests, beside a program on the API that lists and dumps each. */
export async function compareReadings(fleet: Fleet, empty: Fleet, rounds: number): Promise<Measured> {
  await fleet.reset();
  const timings = await takeTurns(
    [
      { name: 'virtioize status', run: () => expectStatus(0, ['status'], fleet.program) },
      { name: 'virtioize check', run: () => expectStatus(2, ['check'], fleet.program) },
      { name: 'program on the API: list and dump', run: () => fleet.runOnApi('list') },
      { name: 'two virsh alone: dump', run: () => dumpWithVirsh(fleet) },
      { name: 'virtioize status, no guest', run: () => expectStatus(0, ['status'], empty.program) },
    ],
    rounds,
  );
  const [status = 0, check = 0, api = 0, virsh = 0, startUp = 0] = timings.map(({ median }) => median);
  return {
    timings,
    bounds: [
      { what: 'status / (program on the API + start-up)', value: status / (api + startUp), atMost: 2 },
      { what: 'check / (program on the API + start-up)', value: check / (api + startUp), atMost: 2 },
      { what: '(status - start-up) / program on the API', value: (status - startUp) / api },
      { what: '(check - start-up) / program on the API', value: (check - startUp) / api },
      { what: 'two virsh alone / program on the API', value: virsh / api },
    ],
  };
}

/** What virtioize has virsh do, and no more. */
async function dumpWithVirsh(fleet: Fleet): Promise<void> {
  const { names, program } = fleet;
  const shares = [0, 1].map((share) => names.filter((_name, at) => at % 2 === share));
  await Promise.all(
    shares.map((share) =>
      fleet.run('virsh', '-c', program.uri, share.map((name) => `dumpxml --inactive ${name}`).join('; ')),
    ),
  );
}
