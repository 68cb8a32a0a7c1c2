import { displacesBootDevices, keepBootDevices } from './boot-order.ts';
import { chooseFreeNames, keepNames, type NameChoice } from './choose-names.ts';
import { convertDisk, findDropped, renameDisk } from './convert-disk.ts';
import { definitionRefusals } from './definition-refusals.ts';
import { type Disk, disksOf, emulatedDisks, readDisks } from './disk.ts';
import {
  bootOrderWarning,
  droppedWarnings,
  lunWarnings,
  nameKeptWarning,
  serialWarnings,
  trimWarnings,
} from './disk-warnings.ts';
import type { EmulatedBus } from './emulated-bus.ts';
import { isAcceptable, type Refusal, type Warning } from './finding.ts';
import { parseDefinition, readDefinition, serializeDefinition, shareDefinition } from './xml.ts';

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
  /**
   * The new definition; the old one where nothing changes; undefined where a refusal can't be survived. It is made when it
   * is first looked at.
   */
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
  const disks = disksOf(text);
  const converted = emulatedDisks(disks, options.buses);
  const affected = disks.filter((disk) => converted.includes(disk) || isRenamed(disk, options));
  const left = disks.flatMap(lunWarnings);
  if (affected.length === 0) return { definition: text, changes: [], refusals: [], warnings: left };
  const names = options.naming === 'free' ? chooseFreeNames(disks, affected) : keepNames(disks, affected);
  const refusals = definitionRefusals(readDefinition(text), affected, names.targets);
  refusals.push(...names.collisions.map(collision));
  const warnings = [...left, ...conversionWarnings(disks, converted)];
  if (options.naming === 'keep') warnings.push(...keptWarnings(converted, names));
  return refusals.every(({ code }) => isAcceptable(code))
    ? planRewrite({ text, disks, affected, targets: names.targets }, refusals, warnings)
    : { definition: undefined, changes: [], refusals, warnings };
}

interface Affected {
  readonly text: string;
  readonly disks: readonly Disk[];
  /** Those of them that change, and the names that they get. */
  readonly affected: readonly Disk[];
  readonly targets: readonly string[];
}

function planRewrite(
  { text, disks, affected, targets }: Affected,
  refusals: readonly Refusal[],
  warnings: readonly Warning[],
): Rewrite {
  const changes = affected.map((disk, position) => planChange(disk, targets[position] ?? disk.target));
  const dropped = affected.flatMap((disk, position) => droppedWarnings(disk, changes[position]?.dropped ?? []));
  const moved = disks.map((disk) => moveDisk(disk, changes[affected.indexOf(disk)]));
  const displaced = displacesBootDevices(readDefinition(text), disks, moved) ? [bootOrderWarning()] : [];
  const positions = affected.map((disk) => disks.indexOf(disk));
  return new LazyRewrite({ changes, refusals, warnings: [...warnings, ...dropped, ...displaced] }, () =>
    carryOut(text, positions, changes),
  );
}

/** A class, for V8 makes a hidden class anew for each object that has a getter of its own. */
class LazyRewrite implements Rewrite {
  readonly changes: readonly DiskChange[];
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly #make: () => string;
  #made: string | undefined;

  constructor({ changes, refusals, warnings }: Omit<Rewrite, 'definition'>, make: () => string) {
    this.changes = changes;
    this.refusals = refusals;
    this.warnings = warnings;
    this.#make = make;
  }

  get definition(): string {
    this.#made ??= this.#make();
    return this.#made;
  }
}

/** Whether it gets the name that an earlier conversion could not give it. */
function isRenamed({ bus, target }: Disk, { naming, keptBefore }: RewriteOptions): boolean {
  return naming === 'free' && bus === 'virtio' && keptBefore?.has(target) === true;
}

function planChange({ element, bus, source, target }: Disk, newTarget: string): DiskChange {
  const dropped = bus === 'virtio' ? [] : findDropped(element);
  return { source, from: { target, bus }, to: { target: newTarget, bus: 'virtio' }, dropped };
}

/** A disk as it is going to be, where it changes. */
function moveDisk(disk: Disk, change: DiskChange | undefined): Disk {
  return change === undefined ? disk : { ...disk, target: change.to.target, bus: change.to.bus };
}

/** The definition with its disks at `positions` changed. */
function carryOut(text: string, positions: readonly number[], changes: readonly DiskChange[]): string {
  const definition = parseDefinition(text); // one of its own, to change it
  const disks = readDisks(definition);
  keepBootDevices(definition, () => {
    changes.forEach(({ from, to }, position) => {
      const disk = disks[positions[position] ?? -1];
      if (disk === undefined) return;
      if (from.bus === to.bus) renameDisk(disk.element, to.target);
      else convertDisk(disk.element, to.target);
    });
  });
  return shareDefinition(serializeDefinition(definition), definition);
}

function conversionWarnings(disks: readonly Disk[], converted: readonly Disk[]): Warning[] {
  const virtio = disks.filter((disk) => disk.bus === 'virtio' || converted.includes(disk));
  return converted.flatMap((disk) => [
    ...serialWarnings(
      disk,
      virtio.filter((other) => other !== disk),
    ),
    ...trimWarnings(disk),
  ]);
}

function keptWarnings(converted: readonly Disk[], { collisions }: NameChoice): Warning[] {
  return converted.filter((disk) => !collisions.includes(disk)).map(nameKeptWarning);
}

function collision({ target }: Disk): Refusal {
  return {
    code: 'name-collision',
    message: `'${target}' can't stay the name of a virtio disk: another virtio disk counts as the same number for QEMU.`,
    hint: 'Shut the guest down and convert it while it is off: its disks are renamed then.',
    disk: target,
  };
}
