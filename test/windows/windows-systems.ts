import { UnreadableError } from '../../src/preflight/guest-files.ts';
import type { RegistryValue } from '../../src/preflight/windows/registry.ts';
import { windowsDriver } from './windows-driver.ts';

/** A registry: values by name by path. An error is thrown to whoever reads that key, or one above it. */
export type Keys = Readonly<Record<string, Readonly<Record<string, RegistryValue>> | UnreadableError>>;

/** A Windows system, as far as anybody looks at it. */
export interface WindowsSystem {
  readonly keys: Keys;
  readonly files: Readonly<Record<string, string | Buffer | UnreadableError>>;
}

export const CONTROL_SET = 'SYSTEM\\CurrentControlSet';
export const SERVICE = `${CONTROL_SET}\\Services\\viostor`;
export const DATABASE = 'SYSTEM\\DriverDatabase';
export const PACKAGE = `${DATABASE}\\DriverPackages\\viostor.inf_amd64_520417bbc533faba`;
export const CRITICAL = `${CONTROL_SET}\\Control\\CriticalDeviceDatabase`;
export const ENUM = `${CONTROL_SET}\\Enum\\PCI`;
export const VERSION = 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';

/** How QEMU's virtio disk names itself, transitional and modern. */
export const HARDWARE = {
  '1001': 'VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00',
  '1042': 'VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01',
} as const;
export type DiskId = keyof typeof HARDWARE;

/** As viostor.inf installs itself (virtio-win, viostor.inx). */
export const BOOT_START = {
  Type: 1,
  Start: 0,
  ErrorControl: 1,
  Group: 'SCSI miniport',
  ImagePath: 'System32\\drivers\\viostor.sys',
} as const;

/** The value of an INF file in DeviceIds. */
const RANK = Buffer.from([1, 0xff, 0, 0]);

/** Windows 10 with virtio-win's driver, which has been bound to disks of both ids. */
export function windows10(ids: readonly DiskId[] = ['1001', '1042']): WindowsSystem {
  return {
    keys: {
      ...versionKeys({ major: 10, minor: 0, build: 19_045, product: 'Windows 10 Pro', type: 'Client' }),
      [SERVICE]: BOOT_START,
      [`${SERVICE}\\Parameters\\PnpInterface`]: { 5: 1 },
      ...driverDatabase(ids),
      ...enumerated(ids),
    },
    files: { '/Windows/System32/drivers/viostor.sys': windowsDriver() },
  };
}

/** Another Windows from 8 on. */
export function windowsSince8(version: VersionOptions, ids?: readonly DiskId[]): WindowsSystem {
  const { keys, files } = windows10(ids);
  return { keys: { ...keys, ...versionKeys(version) }, files };
}

export function windows7(ids?: readonly DiskId[]): WindowsSystem {
  return windowsBefore8({ major: 6, minor: 1, build: 7601, product: 'Windows 7 Professional', type: 'Client' }, ids);
}

/** Windows 7 or older, which has no DriverDatabase. */
export function windowsBefore8(version: VersionOptions, ids: readonly DiskId[] = ['1001', '1042']): WindowsSystem {
  const critical = ids.map((id) => [`${CRITICAL}\\PCI#${HARDWARE[id]}`, { Service: 'viostor' }]);
  return {
    keys: {
      ...versionKeys(version),
      [SERVICE]: BOOT_START,
      ...Object.fromEntries(critical),
      [`${CRITICAL}\\PCI#CC_0106`]: { Service: 'msahci' },
      ...enumerated(ids),
    },
    files: { '/Windows/System32/drivers/viostor.sys': windowsDriver() },
  };
}

export interface VersionOptions {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly product: string;
  readonly type?: string;
  readonly architecture?: string;
}

export function versionKeys({ major, minor, build, product, type, architecture = 'AMD64' }: VersionOptions): Keys {
  const since10 = { CurrentMajorVersionNumber: major, CurrentMinorVersionNumber: minor, CurrentVersion: '6.3' };
  return {
    [VERSION]: {
      ...(major >= 10 ? since10 : { CurrentVersion: `${major}.${minor}` }),
      CurrentBuildNumber: String(build),
      ProductName: product,
      SystemRoot: 'C:\\Windows',
      ...(type === undefined ? {} : { InstallationType: type }),
    },
    [`${CONTROL_SET}\\Control\\Session Manager\\Environment`]: { PROCESSOR_ARCHITECTURE: architecture },
    [`${CONTROL_SET}\\Services\\pci`]: { Type: 1, Start: 0, Group: 'Boot Bus Extender' },
  };
}

/** As a package of Windows 11 stands there (distrobuilder, windows/driver_viostor.go). */
export function driverDatabase(ids: readonly DiskId[], service = 'viostor', inf = 'oem3.inf', at = PACKAGE): Keys {
  const name = at.slice(at.lastIndexOf('\\') + 1);
  const perId = ids.flatMap((id): [string, Record<string, RegistryValue>][] => [
    [`${DATABASE}\\DeviceIds\\PCI\\${HARDWARE[id]}`, { [inf]: RANK }],
    [`${at}\\Descriptors\\PCI\\${HARDWARE[id]}`, { Configuration: 'scsi_inst' }],
  ]);
  return {
    ...Object.fromEntries(perId),
    [`${DATABASE}\\DriverInfFiles\\${inf}`]: { '': [name], Active: name, Configurations: ['scsi_inst'] },
    [at]: { '': inf, InfName: 'viostor.inf' },
    [`${at}\\Configurations\\scsi_inst`]: { ConfigFlags: 0, Service: service },
    [`${at}\\Configurations\\scsi_inst\\Device\\Interrupt Management`]: {},
    [`${at}\\Configurations\\scsi_inst\\Services\\${service}`]: {},
  };
}

export function enumerated(ids: readonly DiskId[], values: Record<string, RegistryValue> = {}): Keys {
  const instances = ids.map((id) => [
    `${ENUM}\\${HARDWARE[id]}\\3&13c0b0c5&0&38`,
    { Service: 'viostor', ClassGUID: '{4d36e97b-e325-11ce-bfc1-08002be10318}', ConfigFlags: 0, ...values },
  ]);
  return {
    [`${ENUM}\\VEN_8086&DEV_7010&SUBSYS_11001AF4&REV_00\\3&13c0b0c5&0&09`]: { Service: 'intelide' },
    ...Object.fromEntries(instances),
  };
}

/** The same keys, those left out whose path begins so. */
export function withoutKey(keys: Keys, ...paths: readonly string[]): Keys {
  const isGone = (path: string): boolean => paths.some((one) => path === one || path.startsWith(`${one}\\`));
  return Object.fromEntries(Object.entries(keys).filter(([path]) => !isGone(path)));
}

/** The same keys, with other values in one of them; undefined takes a value away. */
export function withValues(keys: Keys, path: string, values: Record<string, RegistryValue | undefined>): Keys {
  const merged = Object.entries({ ...valuesAt(keys, path), ...values }).filter(([, value]) => value !== undefined);
  return { ...keys, [path]: Object.fromEntries(merged) as Record<string, RegistryValue> };
}

/** The values of a key of a test's registry. */
export function valuesAt(keys: Keys, path: string): Readonly<Record<string, RegistryValue>> {
  const values = keys[path];
  return values === undefined || values instanceof UnreadableError ? {} : values;
}
