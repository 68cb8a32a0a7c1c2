import { keepBootDevices } from './boot-order.ts';
import { chooseFreeNames, keepNames } from './choose-names.ts';
import { convertDisk, renameDisk } from './convert-disk.ts';
import { type Disk, type EmulatedBus, emulatedDisks, readDisks } from './disk.ts';
import type { Refusal, Warning } from './finding.ts';
import { definitionManager, losesTrim, machineProblem } from './machine.ts';
import { argumentsNaming } from './qemu-arguments.ts';
import { attribute, childElement, type Document, type Element, parseDefinition, serializeDefinition } from './xml.ts';

export interface RewriteOptions {
  /** The emulated buses to leave. */
  readonly buses: ReadonlySet<EmulatedBus>;
  /** `free`: new names vda, vdb, ...; `keep`: every disk keeps its name (the guest runs, or has snapshots). */
  readonly naming: 'free' | 'keep';
  /** Virtio disks that an earlier conversion left on the names they had: renamed as well where naming is `free`. */
  readonly keptBefore?: ReadonlySet<string>;
}

/** What becomes of one disk. */
export interface DiskChange {
  readonly source: string;
  readonly from: { readonly target: string; readonly bus: string };
  readonly to: { readonly target: string; readonly bus: string };
  /** Settings that a virtio disk can't have, by name. */
  readonly dropped: readonly string[];
}

/** A definition with its disks on virtio, as data: nothing is changed by making one. */
export interface Rewrite {
  /** The new definition; undefined where no name can be given (`name-collision`). Equal to the old one without changes. */
  readonly definition: string | undefined;
  readonly changes: readonly DiskChange[];
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

/**
 * Given a persistent definition (`dumpxml --inactive --security-info`), the definition whose emulated disks are on
 * virtio, with all that speaks against it at once. Nothing but those disks changes, apart from the boot order where
 * another disk would boot. Rewriting the result again changes nothing more.
 * @throws VirtioizeError `definition-unreadable`
 */
export function rewriteDefinition(text: string, options: RewriteOptions): Rewrite {
  const definition = parseDefinition(text);
  const disks = readDisks(definition);
  const converted = emulatedDisks(disks, options.buses);
  const renamed = options.naming === 'free' ? disks.filter((disk) => isKeptBefore(disk, options)) : [];
  const affected = disks.filter((disk) => converted.includes(disk) || renamed.includes(disk));
  if (affected.length === 0) return { definition: text, changes: [], refusals: [], warnings: [] };

  const names = options.naming === 'free' ? chooseFreeNames(disks, affected) : keepNames(disks, affected);
  const refusals = [
    ...definitionRefusals(definition, affected, names.targets),
    ...names.collisions.map((disk) => collision(disk)),
  ];
  const dropped: string[][] = [];
  const bootOrderRewritten = keepBootDevices(definition, () => {
    affected.forEach((disk, position) => {
      dropped.push(moveDisk(disk, names.targets[position] ?? disk.target));
    });
  });
  const changes = affected.map(({ source, target, bus }, position) => ({
    source,
    from: { target, bus },
    to: { target: names.targets[position] ?? target, bus: 'virtio' },
    dropped: dropped[position] ?? [],
  }));
  return {
    definition: names.collisions.length > 0 ? undefined : serializeDefinition(definition),
    changes,
    refusals,
    warnings: [
      ...disks.flatMap((disk) => {
        const change = changes[affected.indexOf(disk)];
        return change === undefined ? lunWarnings(disk) : diskWarnings(disk, change, definition, options);
      }),
      ...serialCollisions(affected),
      ...(bootOrderRewritten ? [bootOrderWarning()] : []),
    ],
  };
}

function isKeptBefore(disk: Disk, { keptBefore }: RewriteOptions): boolean {
  return disk.bus === 'virtio' && (keptBefore?.has(disk.target) ?? false);
}

function moveDisk({ element, bus }: Disk, target: string): string[] {
  if (bus !== 'virtio') return convertDisk(element, target);
  renameDisk(element, target);
  return [];
}

function definitionRefusals(definition: Document, disks: readonly Disk[], targets: readonly string[]): Refusal[] {
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

function collision({ target }: Disk): Refusal {
  return {
    code: 'name-collision',
    message: `'${target}' can't stay the name of a virtio disk: another virtio disk counts as the same number for QEMU.`,
    hint: 'Shut the guest down and convert it while it is off: its disks are renamed then.',
    disk: target,
  };
}

function lunWarnings({ device, target }: Disk): Warning[] {
  if (device !== 'lun') return [];
  return [
    { code: 'lun-left', message: `'${target}' is a LUN passed through to the guest; it stays as it is.`, disk: target },
  ];
}

function diskWarnings(disk: Disk, { dropped }: DiskChange, definition: Document, options: RewriteOptions): Warning[] {
  const { element, target, bus } = disk;
  if (bus === 'virtio') return [];
  const warnings: Warning[] = [];
  if (dropped.length > 0) {
    const list = dropped.join(', ');
    warnings.push({
      code: 'setting-dropped',
      message: `'${target}' loses what virtio does not have: ${list}.`,
      disk: target,
    });
  }
  if (options.naming === 'keep') {
    const message = `'${target}' keeps its name on virtio for now; a later run renames it once the guest is off and has no snapshots.`;
    warnings.push({ code: 'name-kept', message, disk: target });
  }
  const serial = serialOf(element);
  if (serial.length > SERIAL_BYTES) {
    const message = `The serial of '${target}' is longer than ${SERIAL_BYTES} characters; the guest will see '${serial.slice(0, SERIAL_BYTES)}'.`;
    warnings.push({ code: 'serial-long', message, disk: target });
  }
  if (discards(element) && losesTrim(definition)) {
    const message = `'${target}' loses TRIM (discard='unmap'): this machine type is of QEMU 3.1 or older.`;
    warnings.push({ code: 'trim-lost', message, disk: target });
  }
  return warnings;
}

/** virtio-blk gives the guest this much of a serial; SCSI gives up to 36. */
const SERIAL_BYTES = 20;

function serialOf(disk: Element): string {
  return childElement(disk, 'serial')?.textContent ?? '';
}

function discards(disk: Element): boolean {
  const driver = childElement(disk, 'driver');
  return driver !== undefined && attribute(driver, 'discard') === 'unmap';
}

function serialCollisions(disks: readonly Disk[]): Warning[] {
  const seen = new Map<string, string>();
  return disks.flatMap(({ element, target }) => {
    const serial = serialOf(element).slice(0, SERIAL_BYTES);
    if (serial === '') return [];
    const other = seen.get(serial);
    seen.set(serial, target);
    if (other === undefined) return [];
    const message = `The serials of '${other}' and '${target}' are the same in the ${SERIAL_BYTES} characters that virtio shows.`;
    return [{ code: 'serial-long' as const, message, disk: target }];
  });
}

function bootOrderWarning(): Warning {
  return {
    code: 'boot-order-rewritten',
    message:
      'Another disk would have come first: the boot order is now written on the devices, so that the same one boots.',
  };
}
