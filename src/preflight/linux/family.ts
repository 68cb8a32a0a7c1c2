/** Kinds of Linux systems that are kept in the same way. */
export type Family = 'debian' | 'red hat' | 'suse' | 'arch' | 'alpine' | 'gentoo';

/** By `ID` of os-release, which derivatives have of their own. */
const FAMILIES: readonly (readonly [Family, RegExp])[] = [
  [
    'debian',
    /^(?:debian|ubuntu|linuxmint|pop|kali|raspbian|devuan|proxmox|elementary|zorin|neon|deepin|parrot|ucs|univention.*|astra)$/,
  ],
  [
    'red hat',
    /^(?:rhel|redhat|centos|fedora|rocky|almalinux|ol|oracle|amzn|scientific|eurolinux|miraclelinux|virtuozzo|cloudlinux|openEuler|anolis)$/,
  ],
  ['suse', /^(?:opensuse.*|suse|sle.*)$/],
  ['arch', /^(?:arch.*|manjaro.*|endeavouros|garuda|cachyos)$/],
  ['alpine', /^(?:alpine.*|postmarketos)$/],
  ['gentoo', /^(?:gentoo|calculate)$/],
];

/** @param id `ID` of os-release. Undefined for a system that is not known. */
export function familyOf(id: string): Family | undefined {
  return FAMILIES.find(([, ids]) => ids.test(id))?.[0];
}
