import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type BootOutcome, waitForBoot } from '../testbed/guest-boot.ts';
import type { GuestDisk } from '../testbed/guest-xml.ts';
import type { GuestImages, LabelledGuest } from './labelled-guest.ts';

const TIMEOUT_MS = 300_000;
const EFI_CODE = '/usr/share/OVMF/OVMF_CODE_4M.fd';
export const EFI_VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd';

/** Start a guest on a throw-away overlay of its disks, on virtio or as it is, and wait until it is up or gives up. */
export async function bootOn<Stock>(
  bus: 'virtio' | 'its own bus',
  { machine, firmware }: LabelledGuest<Stock>,
  images: GuestImages,
): Promise<BootOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-boot-'));
  const serialLog = join(folder, 'serial.log');
  const qemu = execa(
    'qemu-system-x86_64',
    [
      ...['-machine', machine, '-accel', 'tcg', '-m', '192', '-nic', 'none', '-display', 'none', '-no-reboot'],
      ...['-serial', `file:${serialLog}`],
      ...images.disks.flatMap((disk) => ['-drive', drive(disk, bus)]),
      ...(firmware === undefined ? [] : await efiDrives(folder, images)),
      ...directStart(images),
    ],
    { reject: false, stdin: 'ignore', timeout: TIMEOUT_MS },
  );
  try {
    const ended = qemu.then(({ stderr }) => Promise.reject(new Error(`QEMU has ended: ${stderr}`)));
    return await Promise.race([waitForBoot(serialLog, TIMEOUT_MS), ended]);
  } finally {
    qemu.kill('SIGKILL');
    await qemu;
    await rm(folder, { recursive: true });
  }
}

/** `ide` is SATA on a machine `q35`. */
function drive({ path, format }: GuestDisk, bus: 'virtio' | 'its own bus'): string {
  return `file=${path},format=${format},if=${bus === 'virtio' ? 'virtio' : 'ide'},snapshot=on`;
}

async function efiDrives(folder: string, { nvram = EFI_VARIABLES }: GuestImages): Promise<string[]> {
  const variables = join(folder, 'variables.fd');
  await copyFile(nvram, variables);
  return [
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${EFI_CODE}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${variables}`],
  ];
}

function directStart({ start }: GuestImages): string[] {
  return start === undefined ? [] : ['-kernel', start.kernel, '-initrd', start.initramfs, '-append', start.args];
}
