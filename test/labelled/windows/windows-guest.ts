import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestDisk } from '../../testbed/guest-xml.ts';
import { makeEspVolume } from '../esp-volume.ts';
import type { Label, LabelledGuest } from '../labelled-guest.ts';
import { assembleDisk, type Partition } from '../partitioned-disk.ts';
import { makeBitLockerVolume } from './bitlocker-volume.ts';
import { fillVolume, type NtfsVolumes, volumeSizesMiB } from './ntfs-volumes.ts';
import { portableExecutable } from './portable-executable.ts';
import { makeSystemVolume } from './system-volume.ts';
import type { WindowsSystem } from './windows-system.ts';

export interface WindowsGuestOptions {
  readonly system: WindowsSystem;
  readonly label: Omit<Label, 'known'>;
  /** Default `pc`. */
  readonly machine?: 'pc' | 'q35';
  readonly firmware?: 'efi' | 'secure boot';
  /** A volume that BitLocker has encrypted. */
  readonly bitLocker?: 'system' | 'data';
  /** Whether it has a second disk, with an NTFS volume. */
  readonly hasDataDisk?: boolean;
}

const ESP_MIB = 16;
const TYPES = { ntfs: '7', gptBasicData: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7', gptEsp: 'U' };

/** A guest with a Windows, and what it was made of. */
export interface WindowsGuest extends LabelledGuest<NtfsVolumes> {
  readonly windows: WindowsGuestOptions;
}

/** A guest that inspectors take for Windows. No Windows is in it: its label is known by construction. */
export function windowsGuest(name: string, options: WindowsGuestOptions): WindowsGuest {
  const { machine = 'pc', firmware, label } = options;
  return {
    name,
    machine,
    ...(firmware === undefined ? {} : { firmware }),
    label: { ...label, known: 'by construction' },
    windows: options,
    async build(folder, volumes) {
      const system = join(folder, 'system.raw');
      await makeSystemDisk(system, options, volumes);
      const disks = [guestDisk(machine, 0, system)];
      if (options.hasDataDisk) {
        const data = join(folder, 'data.raw');
        await assembleDisk(data, [{ image: volumes.data, sizeMiB: volumeSizesMiB.data, type: TYPES.ntfs }]);
        disks.push(guestDisk(machine, 1, data));
      }
      return { disks };
    },
  };
}

function guestDisk(machine: 'pc' | 'q35', index: number, path: string): GuestDisk {
  const [bus, prefix] = machine === 'pc' ? (['ide', 'hd'] as const) : (['sata', 'sd'] as const);
  return { path, format: 'raw', bus, target: `${prefix}${'ab'[index]}` };
}

async function makeSystemDisk(path: string, options: WindowsGuestOptions, volumes: NtfsVolumes): Promise<void> {
  const { system, firmware, bitLocker } = options;
  const drafts = { boot: `${path}.boot`, system: `${path}.system`, more: `${path}.more` };
  if (bitLocker === 'system') await makeBitLockerVolume(drafts.system, volumeSizesMiB.system);
  else await makeSystemVolume(drafts.system, system, volumes);
  if (bitLocker === 'data') await makeBitLockerVolume(drafts.more, volumeSizesMiB.data);
  const isGpt = firmware !== undefined;
  const type = isGpt ? TYPES.gptBasicData : TYPES.ntfs;
  const systemPartition: Partition = { image: drafts.system, sizeMiB: volumeSizesMiB.system, type };
  const more = bitLocker === 'data' ? [{ image: drafts.more, sizeMiB: volumeSizesMiB.data, type }] : [];
  if (isGpt) {
    await makeEspVolume(drafts.boot, ESP_MIB, espFiles());
    const esp = { image: drafts.boot, sizeMiB: ESP_MIB, type: TYPES.gptEsp };
    await assembleDisk(path, [esp, systemPartition, ...more], 'gpt');
  } else if (system.generation === 'xp') {
    await assembleDisk(path, [{ ...systemPartition, isBootable: true }, dataPartition(volumes), ...more]);
  } else {
    await fillVolume(volumes.data, drafts.boot, { '/bootmgr': Buffer.alloc(512, 0x90) });
    const boot = { ...dataPartition(volumes), image: drafts.boot, isBootable: true };
    await assembleDisk(path, [boot, systemPartition, ...more]);
  }
  for (const draft of Object.values(drafts)) await rm(draft, { force: true });
}

function dataPartition(volumes: NtfsVolumes): Partition {
  return { image: volumes.data, sizeMiB: volumeSizesMiB.data, type: TYPES.ntfs };
}

function espFiles(): Record<string, Buffer> {
  const loader = portableExecutable({ isSigned: true });
  return { '/EFI/Microsoft/Boot/bootmgfw.efi': loader, '/EFI/Boot/bootx64.efi': loader };
}
