import { attribute, childElement, definitionOf, type ReadElement, selectText } from './xml.ts';

/** Controllers whose disks are paravirtual already. */
const PARAVIRTUAL_MODELS = new Set(['virtio-scsi', 'virtio-transitional', 'virtio-non-transitional', 'ibmvscsi']);

/**
 * Whether a `bus='scsi'` disk hangs on an emulated controller such as lsilogic.
 * The controller is the one that the disk's drive address names, the first one where it names none.
 */
export function hangsOnEmulatedController(disk: ReadElement): boolean {
  const index = attribute(childElement(disk, 'address'), 'controller') ?? '0';
  const model = selectText(
    definitionOf(disk),
    `/domain/devices/controller[@type='scsi'][@index='${Number.parseInt(index, 10)}']/@model`,
  );
  if (model === undefined || model === 'auto') return isDefaultModelEmulated(disk);
  return !PARAVIRTUAL_MODELS.has(model);
}

/** libvirt's default: lsilogic on x86, something paravirtual elsewhere (qemuDomainSetSCSIControllerModel). */
function isDefaultModelEmulated(disk: ReadElement): boolean {
  const arch = selectText(definitionOf(disk), '/domain/os/type/@arch') ?? 'x86_64';
  return arch === 'x86_64' || arch === 'i686';
}
