import type { Family } from './family.ts';

/** The programs that make initramfs images. */
export type InitramfsMaker =
  | 'dracut'
  | 'initramfs-tools'
  | 'mkinitcpio'
  | 'mkinitfs'
  | 'genkernel'
  | 'mkinitrd'
  | 'booster';

/** A file that only one of them puts into its images. */
const SIGNS: readonly (readonly [InitramfsMaker, RegExp])[] = [
  ['dracut', /(?:^|\/)(?:dracut-lib\.sh|dracut-[\w.-]{1,40}|lib\/dracut\/[^/]+)$/],
  ['initramfs-tools', /^(?:\.\/)?conf\/initramfs\.conf$/],
  ['mkinitcpio', /^(?:\.\/)?(?:init_functions|buildconfig)$/],
  ['mkinitfs', /(?:^|\/)nlplug-findfs$/],
  ['genkernel', /^(?:\.\/)?etc\/initrd\.scripts$/],
  ['mkinitrd', /^(?:\.\/)?(?:run_all\.sh|mkinitrd\.config)$/],
  ['booster', /^(?:\.\/)?etc\/booster\.init\.yaml$/],
];

/** The program that puts a file of this name into an initramfs. */
export function makerBy(name: string): InitramfsMaker | undefined {
  return SIGNS.find(([, sign]) => sign.test(name))?.[0];
}

/** The program that makes a system's images, where an image does not tell. */
export function usualMaker(family: Family | undefined, initramfs: string): InitramfsMaker {
  if (family === 'debian' || /\/initrd\.img-/.test(initramfs)) return 'initramfs-tools';
  if (family === 'arch') return 'mkinitcpio';
  if (family === 'alpine') return 'mkinitfs';
  return family === 'gentoo' ? 'genkernel' : 'dracut';
}

const REBUILDS: Readonly<Record<InitramfsMaker, string>> = {
  dracut: 'dracut --force --regenerate-all',
  'initramfs-tools': 'update-initramfs -u -k all',
  mkinitcpio: 'mkinitcpio -P',
  mkinitfs: 'mkinitfs',
  genkernel: 'genkernel initramfs',
  mkinitrd: 'mkinitrd',
  booster: '/usr/lib/booster/regenerate_images',
};

/** The command that makes a system's images anew. */
export function rebuildCommand(maker: InitramfsMaker): string {
  return REBUILDS[maker];
}
