/** The two ids that a virtio disk has on PCI: 1001 on a machine `pc`, 1042 behind the root ports of a `q35`. */
export type DiskId = '1001' | '1042';

/** A storage driver as Windows has it. */
export interface StorageDriver {
  readonly service: string;
  /** 0: at boot, by the boot loader; 3: on demand; 4: never. */
  readonly start: number;
  /** `StartOverride\0`, by which Windows 8 and later keeps a driver from starting at boot. */
  readonly startOverride?: number;
  readonly imagePath: string;
  /** Where its binary lies. */
  readonly binary: string | undefined;
  readonly isSigned: boolean;
  /** Its package's name and section in the driver database of Windows 8 and later. */
  readonly package: string;
  readonly section: string;
  readonly inf: string;
  /** The ids that the driver database (or its predecessor) binds to it. */
  readonly bound: readonly DiskId[];
  /** The ids that were seen on this machine and got the driver. */
  readonly seen: readonly DiskId[];
}

const VIOSTOR_PACKAGE = 'viostor.inf_amd64_9b12bbd0b4fbc3d1';

/** Folders below DriverStore\FileRepository. */
export const DRIVER_STORE_FOLDERS = [VIOSTOR_PACKAGE];

/** Red Hat's driver as its installer leaves it on a guest that has had a virtio disk. */
export const viostor: StorageDriver = {
  service: 'viostor',
  start: 0,
  imagePath: 'System32\\drivers\\viostor.sys',
  binary: '/Windows/System32/drivers/viostor.sys',
  isSigned: true,
  package: VIOSTOR_PACKAGE,
  section: 'scsi_inst',
  inf: 'oem1.inf',
  bound: ['1001', '1042'],
  seen: ['1001'],
};

/** The same, since its INF of 2024: it stays in the driver store. */
export const viostorInDriverStore: StorageDriver = {
  ...viostor,
  imagePath: `\\SystemRoot\\System32\\DriverStore\\FileRepository\\${VIOSTOR_PACKAGE}\\viostor.sys`,
  binary: `/Windows/System32/DriverStore/FileRepository/${VIOSTOR_PACKAGE}/viostor.sys`,
};

/** As virt-v2v puts it in, from outside, without an INF. */
export const guestor: StorageDriver = {
  ...viostor,
  package: 'guestor.inf_amd64',
  section: 'guestor_conf',
  inf: 'guestor.inf',
  seen: [],
};

/** SUSE's, by another name. */
export const pvvxblk: StorageDriver = {
  ...viostor,
  service: 'pvvxblk',
  imagePath: 'System32\\drivers\\pvvxblk.sys',
  binary: '/Windows/System32/drivers/pvvxblk.sys',
  package: 'pvvxblk.inf_amd64_51f3a3c6a0d5b2e7',
  section: 'pvvxblk_inst',
};

/** The last one for Windows XP, which knows no other id. */
export const viostorForXp: StorageDriver = {
  ...viostor,
  imagePath: 'system32\\DRIVERS\\viostor.sys',
  binary: '/WINDOWS/system32/drivers/viostor.sys',
  bound: ['1001'],
};
