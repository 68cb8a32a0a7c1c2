import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildGuestImage } from '../testbed/guest-image.ts';
import { applianceEnvironment } from '../testbed/guest-kernel.ts';
import { guestXml } from '../testbed/guest-xml.ts';
import { takeTurns } from './contest.ts';
import type { Measured } from './performance-page.ts';

/** One offline preflight beside one plain virt-inspector of the same image. */
export async function compareInspections(rounds: number): Promise<Measured> {
  const host = await createTestHost();
  try {
    const image = join(host.folder, 'guest.qcow2');
    // without a list of packages virt-inspector fails
    const extraFiles = {
      '/var/lib/dpkg/status': 'Package: busybox\nStatus: install ok installed\nVersion: 1:1.35.0-4\n',
    };
    await buildGuestImage({ path: image, format: 'qcow2', virtioBlk: true, agent: false, extraFiles });
    const disks = [{ path: image, format: 'qcow2', bus: 'ide', target: 'hda' } as const];
    await host.root.define(guestXml({ name: 'guest', machine: 'pc', disks }));
    const timings = await takeTurns(
      [
        { name: 'virtioize preflight, off', run: () => preflight(host, image) },
        { name: 'virt-inspector', run: () => inspect(image) },
      ],
      rounds,
    );
    const [ours, plain] = timings.map(({ median }) => median) as [number, number];
    return { timings, bounds: [{ what: 'offline preflight / virt-inspector', value: ours / plain, atMost: 1.2 }] };
  } finally {
    await host.dispose();
  }
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
