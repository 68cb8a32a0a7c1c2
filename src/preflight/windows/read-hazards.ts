import { type GuestFiles, orUnreadable, readHead } from '../guest-files.ts';
import { type GuestRegistry, numberIn } from './registry.ts';
import type { HazardFacts } from './windows-facts.ts';

const CONTROL = 'SYSTEM\\CurrentControlSet\\Control';
const SESSION_MANAGER = `${CONTROL}\\Session Manager`;
const CURRENT_VERSION = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion';

/** Keys that are there as long as a restart is outstanding. */
const REBOOT_KEYS = [
  [`${CURRENT_VERSION}\\Component Based Servicing`, 'RebootPending', 'servicing of Windows components'],
  [`${CURRENT_VERSION}\\WindowsUpdate\\Auto Update`, 'RebootRequired', 'Windows Update'],
] as const;

/**
 * What stands in the way beside the driver.
 * @param files of a guest that is off; undefined for a running one, whose memory lies in no file.
 */
export async function readHazards(registry: GuestRegistry, files: GuestFiles | undefined): Promise<HazardFacts> {
  return {
    hibernated: files === undefined ? undefined : await orUnreadable(() => isHibernated(files)),
    fastStartup: await orUnreadable(() => hasFastStartup(registry)),
    sanPolicy: await orUnreadable(() => readSanPolicy(registry)),
    bitlocker: await orUnreadable(() => hasBitlocker(registry)),
    pendingReboot: await orUnreadable(() => findPendingReboot(registry)),
  };
}

/** `HIBR` in upper or lower case at the head of hiberfil.sys; Windows overwrites it once it has come up. */
async function isHibernated(files: GuestFiles): Promise<boolean> {
  const head = await readHead(files, '/hiberfil.sys', 4);
  return head?.toString('latin1').toUpperCase() === 'HIBR';
}

async function hasFastStartup(registry: GuestRegistry): Promise<boolean> {
  const power = await registry.readKey(`${SESSION_MANAGER}\\Power`);
  if (numberIn(power, 'HiberbootEnabled') !== 1) return false;
  return numberIn(await registry.readKey(`${CONTROL}\\Power`), 'HibernateEnabled') !== 0;
}

async function readSanPolicy(registry: GuestRegistry): Promise<number | undefined> {
  const path = 'SYSTEM\\CurrentControlSet\\Services\\partmgr\\Parameters';
  return numberIn(await registry.readKey(path), 'SanPolicy');
}

/** Since Windows 8; that of other volumes is not in the registry. */
async function hasBitlocker(registry: GuestRegistry): Promise<boolean> {
  return numberIn(await registry.readKey(`${CONTROL}\\BitLockerStatus`), 'BootStatus') === 1;
}

async function findPendingReboot(registry: GuestRegistry): Promise<string | undefined> {
  for (const [path, name, reason] of REBOOT_KEYS) {
    if ((await registry.readKey(`${path}\\${name}`)) !== undefined) return reason;
  }
  const renames = (await registry.readKey(SESSION_MANAGER))?.values.get('pendingfilerenameoperations');
  return Array.isArray(renames) && renames.length > 0 ? 'files that are replaced at the next start' : undefined;
}
