import type { Disk } from './disk.ts';
import type { Refusal } from './finding.ts';
import { definitionManager, machineProblem } from './machine.ts';
import { argumentsNaming } from './qemu-arguments.ts';
import type { ReadDocument } from './xml.ts';

/**
 * What a definition itself says against moving `disks` to virtio, all of it at once.
 * @param targets the names that the disks would get, in their order.
 */
export function definitionRefusals(
  definition: ReadDocument,
  disks: readonly Disk[],
  targets: readonly string[],
): Refusal[] {
  const refusals: Refusal[] = [];
  const machine = machineProblem(definition);
  if (machine !== undefined) {
    refusals.push({
      code: 'unsupported-machine',
      message: `This guest can't have virtio disks: ${machine}.`,
      hint: 'Move it to a pc or q35 machine first, or leave it as it is.',
    });
  }
  const manager = definitionManager(definition);
  if (manager !== undefined) {
    refusals.push({
      code: 'managed-elsewhere',
      message: `${manager} owns this guest's definition and would write the old disks back.`,
      hint: `Change the disk bus in ${manager} itself; --accept managed-elsewhere --reason TEXT if it no longer does.`,
    });
  }
  const named = argumentsNaming(definition, disks, targets);
  if (named.length > 0) {
    refusals.push({
      code: 'qemu-commandline',
      message: `Raw QEMU arguments name a disk that changes (${named.length} of them in qemu:commandline or qemu:override).`,
      hint: 'Remove or adapt them with virsh edit first; --accept qemu-commandline --reason TEXT if they may go unheeded.',
    });
  }
  return refusals;
}
