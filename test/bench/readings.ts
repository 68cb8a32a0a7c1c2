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
      { name: 'virtioize status, no guest', run: () => expectStatus(0, ['status'], empty.program) },
      { name: 'virtioize check, no guest', run: () => expectStatus(0, ['check'], empty.program) },
      { name: 'two virsh alone: dump', run: () => dumpWithVirsh(fleet) },
    ],
    rounds,
  );
  const medians = timings.map(({ median }) => median);
  const [status, check, api, statusStart, checkStart] = medians as [number, number, number, number, number];
  return {
    timings,
    bounds: [
      { what: '(status - start-up) / program on the API', value: (status - statusStart) / api, atMost: 2 },
      { what: '(check - start-up) / program on the API', value: (check - checkStart) / api, atMost: 2 },
    ],
  };
}

/** What virtioize has virsh do for these guests, and no more. */
async function dumpWithVirsh(fleet: Fleet): Promise<void> {
  const { names, program } = fleet;
  const shares = [0, 1].map((share) => names.filter((_name, at) => at % 2 === share));
  const virsh = ['virsh', '--quiet', '--keepalive-interval', '0', '-c', program.uri];
  const dumps = shares.map((share) => share.map((name) => `dumpxml --inactive ${name}`).join('; '));
  await Promise.all(dumps.map((commands) => fleet.run(...virsh, commands)));
}
