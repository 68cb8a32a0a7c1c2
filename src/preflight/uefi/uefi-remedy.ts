import type { UefiPlatform } from './fallback-program.ts';

/** What is known of the guest whose firmware needs the fallback program. */
export interface UefiRemedyFacts {
  /** Undefined for an architecture that is not known. */
  readonly platform: UefiPlatform | undefined;
  /** Where its EFI system partition is mounted; undefined where that is not known. */
  readonly root: string | undefined;
  /** A program that one of its boot entries starts, e.g. `\EFI\debian\shimx64.efi`. */
  readonly program: string | undefined;
}

/** The command that puts the fallback program where the firmware looks for it, by the kind of system. */
export function remedyForUefi(systemId: string, { platform, root, program }: UefiRemedyFacts): string {
  if (/^(?:ms)?windows/.test(systemId))
    return 'Inside the guest, as administrator: mountvol S: /S, then bcdboot C:\\Windows /s S: /f UEFI, then try again.';
  const where = root !== undefined && /^[\w/.-]{1,100}$/.test(root) ? root : '/boot/efi';
  const target = platform?.grubTarget ?? 'x86_64-efi';
  return `Inside the guest, put the program there that starts without an entry: ${commandFor(systemId, { where, target, program })}, then try again.`;
}

function commandFor(
  systemId: string,
  {
    where,
    target,
    program = '',
  }: { readonly where: string; readonly target: string; readonly program?: string | undefined },
): string {
  if (/\\systemd-boot\w*\.efi$/i.test(program)) return 'bootctl install';
  if (RED_HAT.test(systemId)) {
    const shim = target === 'arm64-efi' ? 'shim-aa64' : 'shim-x64';
    return `dnf reinstall ${shim} (on version 7: yum reinstall ${shim})`; // the package has EFI/BOOT in it
  }
  // shim as well, where Secure Boot needs it
  if (/^(?:opensuse|suse|sle)/.test(systemId)) return 'shim-install --removable';
  const directory = where === '/boot/efi' ? '' : ` --efi-directory=${where}`;
  return `grub-install --target=${target}${directory} --removable`;
}

/** Systems whose boot loader comes in packages, and whose grub2-install refuses to be used with UEFI. */
const RED_HAT = /^(?:rhel|centos|fedora|rocky|almalinux|ol|oracle|amzn|scientific|eurolinux|miraclelinux)/;
