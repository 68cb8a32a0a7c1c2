import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type GuestJson, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { guestXml } from '../testbed/guest-xml.ts';
import { guestfishEnvironment } from './guestfish.ts';
import type { GuestImages, LabelledGuest } from './labelled-guest.ts';

const JOBS = 2;
/** An inspection takes 20 s of a processor of one's own. */
const PREFLIGHT_MS_PER_GUEST = 120_000;

/** A private libvirt with labelled guests, all of them off. */
export interface LabelledHost {
  /** Each guest's images, by name. */
  readonly images: ReadonlyMap<string, GuestImages>;
  /** Run the program on all of them at once, as an admin would. */
  preflight(): Promise<readonly GuestJson[]>;
  dispose(): Promise<void>;
}

/** @param makeStock makes what all guests are built from. */
export async function createLabelledHost<Stock>(
  guests: readonly LabelledGuest<Stock>[],
  makeStock: (folder: string) => Promise<Stock>,
): Promise<LabelledHost> {
  const host = await createTestHost();
  try {
    const images = await buildAll(host.folder, guests, makeStock);
    for (const guest of guests) await define(host, guest, images.get(guest.name));
    return { images, preflight: () => preflight(host, guests.length), dispose: () => host.dispose() };
  } catch (error) {
    await host.dispose();
    throw error;
  }
}

async function buildAll<Stock>(
  folder: string,
  guests: readonly LabelledGuest<Stock>[],
  makeStock: (folder: string) => Promise<Stock>,
): Promise<Map<string, GuestImages>> {
  const stockFolder = join(folder, 'stock');
  await mkdir(stockFolder);
  const stock = await makeStock(stockFolder);
  const limit = pLimit(JOBS);
  const built = guests.map((guest) =>
    limit(async () => {
      const own = join(folder, guest.name);
      await mkdir(own);
      return [guest.name, await guest.build(own, stock)] as const;
    }),
  );
  await Promise.allSettled(built); // where one fails, the others have ended before the folder is removed
  return new Map(await Promise.all(built));
}

async function define<Stock>(
  host: TestHost,
  { name, machine, firmware }: LabelledGuest<Stock>,
  images: GuestImages | undefined,
): Promise<void> {
  const { disks = [], nvram } = images ?? {};
  const xml = guestXml({
    name,
    machine,
    disks: [...disks],
    ...(firmware === undefined ? {} : { firmware }),
    ...(nvram === undefined ? {} : { nvram }),
  });
  await host.root.define(xml);
}

async function preflight({ program }: TestHost, count: number): Promise<readonly GuestJson[]> {
  const { document, stderr } = await virtioizeJson(['preflight', '--all', '--jobs', String(JOBS)], {
    ...program,
    env: { ...program.env, ...guestfishEnvironment },
    libguestfs: true,
    timeoutMs: count * PREFLIGHT_MS_PER_GUEST,
  });
  if (document.guests.length !== count)
    throw new Error(
      `the program tells of ${document.guests.length} guests, not ${count}: ${document.error?.message ?? stderr}`,
    );
  return document.guests;
}
