import type { VirtioDiskId } from '../../domain/virtio-id.ts';
import type { UnreadableError } from '../guest-files.ts';
import type { PeImage } from './pe-image.ts';
import type { WindowsVersion } from './windows-version.ts';

/** What could be read, or why it could not. */
export type Known<T> = T | UnreadableError;

/** What of a Windows system decides whether it boots from virtio. Where it was read from does not matter. */
export interface WindowsFacts {
  readonly version: Known<WindowsVersion>;
  /** C: what its database binds to a virtio disk. */
  readonly bindings: Known<readonly Binding[]>;
  /** A, B and D: every service that is bound, and the one of the PCI bus. */
  readonly services: readonly ServiceFacts[];
  readonly bus: Known<ServiceStart | undefined>;
  /** E: virtio disks that the system has had. */
  readonly enumerated: Known<readonly EnumeratedDisk[]>;
  readonly hazards: HazardFacts;
}

/** An entry of the database that Windows finds the driver of a device in. */
export interface Binding {
  readonly id: VirtioDiskId;
  /** As it stands there: `VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00`. */
  readonly hardwareId: string;
  /** The INF file that it comes from; `CriticalDeviceDatabase` before Windows 8. */
  readonly origin: string;
  /** Undefined where the entry leads nowhere. */
  readonly service: string | undefined;
}

/** When a driver is loaded: at boot where `start` is 0 and nothing overrides it. */
export interface ServiceStart {
  readonly start: number | undefined;
  /** The values of StartOverride (Windows 8 and later); one that is no number stands as NaN. */
  readonly overrides: readonly number[];
}

export interface ServiceSettings extends ServiceStart {
  readonly type: number | undefined;
  readonly group: string | undefined;
  readonly imagePath: string | undefined;
}

export interface ServiceFacts {
  readonly name: string;
  /** Undefined where there is no such service. */
  readonly settings: Known<ServiceSettings | undefined>;
  readonly binary: Known<Binary>;
}

/** A driver's file: `unseen` where the guest lets no file be read. */
export type Binary =
  | { readonly kind: 'unseen'; readonly path: string }
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'no program'; readonly path: string }
  | { readonly kind: 'program'; readonly path: string; readonly image: PeImage };

/** A virtio disk that Plug and Play has met. */
export interface EnumeratedDisk {
  readonly id: VirtioDiskId;
  readonly service: string | undefined;
  /** CONFIGFLAG_DISABLED, CONFIGFLAG_FAILEDINSTALL and the like: the driver was not started for it. */
  readonly hasFailed: boolean;
}

export interface HazardFacts {
  /** The memory of a hibernated system is on its disk; undefined where nobody looked (a running guest). */
  readonly hibernated: Known<boolean> | undefined;
  /** A shutdown is half a hibernation. */
  readonly fastStartup: Known<boolean>;
  /** What Windows does with disks that are new to it; undefined where it does not say. */
  readonly sanPolicy: Known<number | undefined>;
  /** BitLocker encrypts the volume that Windows starts from. */
  readonly bitlocker: Known<boolean>;
  /** Why a restart is outstanding. */
  readonly pendingReboot: Known<string | undefined>;
}
