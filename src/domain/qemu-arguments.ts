import type { Disk } from './disk.ts';
import { diskIndex } from './disk-name.ts';
import { attribute, childElement, childElements, type ReadDocument, selectElements } from './xml.ts';

/** Devices that QEMU makes of emulated disks: `-global ide-hd.x=y` no longer applies to a virtio disk. */
const EMULATED_DEVICES = { ide: ['ide-hd'], sata: ['ide-hd'], scsi: ['scsi-hd'], usb: ['usb-storage'] } as const;

/**
 * The raw QEMU arguments of a definition (`qemu:commandline`, `qemu:override`) that name one of `disks`, as they are
 * or as they are going to be: libvirt does not know of them, so they would break or silently stop to apply.
 * @param newTargets the names that the disks get, in the order of `disks`.
 */
export function argumentsNaming(
  definition: ReadDocument,
  disks: readonly Disk[],
  newTargets: readonly string[],
): string[] {
  const raw = selectElements(definition, '/domain')
    .flatMap((domain) => childElements(domain))
    .filter(({ namespaceURI }) => namespaceURI === 'http://libvirt.org/schemas/domain/qemu/1.0')
    .flatMap((part) => selectElements(part, './/*'))
    .flatMap((element) => ['value', 'alias'].flatMap((name) => attribute(element, name) ?? []));
  if (raw.length === 0) return [];
  const names = disks.flatMap((disk, position) => [
    ...deviceNames(disk),
    `virtio-disk${diskIndex(newTargets[position] ?? '')}`,
  ]);
  return raw.filter((text) => NODE_NAME.test(text) || names.some((name) => mentions(text, name)));
}

/** QEMU's block nodes are numbered in the order of the disks, which changes. */
const NODE_NAME = /\blibvirt-\d+-(?:format|storage)\b/;

function deviceNames({ element, emulated, target }: Disk): string[] {
  const address = childElement(element, 'address');
  const [controller, bus, unit, scsiTarget] = ['controller', 'bus', 'unit', 'target'].map(
    (name) => attribute(address, name) ?? '0',
  );
  const alias = childElement(element, 'alias');
  return [
    ...(emulated === undefined ? [] : EMULATED_DEVICES[emulated]),
    emulated === 'usb' ? `usb-disk${diskIndex(target)}` : `${emulated}${controller}-${bus}-${unit}`,
    ...(emulated === 'scsi' ? [`scsi${controller}-${bus}-${scsiTarget}-${unit}`] : []),
    ...(alias === undefined ? [] : [attribute(alias, 'name') ?? []].flat()),
  ];
}

function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!/\d/.test(text.charAt(at + name.length))) return true;
  }
  return false;
}
