import type { Family } from './family.ts';
import type { NamedDisk } from './named-disk.ts';
import { blkidFor } from './stable-name.ts';

/** Arguments that take `UUID=` where they take a device. */
const TAKES_UUID = /^(?:root|real_root|crypt_root|cryptroot|cryptdevice|boot|mount\.usr)$/;

interface Instead {
  readonly family: Family | undefined;
  /** What the argument takes. */
  readonly kind: 'UUID' | 'PARTUUID';
  /** `UUID=...` of the volume, where it is known. */
  readonly instead: string | undefined;
}

/** How to give a kernel argument another value, by the kind of system and the file that it stands in. */
export function argumentRemedy(
  { device, file }: NamedDisk,
  { name, value }: { readonly name: string; readonly value: string },
  { family, kind, instead }: Instead,
): string {
  const newValue = value.split(device).join(instead ?? `${kind}=...`);
  const isSafe = TAKES_UUID.test(name) && newValue !== value && /^[\w/:.,@+=-]{1,200}$/.test(newValue);
  const argument = isSafe ? `${name}=${newValue}` : `${name}= with a ${kind}`;
  const shown = instead === undefined ? ` (${blkidFor(device)} shows it)` : '';
  const way = `name it by ${kind} instead${shown}: ${howToWrite(argument, { name, file, family })}`;
  return file.startsWith("the definition's")
    ? `Change the definition (virsh edit), and ${way}.`
    : `Inside the guest, ${way}.`;
}

function howToWrite(
  argument: string,
  { name, file, family }: { readonly name: string; readonly file: string; readonly family: Family | undefined },
): string {
  const isGrub = /\/grub\.(?:cfg|conf)$/.test(file);
  if (isGrub && family === 'red hat') return `grubby --update-kernel=ALL --args='${argument}'`;
  if (file.endsWith('/grub.cfg')) {
    const settings = '/etc/default/grub';
    if (family === 'debian' && name === 'root')
      return `take GRUB_DISABLE_LINUX_UUID and any root= out of ${settings}, then update-grub, which writes ${argument}`;
    const update = family === 'debian' ? 'update-grub' : `grub${/grub2/.test(file) ? '2' : ''}-mkconfig -o ${file}`;
    return `write ${argument} in GRUB_CMDLINE_LINUX of ${settings}, then ${update}`;
  }
  if (/extlinux\.conf$/.test(file) && family === 'alpine' && name === 'root')
    return `sed -i 's|^root=.*|${argument}|' /etc/update-extlinux.conf && update-extlinux`;
  return `write ${argument} in ${file}`;
}
