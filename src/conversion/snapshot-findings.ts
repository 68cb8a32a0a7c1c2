import type { Refusal, Warning } from '../domain/finding.ts';
import type { Snapshots } from '../virsh/guests.ts';

/** Snapshots and checkpoints find disks by name: what they say where a name must change. */
export function snapshotRefusals(details: Snapshots): Refusal[] {
  const why = 'a disk must be renamed, for its name would collide on virtio, and these find disks by name';
  const refusals: Refusal[] = [];
  if (details.internal.length + details.external.length > 0) {
    refusals.push({
      code: 'snapshots',
      message: `The guest has snapshots (${listSome([...details.internal, ...details.external])}), and ${why}.`,
      hint: 'Delete or merge them first; --accept snapshots --reason TEXT if they may become useless.',
    });
  }
  if (details.checkpoints.length > 0) {
    refusals.push({
      code: 'checkpoints',
      message: `The guest has checkpoints (${listSome(details.checkpoints)}), and ${why}.`,
      hint: 'Delete them first (virsh checkpoint-delete); --accept checkpoints --reason TEXT if they may become useless.',
    });
  }
  return refusals;
}

/** @param naming whether the disks keep their names; new ones are then the admin's own wish (`--rename`). */
export function snapshotWarnings({ internal, external, checkpoints }: Snapshots, naming: 'free' | 'keep'): Warning[] {
  const consequence =
    naming === 'keep' ? 'The disks keep their names because of' : 'The disks are renamed, which may make useless the';
  const warnings: Warning[] = [];
  if (internal.length > 0) {
    const message = `Reverting to an internal snapshot (${listSome(internal)}) brings the old bus back, without a word from libvirt.`;
    warnings.push({ code: 'snapshots', message });
  }
  if (external.length > 0) {
    warnings.push({
      code: 'snapshots',
      message: `${consequence} snapshots (${listSome(external)}).`,
    });
  }
  if (checkpoints.length > 0) {
    warnings.push({
      code: 'checkpoints',
      message: `${consequence} checkpoints (${listSome(checkpoints)}).`,
    });
  }
  return warnings;
}

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
