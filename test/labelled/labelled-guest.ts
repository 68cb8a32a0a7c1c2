import type { RefusalCode, Warning } from '../../src/domain/finding.ts';
import type { GuestDisk } from '../testbed/guest-xml.ts';

/** What is true of a guest, whatever the program says of it. */
export interface Label {
  /**
   * `ready`: it boots from virtio with all its volumes. `likely`: all that it takes is there, but Windows has never bound
   * the driver. `not ready`: it does not, or loses a volume. `unknowable`: nothing on its disks can tell.
   */
  readonly is: 'ready' | 'likely' | 'not ready' | 'unknowable';
  /** Why it is `not ready`; exactly these are expected. */
  readonly refusals?: readonly RefusalCode[];
  /** Warnings about the guest's system that are expected. */
  readonly warnings?: readonly Warning['code'][];
  /** `booted`: on virtio, in this very run. */
  readonly known: 'booted' | 'by construction';
}

/** A guest's disks, in the order of its definition. */
export interface GuestImages {
  readonly disks: readonly GuestDisk[];
  /** The firmware's variables, where the guest has been started before. */
  readonly nvram?: string;
  /** What its boot loader would start, where that is a loader that can't be had here: it is started without one. */
  readonly start?: DirectStart;
}

/** Files on the host, the same as on the guest's disk. */
export interface DirectStart {
  readonly kernel: string;
  readonly initramfs: string;
  readonly args: string;
}

/** A guest that is off, made by a test from a stock of parts, and what is true of it. */
export interface LabelledGuest<Stock> {
  readonly name: string;
  readonly machine: 'pc' | 'q35';
  readonly firmware?: 'efi' | 'secure boot';
  readonly label: Label;
  /** Where it has file systems once it is up with all its volumes; the root by default. */
  readonly mountPoints?: readonly string[];
  /** Make its disks in a folder of its own. */
  readonly build: (folder: string, stock: Stock) => Promise<GuestImages>;
}
