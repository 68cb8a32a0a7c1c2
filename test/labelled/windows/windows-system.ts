import type { RegistryKeys } from '../../windows/registry-file.ts';
import type { StorageDriver } from './driver.ts';

export type Generation = 'xp' | '7' | '10' | '2022';

/** A Windows installation: what is usual follows from its generation, what is told is what a test is about. */
export interface WindowsSystem {
  readonly generation: Generation;
  /** The driver for virtio disks, if any, in each control set. */
  readonly controlSets: Readonly<Partial<Record<1 | 2, StorageDriver | undefined>>>;
  /** The control set that it starts with. */
  readonly current: 1 | 2;
  /** More keys of the SYSTEM hive; they win over the usual ones. */
  readonly system?: RegistryKeys;
  readonly software?: RegistryKeys;
  /** More files on the system's volume, in folders that it has. */
  readonly files?: Readonly<Record<string, Buffer | string>>;
  /** Whether its SYSTEM hive was not written completely. */
  readonly hasDirtyHive?: boolean;
}

/** A system with one control set. */
export function windows(
  generation: Generation,
  driver?: StorageDriver,
  more: Partial<WindowsSystem> = {},
): WindowsSystem {
  return { generation, controlSets: { 1: driver }, current: 1, ...more };
}
