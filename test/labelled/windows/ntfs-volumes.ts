import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { makeSparseFile } from '../../testbed/disk-image.ts';
import { runGuestfish } from '../guestfish.ts';
import { DRIVER_STORE_FOLDERS } from './driver.ts';

export const volumeSizesMiB = { system: 24, data: 8 } as const;

/** NTFS volumes with the folders of Windows, without a file in them, for copies to be made of. */
export interface NtfsVolumes {
  /** The volume of Windows Vista and later. */
  readonly nt6: string;
  /** The volume of Windows XP. */
  readonly nt5: string;
  /** An empty, smaller one. */
  readonly data: string;
}

const FOLDERS = {
  nt6: [
    '/Windows/System32/config',
    '/Windows/System32/drivers',
    ...DRIVER_STORE_FOLDERS.map((name) => `/Windows/System32/DriverStore/FileRepository/${name}`),
    '/Program Files',
    '/ProgramData',
    '/Users',
  ],
  nt5: ['/WINDOWS/system32/config', '/WINDOWS/system32/drivers', '/Program Files', '/Documents and Settings'],
} as const;

/** Make the volumes. Folders can be made only inside a mounted NTFS, so once for all guests, in libguestfs's appliance. */
export async function makeNtfsVolumes(folder: string): Promise<NtfsVolumes> {
  const volumes = { nt6: join(folder, 'nt6.ntfs'), nt5: join(folder, 'nt5.ntfs'), data: join(folder, 'data.ntfs') };
  await makeVolume(volumes.nt6, volumeSizesMiB.system);
  await makeVolume(volumes.nt5, volumeSizesMiB.system);
  await makeVolume(volumes.data, volumeSizesMiB.data);
  const fill = (device: string, folders: readonly string[]): string[] => [
    `mount ${device} /`,
    ...folders.map((name) => `mkdir-p "${name}"`),
    'umount /',
  ];
  await runGuestfish([volumes.nt6, volumes.nt5], [...fill('/dev/sda', FOLDERS.nt6), ...fill('/dev/sdb', FOLDERS.nt5)]);
  return volumes;
}

async function makeVolume(path: string, sizeMiB: number): Promise<void> {
  await makeSparseFile(path, sizeMiB * 1024 * 1024);
  const geometry = ['-p', '2048', '-H', '255', '-S', '63', '-s', '512']; // else it complains that Windows can't start from it
  await execa('mkntfs', ['--force', '--quick', '--quiet', ...geometry, path]);
}

/** Copy a volume and put files, by absolute path, into folders that it has. */
export async function fillVolume(
  from: string,
  path: string,
  files: Readonly<Record<string, Buffer | string>>,
): Promise<void> {
  await execa('cp', ['--sparse=always', from, path]);
  const draft = `${path}.file`;
  for (const [name, content] of Object.entries(files)) {
    await writeFile(draft, content);
    await execa('ntfscp', ['--quiet', path, draft, name]);
  }
  await rm(draft, { force: true });
}
