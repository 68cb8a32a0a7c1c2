import type { VirtioDiskId } from '../../domain/virtio-id.ts';

/** What the host knows of the machine that a Windows system runs on, and how it got to know the system. */
export interface Circumstances {
  /** The guest's name, for commands to copy. */
  readonly guest: string;
  /** What the system calls itself where its registry does not say. */
  readonly prettyName: string;
  /** Under which id it will see its disks; undefined where there is no PCI. */
  readonly diskId: VirtioDiskId | undefined;
  readonly secureBoot: boolean;
  /** Whether the machine offers to sleep on its disk (ACPI S4); default true, as libvirt has it where nothing is said. */
  readonly canHibernate?: boolean;
  /** How many hard disks the guest has. */
  readonly disks: number;
  /** How many of its volumes BitLocker encrypts. */
  readonly bitlocker: number;
  /** Virtio disks that the running system has a driver for now, as its agent says. */
  readonly inUse: ReadonlySet<VirtioDiskId>;
  /** Virtio disks of the running instance that virtioize did not put there. */
  readonly attached: ReadonlySet<VirtioDiskId>;
}
