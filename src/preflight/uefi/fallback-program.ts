/**
 * What the firmware starts from a disk that no boot entry names (UEFI specification, "Removable Media Boot Behavior"), and how
 * GRUB calls the platform: by the architecture of the definition.
 */
const PLATFORMS: Readonly<Record<string, { readonly program: string; readonly grubTarget: string }>> = {
  x86_64: { program: 'BOOTX64.EFI', grubTarget: 'x86_64-efi' },
  i686: { program: 'BOOTIA32.EFI', grubTarget: 'i386-efi' },
  aarch64: { program: 'BOOTAA64.EFI', grubTarget: 'arm64-efi' },
  armv7l: { program: 'BOOTARM.EFI', grubTarget: 'arm-efi' },
  riscv64: { program: 'BOOTRISCV64.EFI', grubTarget: 'riscv64-efi' },
  loongarch64: { program: 'BOOTLOONGARCH64.EFI', grubTarget: 'loongarch64-efi' },
};

export interface UefiPlatform {
  /** `\EFI\BOOT\BOOTX64.EFI` */
  readonly fallback: string;
  readonly grubTarget: string;
}

/** @param architecture as libvirt writes it (`<type arch=...>`). Undefined for one that is not known. */
export function platformOf(architecture: string): UefiPlatform | undefined {
  const platform = Object.hasOwn(PLATFORMS, architecture) ? PLATFORMS[architecture] : undefined;
  return platform && { fallback: `\\EFI\\BOOT\\${platform.program}`, grubTarget: platform.grubTarget };
}
