import { readDisks } from '../../domain/disk.ts';
import { newDiskId, usesSecureBoot, type VirtioDiskId } from '../../domain/virtio-id.ts';
import { type ReadDocument, selectText } from '../../domain/xml.ts';
import type { GuestFiles } from '../guest-files.ts';
import type { Judgement } from '../judgement.ts';
import type { Circumstances } from './circumstances.ts';
import { judgeWindows } from './judge-windows.ts';
import { readWindows } from './read-windows.ts';
import type { GuestRegistry } from './registry.ts';

/** A Windows system, and what was found out about it elsewhere. */
export interface WindowsExamination {
  readonly source: 'agent' | 'offline';
  /**
   * Paths are those on the system's own volume, whatever its letter: `/Windows/System32/drivers/viostor.sys`; names are
   * found in any case. Undefined where the guest lets no file be read.
   */
  readonly files: GuestFiles | undefined;
  readonly registry: GuestRegistry;
  /** The Windows folder; default `/Windows`. */
  readonly systemRoot?: string;
  readonly machine: Pick<Circumstances, 'diskId' | 'secureBoot' | 'disks' | 'canHibernate'>;
  /** The guest's name, and what its system calls itself where its registry does not say. */
  readonly system: Pick<Circumstances, 'guest' | 'prettyName'>;
  /** How many volumes BitLocker encrypts; default none. */
  readonly bitlocker?: number;
  /** Of a running guest alone: ids of virtio disks that it has a driver for now. */
  readonly inUse?: ReadonlySet<VirtioDiskId>;
  /** Of a running guest alone: ids of virtio disks that it has, those left out that virtioize put there. */
  readonly attachedLive?: ReadonlySet<VirtioDiskId>;
}

/** Whether a Windows system boots from virtio. Never throws for what the guest has. */
export async function examineWindows(examination: WindowsExamination): Promise<Judgement> {
  const { source, files, registry, systemRoot = '/Windows', machine, system } = examination;
  const facts = await readWindows({ registry, files, systemRoot, isOff: source === 'offline' });
  const { bitlocker = 0, inUse = new Set(), attachedLive: attached = new Set() } = examination;
  return judgeWindows(facts, { ...machine, ...system, bitlocker, inUse, attached });
}

/** What a definition says of the machine that a guest will see once its disks are on virtio. */
export function readWindowsMachine(definition: ReadDocument): WindowsExamination['machine'] {
  return {
    diskId: newDiskId(definition),
    secureBoot: usesSecureBoot(definition),
    canHibernate: selectText(definition, '/domain/pm/suspend-to-disk/@enabled') !== 'no',
    disks: readDisks(definition).filter(({ device }) => device === 'disk').length,
  };
}
