import { disksOf } from './disk.ts';
import { diskIndex, virtioName } from './disk-name.ts';
import { childElement } from './xml.ts';

/** By it the guest's admin knows the disk inside. At most 20 characters: a virtio disk tells no more (QEMU). */
const PROBE_SERIAL = 'virtioize-probe';

/** Out of the way of those that an admin plugs in meanwhile. */
const FIRST_INDEX = 25; // vdz

/** Given the definition of a running instance, a target name that a further virtio disk can have. */
export function probeTarget(live: string): string {
  const disks = disksOf(live);
  const names = new Set(disks.map(({ target }) => target));
  const numbers = new Set(disks.filter(({ bus }) => bus === 'virtio').map(({ target }) => diskIndex(target)));
  let index = FIRST_INDEX;
  while (numbers.has(index) || names.has(virtioName(index))) index++;
  return virtioName(index);
}

/** The device that is plugged in: an empty qcow2 image. */
export function probeDevice(file: string, target: string): string {
  return `<disk type='file' device='disk'>
  <driver name='qemu' type='qcow2'/>
  <source file='${escapeXml(file)}'/>
  <target dev='${target}' bus='virtio'/>
  <serial>${PROBE_SERIAL}</serial>
</disk>
`;
}

/**
 * Whether an instance has the probe plugged in: by its serial, for a snapshot of all its disks puts another file in the
 * place of the probe's.
 */
export function hasProbe(instance: string, target: string): boolean {
  return disksOf(instance).some(
    (disk) => disk.target === target && childElement(disk.element, 'serial')?.textContent === PROBE_SERIAL,
  );
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;');
}
