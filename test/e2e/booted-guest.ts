import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestHost } from '../test-host.ts';
import { type SeenDisk, shutDownGuest, waitForBoot } from '../testbed/guest-boot.ts';
import { buildGuestImage, type GuestRecipe } from '../testbed/guest-image.ts';
import { type GuestDisk, type GuestXmlOptions, guestXml } from '../testbed/guest-xml.ts';

const BOOT_TIMEOUT_MS = 240_000;

/** A guest that boots, with the images it has. */
export interface TestGuest {
  readonly name: string;
  readonly systemDisk: string;
  readonly serialLog: string;
  /** Start it and wait until it is up; the disks as it sees them, or undefined where it found no root. */
  boot(): Promise<readonly SeenDisk[] | undefined>;
  /** Shut it down from inside, by the power button. */
  shutDown(): Promise<void>;
}

export interface TestGuestOptions {
  readonly name: string;
  readonly system: Omit<GuestDisk, 'path' | 'format'>;
  readonly recipe?: Partial<GuestRecipe>;
  readonly moreDisks?: GuestDisk[];
  /** The other disks stand before the system disk in the definition. */
  readonly systemLast?: boolean;
  readonly machine?: 'pc' | 'q35';
  readonly agent?: boolean;
  readonly xml?: Partial<GuestXmlOptions>;
}

/** Build and define a guest on a test host. It is off. */
export async function createTestGuest(host: TestHost, options: TestGuestOptions): Promise<TestGuest> {
  const { name, system, recipe = {}, moreDisks = [], systemLast = false, machine = 'pc', agent = true } = options;
  const path = join(host.folder, `${name}.qcow2`);
  const serialLog = join(host.folder, `${name}.log`);
  await buildGuestImage({ path, format: 'qcow2', virtioBlk: true, agent, ...recipe });
  const systemDisk: GuestDisk = { ...system, path, format: 'qcow2' };
  const disks = systemLast ? [...moreDisks, systemDisk] : [systemDisk, ...moreDisks];
  await host.root.define(guestXml({ name, machine, agent, serialLog, disks, ...options.xml }));
  return {
    name,
    systemDisk: path,
    serialLog,
    async boot() {
      const earlier = options.xml?.keepsSerialLog === true ? await sizeOf(serialLog) : 0;
      await host.root.start(name);
      const outcome = await waitForBoot(serialLog, BOOT_TIMEOUT_MS, earlier);
      return outcome.booted ? outcome.disks : undefined;
    },
    shutDown: () => shutDownGuest(host.root, name, BOOT_TIMEOUT_MS),
  };
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0; // QEMU makes it at the first start
}

/** The name of the disk on which the system's root lies, as the system sees it. */
export function rootDisk(disks: readonly SeenDisk[] | undefined): string | undefined {
  return disks?.find(({ mounts }) => mounts.includes('/'))?.name;
}

/** The disk that is mounted at a folder. */
export function diskAt(disks: readonly SeenDisk[] | undefined, folder: string): string | undefined {
  return disks?.find(({ mounts }) => mounts.includes(folder))?.name;
}
