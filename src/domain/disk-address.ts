import { readDisks } from './disk.ts';
import { attribute, childElement, type ReadElement, readDefinition, selectElements } from './xml.ts';

/** Where a guest's agent says that a disk hangs: the PCI function of its controller, and its place on that. */
export interface ReportedAddress {
  readonly pci: { readonly domain: number; readonly bus: number; readonly slot: number; readonly function: number };
  readonly bus: number;
  readonly target: number;
  readonly unit: number;
}

/**
 * A table of the disks of a running instance by the addresses that its system sees them at. A virtio disk is a PCI
 * function of its own; IDE, SATA and SCSI disks are drives on a controller that is one.
 * @returns the target name at a reported address, or undefined (other buses, other devices).
 */
export function indexDiskAddresses(live: string): (address: ReportedAddress) => string | undefined {
  const definition = readDefinition(live);
  const controllers = new Map(
    selectElements(definition, '/domain/devices/controller').map((controller) => [
      `${attribute(controller, 'type')} ${attribute(controller, 'index')}`,
      pciKey(childElement(controller, 'address')),
    ]),
  );
  const targets = new Map(
    readDisks(definition).flatMap(({ element, target, bus }) => {
      const key = diskKey(childElement(element, 'address'), bus, controllers);
      return key === undefined ? [] : [[key, target] as const];
    }),
  );
  return ({ pci, bus, target, unit }) => {
    const key = joinNumbers([pci.domain, pci.bus, pci.slot, pci.function]);
    return targets.get(key) ?? targets.get(`${key}/${joinNumbers([bus, target, unit])}`);
  };
}

function diskKey(
  address: ReadElement | undefined,
  bus: string,
  controllers: ReadonlyMap<string, string | undefined>,
): string | undefined {
  if (address === undefined || attribute(address, 'type') !== 'drive') return pciKey(address);
  const controller = controllers.get(`${bus} ${attribute(address, 'controller') ?? '0'}`);
  if (controller === undefined) return undefined;
  return `${controller}/${joinNumbers(['bus', 'target', 'unit'].map((name) => Number(attribute(address, name) ?? 0)))}`;
}

function pciKey(address: ReadElement | undefined): string | undefined {
  if (address === undefined || attribute(address, 'type') !== 'pci') return undefined;
  return joinNumbers(['domain', 'bus', 'slot', 'function'].map((name) => Number(attribute(address, name) ?? 0)));
}

function joinNumbers(numbers: readonly number[]): string {
  return numbers.join(':');
}
