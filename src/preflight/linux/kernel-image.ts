/** As much of a kernel image as can hold its version. */
export const KERNEL_HEAD_BYTES = 0x1_0400;

/**
 * The release (`uname -r`) that an x86 kernel image gives in its head, which names its modules' folder (Linux,
 * Documentation/arch/x86/boot.rst: `kernel_version`). Undefined for any other image.
 */
export function kernelRelease(head: Buffer): string | undefined {
  if (head.length < 0x210 || head.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined;
  const offset = head.readUInt16LE(0x20e);
  if (offset === 0) return undefined;
  return /^[\w.+~-]{1,64}(?=[ \0])/.exec(head.toString('latin1', 0x200 + offset, 0x200 + offset + 80))?.[0];
}

/** The version in the name of a kernel image, e.g. `6.1.0-13-amd64` of `/boot/vmlinuz-6.1.0-13-amd64`. */
export function versionInName(path: string): string | undefined {
  return /(?:^|\/)(?:vmlinu[xz]|kernel|[bz]?[Ii]mage)-(\d+\.\d[\w.+~-]{0,60})$/.exec(path)?.[1];
}
