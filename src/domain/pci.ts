import { disksOf } from './disk.ts';
import { attribute, childElement, childElements, type ReadElement, readDefinition, selectElements } from './xml.ts';

/** How many devices of a definition take a place on a PCI bus, those without an address yet included. */
export function countPciDevices(text: string): number {
  const definition = readDefinition(text);
  const placed = selectElements(definition, '/domain/devices').flatMap(pciAddresses);
  const disks = disksOf(text).filter(
    ({ bus, element }) => bus === 'virtio' && childElement(element, 'address') === undefined,
  );
  return placed.length + disks.length;
}

function pciAddresses(element: ReadElement): ReadElement[] {
  return childElements(element).flatMap((child) => {
    const isOne = child.nodeName === 'address' && attribute(child, 'type') === 'pci' && child.hasAttribute('slot');
    return isOne ? [child] : pciAddresses(child);
  });
}
