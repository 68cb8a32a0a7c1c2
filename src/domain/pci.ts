import { parseDefinition, selectElements } from './xml.ts';

/** How many devices of a definition take a place on a PCI bus, those without an address yet included. */
export function countPciDevices(text: string): number {
  const definition = parseDefinition(text);
  const placed = selectElements(definition, "/domain/devices//address[@type='pci'][@slot]");
  const disks = selectElements(definition, "/domain/devices/disk[target/@bus='virtio'][not(address)]");
  return placed.length + disks.length;
}
