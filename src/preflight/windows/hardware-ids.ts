import type { VirtioDiskId } from '../../domain/virtio-id.ts';

/** QEMU's subsystem and revision: hw/virtio/virtio-pci.c; those of virtio-win's viostor.inf, too. */
const DETAILS: Readonly<Record<VirtioDiskId, { readonly subsystem: string; readonly revision: string }>> = {
  '1001': { subsystem: '00021AF4', revision: '00' },
  '1042': { subsystem: '11001AF4', revision: '01' },
};

/**
 * The names under which a driver can be bound to a virtio disk of an id (Microsoft, Identifiers for PCI Devices), in
 * upper case and without `PCI\`. A binding for another subsystem or revision is one for another device.
 */
export function hardwareIds(id: VirtioDiskId): ReadonlySet<string> {
  const { subsystem, revision } = DETAILS[id];
  const device = `VEN_1AF4&DEV_${id}`;
  return new Set([
    `${device}&SUBSYS_${subsystem}&REV_${revision}`,
    `${device}&SUBSYS_${subsystem}`,
    `${device}&REV_${revision}`,
    `${device}&CC_010000`,
    `${device}&CC_0100`,
    device,
  ]);
}
