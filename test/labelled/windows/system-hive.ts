import type { RegistryData, RegistryKeys } from '../../windows/registry-file.ts';
import type { DiskId, StorageDriver } from './driver.ts';
import type { Generation, WindowsSystem } from './windows-system.ts';

const SCSI_ADAPTER = '{4d36e97b-e325-11ce-bfc1-08002be10318}';

/** Whole ids, with the subsystem and revision that QEMU gives the two. */
const HARDWARE_IDS: Readonly<Record<DiskId, string>> = {
  '1001': 'VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00',
  '1042': 'VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01',
};

/** The keys of a system's SYSTEM hive, as far as storage and inspectors are concerned. */
export function systemHive(system: WindowsSystem): RegistryKeys {
  const { generation, controlSets, current, system: more } = system;
  const drivers = Object.values(controlSets).filter((driver) => driver !== undefined);
  return {
    Select: { Current: current, Default: current, Failed: 0, LastKnownGood: current },
    MountedDevices: { '\\DosDevices\\C:': Buffer.from('7e57bed0000020000000000000', 'hex') },
    ...Object.assign(
      {},
      ...Object.entries(controlSets).map(([number, driver]) => controlSet(`ControlSet00${number}`, generation, driver)),
    ),
    ...(hasDriverDatabase(generation) ? driverDatabase(drivers) : {}),
    ...more,
  };
}

/** The keys that bind PCI ids to a driver on a system up to Windows 7. */
export function criticalDevices(set: string, { service, bound }: StorageDriver): RegistryKeys {
  return Object.fromEntries(
    bound.map((id) => [
      `${set}\\Control\\CriticalDeviceDatabase\\pci#${HARDWARE_IDS[id].toLowerCase()}`,
      { ClassGUID: SCSI_ADAPTER, Service: service },
    ]),
  );
}

function hasDriverDatabase(generation: Generation): boolean {
  return generation === '10' || generation === '2022';
}

function controlSet(set: string, generation: Generation, driver: StorageDriver | undefined): RegistryKeys {
  return {
    [`${set}\\Control\\ComputerName\\ComputerName`]: { ComputerName: 'TESTBED' },
    [`${set}\\Control\\CriticalDeviceDatabase\\pci#ven_8086&dev_7010`]: {
      ClassGUID: IDE_CONTROLLER,
      Service: 'intelide',
    },
    [`${set}\\Control\\Session Manager\\Environment`]: { PROCESSOR_ARCHITECTURE: 'AMD64' },
    [`${set}\\Services\\Tcpip\\Parameters`]: { Hostname: 'TESTBED' },
    [`${set}\\Services\\pci`]: bootService('pci', 'Boot Bus Extender'),
    [`${set}\\Services\\intelide`]: bootService('intelide', 'System Bus Extender'),
    [`${set}\\Services\\storahci`]: bootService('storahci', 'SCSI Miniport'),
    [`${set}\\Enum\\PCI\\VEN_8086&DEV_7010&SUBSYS_11001AF4&REV_00\\3&13c0b0c5&0&09`]: { Service: 'intelide' },
    ...(driver === undefined ? {} : driverKeys(set, generation, driver)),
  };
}

const IDE_CONTROLLER = '{4d36e96a-e325-11ce-bfc1-08002be10318}';

function bootService(name: string, group: string): Record<string, RegistryData> {
  return { Type: 1, Start: 0, ErrorControl: 1, Group: group, ImagePath: { expand: `System32\\drivers\\${name}.sys` } };
}

function driverKeys(set: string, generation: Generation, driver: StorageDriver): RegistryKeys {
  const { service, start, startOverride, imagePath, inf, seen } = driver;
  const key = `${set}\\Services\\${service}`;
  return {
    [key]: {
      Type: 1,
      Start: start,
      ErrorControl: 1,
      Tag: 0x21,
      Group: 'SCSI miniport',
      ImagePath: { expand: imagePath },
      ...(hasDriverDatabase(generation) ? { Owners: [inf] } : {}),
    },
    [`${key}\\Parameters`]: { BusType: 1 },
    [`${key}\\Parameters\\PnpInterface`]: { 5: 1 },
    ...(startOverride === undefined ? {} : { [`${key}\\StartOverride`]: { 0: startOverride } }),
    ...(hasDriverDatabase(generation) ? {} : criticalDevices(set, driver)),
    ...Object.fromEntries(
      seen.map((id) => [
        `${set}\\Enum\\PCI\\${HARDWARE_IDS[id]}\\3&13c0b0c5&0&38`,
        {
          DeviceDesc: 'Red Hat VirtIO SCSI controller',
          HardwareID: [`PCI\\${HARDWARE_IDS[id]}`],
          ClassGUID: SCSI_ADAPTER,
          Service: service,
          ConfigFlags: 0,
        },
      ]),
    ),
  };
}

/** Windows 8 and later: from an id to an INF, from there to a package, and by its section to the service. */
function driverDatabase(drivers: readonly StorageDriver[]): RegistryKeys {
  const ids = Object.fromEntries(
    drivers.flatMap(({ bound, inf }) =>
      bound.map((id) => [
        `DriverDatabase\\DeviceIds\\PCI\\${HARDWARE_IDS[id]}`,
        { [inf]: Buffer.from('01ff0000', 'hex') },
      ]),
    ),
  );
  return {
    'DriverDatabase\\DeviceIds\\PCI\\VEN_8086&DEV_7010': { 'mshdc.inf': Buffer.from('02ff0000', 'hex') },
    ...ids,
    ...Object.assign({}, ...drivers.map(driverPackage)),
  };
}

function driverPackage(driver: StorageDriver): RegistryKeys {
  const { inf, service, section, bound } = driver;
  const key = `DriverDatabase\\DriverPackages\\${driver.package}`;
  return {
    [`DriverDatabase\\DriverInfFiles\\${inf}`]: {
      '': [driver.package],
      Active: driver.package,
      Configurations: [section],
    },
    [key]: { '': inf, InfName: inf, Provider: 'Red Hat, Inc.', SignerScore: 0x0d000003 },
    [`${key}\\Configurations\\${section}`]: { ConfigFlags: 0, Service: service },
    ...Object.fromEntries(
      bound.map((id) => [`${key}\\Descriptors\\PCI\\${HARDWARE_IDS[id]}`, { Configuration: section }]),
    ),
  };
}
