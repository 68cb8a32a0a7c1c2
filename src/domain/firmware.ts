import { readDefinition, selectElements, selectText } from './xml.ts';

/** What brings a guest's system up: its firmware, or the host, which hands it a kernel (`<os><kernel>`). */
export type Firmware =
  | { readonly kind: 'bios' }
  | { readonly kind: 'uefi'; readonly architecture: string }
  | { readonly kind: 'host kernel'; readonly path: string; readonly cmdline: string };

/** UEFI's images are known by their names where they are not given as flash (`<loader type='rom'>`). */
const UEFI_IMAGE = /(?:OVMF|AAVMF|edk2|QEMU_EFI|uefi)[^/]*$/i;

/** Given a definition, what it boots by (libvirt, formatdomain, "BIOS bootloader" and "Direct kernel boot"). */
export function readFirmware(definition: string): Firmware {
  const document = readDefinition(definition);
  const path = selectText(document, '/domain/os/kernel');
  if (path !== undefined)
    return { kind: 'host kernel', path, cmdline: selectText(document, '/domain/os/cmdline') ?? '' };
  const isUefi =
    selectText(document, '/domain/os/@firmware') === 'efi' ||
    selectElements(document, "/domain/os/loader[@type='pflash'] | /domain/os/nvram").length > 0 ||
    UEFI_IMAGE.test(selectText(document, '/domain/os/loader') ?? '');
  if (!isUefi) return { kind: 'bios' };
  return { kind: 'uefi', architecture: selectText(document, '/domain/os/type/@arch') ?? '' };
}
