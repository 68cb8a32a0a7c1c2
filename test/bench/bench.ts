import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildGuestImage } from '../testbed/guest-image.ts';
import { applianceEnvironment } from '../testbed/guest-kernel.ts';
import { guestXml } from '../testbed/guest-xml.ts';

const ROUNDS = 5;
/** One offline preflight may take so much longer than a plain virt-inspector of the same image. */
const MAX_INSPECTION_RATIO = 1.2;

/**
 * Measure and print; machines are shared and noisy, so that everything is a ratio of two things that took turns.
 * @returns the exit status: 0 where every ratio is within its bound.
 */
export async function bench(): Promise<number> {
  const host = await createTestHost();
  try {
    const ratio = await compareInspections(host);
    return ratio <= MAX_INSPECTION_RATIO ? 0 : 1;
  } finally {
    await host.dispose();
  }
}

async function compareInspections(host: TestHost): Promise<number> {
  const image = join(host.folder, 'guest.qcow2');
  // without a list of packages virt-inspector fails
  const extraFiles = {
    '/var/lib/dpkg/status': 'Package: busybox\nStatus: install ok installed\nVersion: 1:1.35.0-4\n',
  };
  await buildGuestImage({ path: image, format: 'qcow2', virtioBlk: true, agent: false, extraFiles });
  const disks = [{ path: image, format: 'qcow2', bus: 'ide', target: 'hda' } as const];
  await host.root.define(guestXml({ name: 'guest', machine: 'pc', disks }));
  const [ours, plain]: [number[], number[]] = [[], []];
  await measure(() => inspect(image)); // the first one on a machine builds the appliance
  for (let round = 1; round <= ROUNDS; round += 1) {
    ours.push(await measure(() => preflight(host, image)));
    plain.push(await measure(() => inspect(image)));
    say(`  round ${round}: preflight ${seconds(ours.at(-1))}, virt-inspector ${seconds(plain.at(-1))}`);
  }
  const ratio = median(ours) / median(plain);
  say(
    `offline preflight / virt-inspector, same image, median of ${ROUNDS}: ${ratio.toFixed(2)} (at most ${MAX_INSPECTION_RATIO})`,
  );
  return ratio;
}

async function preflight({ program }: TestHost, image: string): Promise<void> {
  await utimes(image, new Date(), new Date()); // else what was kept of the round before would be used
  const { document } = await virtioizeJson(['preflight', 'guest'], { ...program, libguestfs: true });
  const [evidence] = document.guests[0]?.evidence ?? [];
  if (evidence?.source !== 'offline' || evidence.verdict !== 'proven') throw new Error('the guest was not proven');
}

async function inspect(image: string): Promise<void> {
  const env = { ...applianceEnvironment(), LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' };
  await execa('virt-inspector', ['--format=qcow2', '-a', image], { stdin: 'ignore', env });
}

async function measure(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function seconds(ms = Number.NaN): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
