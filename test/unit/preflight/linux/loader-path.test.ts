import { describe, expect, it } from '@jest/globals';
import { mountsBoot, placesOf, rootSubvolume } from '../../../../src/preflight/linux/loader-path.ts';

describe("a path of the boot loader's", () => {
  it.each([
    ['is looked for in the system first', '/boot/vmlinuz', {}, '/boot/vmlinuz'],
    ['is looked for in /boot first where that is a file system', '/vmlinuz', { hasOwnBoot: true }, '/boot/vmlinuz'],
    ['may begin at the configuration', 'vmlinuz-lts', { folder: '/boot' }, '/boot/vmlinuz-lts'],
    ['may begin beside the configuration', '../vmlinuz', { folder: '/boot/extlinux' }, '/boot/vmlinuz'],
    ['may begin at a partition', '/arch/vmlinuz', { root: '/boot/efi' }, '/boot/efi/arch/vmlinuz'],
  ])('%s', (_, path, view, place) => {
    expect(placesOf(path, { folder: '/boot/grub', root: undefined, hasOwnBoot: false, ...view })[0]).toBe(place);
  });

  it.each([
    ['/vmlinuz-6.1', '/boot/vmlinuz-6.1'],
    ['/@/boot/vmlinuz-6.1', '/boot/vmlinuz-6.1'],
    ['/@rootfs/boot/vmlinuz-6.1', '/boot/vmlinuz-6.1'],
    ['/@/.snapshots/1/snapshot/boot/vmlinuz', '/.snapshots/1/snapshot/boot/vmlinuz'],
    ['/BOOT/ubuntu_x1y2@/vmlinuz-5.4', '/boot/vmlinuz-5.4'],
    ['/ROOT/debian@/boot/vmlinuz-5.4', '/boot/vmlinuz-5.4'],
  ])('may leave out /boot or have a subvolume in front: %s', (path, place) => {
    expect(placesOf(path, { folder: '/boot/grub', root: undefined, hasOwnBoot: false })).toContain(place);
  });
});

describe('the root as a subvolume of btrfs', () => {
  it('is left out of a path that begins with it', () => {
    const view = { folder: '/boot/grub2', root: undefined, hasOwnBoot: false, subvolume: 'root' };
    expect(placesOf('/root/boot/vmlinuz-6.1', view)).toContain('/boot/vmlinuz-6.1');
    expect(placesOf('/rooted/vmlinuz-6.1', view)).not.toContain('/vmlinuz-6.1');
  });

  it.each([
    ['UUID=1 / btrfs subvol=root,compress=zstd:1 0 0', 'root'],
    ['UUID=1 / btrfs defaults,subvol=/@/ 0 0', '@'],
    ['UUID=1 / btrfs subvol=/ 0 0', undefined],
    ['UUID=1 / ext4', undefined],
    ['UUID=1 /home btrfs subvol=home', undefined],
  ])('is told by fstab: %s', (line, name) => {
    expect(rootSubvolume([line.split(' ')])).toBe(name);
  });
});

describe('/boot', () => {
  it('is a file system of its own where fstab mounts one there', () => {
    expect(
      mountsBoot([
        ['UUID=1', '/', 'ext4'],
        ['UUID=2', '/boot', 'ext4'],
      ]),
    ).toBe(true);
    expect(mountsBoot([['UUID=2', '/boot/', 'ext4']])).toBe(true);
    expect(mountsBoot([['UUID=1', '/', 'ext4'], ['UUID=2', '/boot/efi', 'vfat'], []])).toBe(false);
  });
});
