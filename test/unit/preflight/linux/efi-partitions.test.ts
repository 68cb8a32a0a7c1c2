import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { findEfiPartitions } from '../../../../src/preflight/linux/efi-partitions.ts';
import { type Content, memoryFiles } from '../memory-files.ts';

const ROOT = '21 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n';

describe('the EFI system partition of a Linux system', () => {
  it.each(['/boot/efi', '/efi', '/boot'])('is the one at %s', async (root) => {
    expect(await find({ [`${root}/EFI/debian/shimx64.efi`]: 'MZ' })).toEqual([[root, undefined]]);
  });

  it('is none where nothing is mounted in its place', async () => {
    expect(await find({ '/boot/efi/.keep': '', '/boot/vmlinuz': '' })).toEqual([]);
    expect(await find({ '/boot/efi/EFI/debian/a': '', '/proc/self/mountinfo': ROOT })).toEqual([]);
  });

  it('is the one that the running system has mounted, with its identity', async () => {
    const contents = {
      '/boot/efi/EFI/debian/shimx64.efi': 'MZ',
      '/proc/self/mountinfo': `${ROOT}30 21 8:1 / /boot/efi rw - vfat /dev/sda1 rw\n`,
      '/run/udev/data/b8:1': 'S:disk/by-uuid/1A2B-3C4D\nE:ID_PART_ENTRY_UUID=ADF95135-F9A3\nE:ID_FS_TYPE=vfat\n',
    };
    expect(await find(contents)).toEqual([['/boot/efi', 'adf95135-f9a3']]);
    expect(await find({ ...contents, '/run/udev/data/b8:1': new UnreadableError('no') })).toEqual([
      ['/boot/efi', undefined],
    ]);
  });

  it('is the last one mounted there: systemd mounts on demand', async () => {
    const mounts = `${ROOT}29 21 0:30 / /boot rw - autofs systemd-1 rw\n30 29 8:1 / /boot rw - vfat /dev/sda1 rw\n`;
    expect(await find({ '/boot/loader/entries/a.conf': '', '/proc/self/mountinfo': mounts })).toEqual([
      ['/boot', undefined],
    ]);
  });

  it('may be any of them where nothing can be listed', async () => {
    expect(await findEfiPartitions(memoryFiles({}, { canList: false }))).toHaveLength(3);
  });
});

async function find(contents: Record<string, Content>) {
  return (await findEfiPartitions(memoryFiles(contents))).map(({ root, id }) => [root, id]);
}
