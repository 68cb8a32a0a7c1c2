import {
  attribute,
  childElement,
  type ReadDocument,
  type ReadElement,
  selectElement,
  selectElements,
  selectText,
} from './xml.ts';

/**
 * The PCI device id under which a guest sees a virtio disk (vendor 1af4): `1001` is the transitional device, `1042` the
 * modern one. A driver that is bound to one of them alone does not find the other.
 */
export type VirtioDiskId = '1001' | '1042';

export const VIRTIO_DISK_IDS: readonly VirtioDiskId[] = ['1001', '1042'];

/** Conventional PCI is all that these have: QEMU makes a transitional device there. */
const CONVENTIONAL = /^(?:pc|pc-\d.*|pc-i440fx-.*|rhel6\..*|pseries.*)$/;
/** libvirt gives a virtio disk a PCI Express root port of its own here: QEMU makes a modern device there. */
const EXPRESS = /^(?:q35|pc-q35-.*|virt|virt-.*)$/;
/** Until QEMU 2.6 a machine's virtio devices are transitional wherever they are (seen with QEMU 7.2's machines). */
const BEFORE_MODERN = /^(?:pc-q35|virt)-2\.[0-6]$/;

/** Given a definition, the id that a new virtio disk gets; undefined where there is no PCI (s390x), or nobody knows. */
export function newDiskId(definition: ReadDocument): VirtioDiskId | undefined {
  const machine = selectText(definition, '/domain/os/type/@machine') ?? '';
  if (CONVENTIONAL.test(machine) || BEFORE_MODERN.test(machine)) return '1001';
  return EXPRESS.test(machine) ? '1042' : undefined;
}

/** The id of a virtio disk that has its address; undefined where that does not tell. */
export function diskIdOf(disk: ReadElement): VirtioDiskId | undefined {
  const model = attribute(disk, 'model');
  if (model === 'virtio-transitional') return '1001';
  if (model === 'virtio-non-transitional') return '1042';
  const definition = disk.ownerDocument;
  const address = childElement(disk, 'address');
  if (definition === null || address === undefined || attribute(address, 'type') !== 'pci') return undefined;
  const machine = selectText(definition, '/domain/os/type/@machine') ?? '';
  return isOnExpressPort(definition, address) && !BEFORE_MODERN.test(machine) ? '1042' : '1001';
}

/** On the root complex itself a device is transitional as on conventional PCI (QEMU, hw/virtio/virtio-pci.c). */
function isOnExpressPort(definition: ReadDocument, address: ReadElement): boolean {
  const bus = Number(attribute(address, 'bus') ?? '0');
  const controller = selectElements(definition, "/domain/devices/controller[@type='pci']").find(
    (one) => Number(attribute(one, 'index')) === bus,
  );
  const model = controller === undefined ? undefined : attribute(controller, 'model');
  return model === 'pcie-root-port' || model === 'pcie-switch-downstream-port';
}

/** Whether the machine's firmware starts signed programs only. */
export function usesSecureBoot(definition: ReadDocument): boolean {
  const loader = selectElement(definition, "/domain/os/loader[@secure='yes']");
  const feature = selectElement(definition, "/domain/os/firmware/feature[@name='secure-boot'][@enabled='yes']");
  return loader !== undefined || feature !== undefined;
}
