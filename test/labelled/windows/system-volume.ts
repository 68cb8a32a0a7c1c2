import { readFile, rm } from 'node:fs/promises';
import { makeDirty } from '../../windows/empty-hive.ts';
import { type RegistryKeys, writeHive } from '../../windows/registry-file.ts';
import { fillVolume, type NtfsVolumes } from './ntfs-volumes.ts';
import { portableExecutable } from './portable-executable.ts';
import { softwareHive } from './software-hive.ts';
import { systemHive } from './system-hive.ts';
import type { WindowsSystem } from './windows-system.ts';

/** Make the volume that Windows is installed on. */
export async function makeSystemVolume(path: string, system: WindowsSystem, volumes: NtfsVolumes): Promise<void> {
  await fillVolume(
    system.generation === 'xp' ? volumes.nt5 : volumes.nt6,
    path,
    await systemFiles(`${path}.hive`, system),
  );
}

/**
 * The files on that volume.
 * @param draft a file that is made on the way, and is gone afterwards.
 */
export async function systemFiles(draft: string, system: WindowsSystem): Promise<Record<string, Buffer | string>> {
  const isXp = system.generation === 'xp';
  const folder = isXp ? '/WINDOWS/system32' : '/Windows/System32';
  const hive = await hiveContent(draft, systemHive(system));
  return {
    [`${folder}/config/SYSTEM`]: system.hasDirtyHive ? makeDirty(hive) : hive,
    [`${folder}/config/SOFTWARE`]: await hiveContent(draft, softwareHive(system)),
    [`${folder}/cmd.exe`]: portableExecutable({ isSigned: true }),
    ...driverBinaries(system),
    ...(isXp ? xpBootFiles : {}),
    ...system.files,
  };
}

function driverBinaries({ controlSets }: WindowsSystem): Record<string, Buffer> {
  return Object.fromEntries(
    Object.values(controlSets).flatMap((driver) =>
      driver?.binary === undefined ? [] : [[driver.binary, portableExecutable(driver)]],
    ),
  );
}

const xpBootFiles = {
  '/boot.ini': [
    '[boot loader]',
    'timeout=30',
    'default=multi(0)disk(0)rdisk(0)partition(1)\\WINDOWS',
    '[operating systems]',
    'multi(0)disk(0)rdisk(0)partition(1)\\WINDOWS="Microsoft Windows XP Professional" /noexecute=optin /fastdetect',
    '',
  ].join('\r\n'),
  '/ntldr': Buffer.alloc(512, 0x90),
  '/NTDETECT.COM': Buffer.alloc(512, 0x90),
};

async function hiveContent(path: string, keys: RegistryKeys): Promise<Buffer> {
  try {
    await writeHive(path, keys);
    return await readFile(path);
  } finally {
    await rm(path, { force: true });
  }
}
