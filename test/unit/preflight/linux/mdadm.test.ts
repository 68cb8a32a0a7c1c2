import { describe, expect, it } from '@jest/globals';
import { readMdadm } from '../../../../src/preflight/linux/mdadm.ts';

describe('mdadm.conf', () => {
  it.each([
    ['one disk', 'DEVICE /dev/sda1', ['/dev/sda1']],
    ['all disks of a kind', 'DEVICE /dev/sd* /dev/hd*[0-9]', ['/dev/sd*', '/dev/hd*[0-9]']],
    ['some disks of a kind', 'DEVICE /dev/sd[abcd]1', ['/dev/sd[abcd]1']],
    ['two kinds at once', 'DEVICE /dev/[hs]d?1', ['/dev/[hs]d?1']],
    ['a keyword cut short', 'dev /dev/sd*', ['/dev/sd*']],
    ['a line that goes on in the next', 'DEVICE /dev/sda1\n\t/dev/sdb1', ['/dev/sda1', '/dev/sdb1']],
    [
      'disks by their path',
      'DEVICE /dev/disk/by-path/pci-0000:00:1f.2-ata-*',
      ['/dev/disk/by-path/pci-0000:00:1f.2-ata-*'],
    ],
    ['containers alone beside them', 'DEVICE /dev/sd* containers', ['/dev/sd*']],
  ])('stops a boot that looks for arrays on %s', (_, text, devices) => {
    expect(readMdadm(text, '/etc/mdadm.conf')).toMatchObject(
      devices.map((device) => ({
        file: '/etc/mdadm.conf',
        device,
        purpose: 'the search for md arrays',
        stopsBoot: true,
      })),
    );
  });

  it('stops a boot that says what an array is made of', () => {
    const text = 'ARRAY /dev/md0 level=raid1 num-devices=2\n   UUID=1:2:3:4 devices=/dev/sda1,/dev/sdb1';
    expect(readMdadm(text, 'x').map(({ device }) => device)).toEqual(['/dev/sda1', '/dev/sdb1']);
  });

  it.each([
    'DEVICE partitions',
    'DEVICE partitions containers',
    '#DEVICE /dev/sd*',
    'DEVICE partitions # /dev/sda1',
    'DEVICE /dev/hd*[0-9] /dev/sd*[0-9] /dev/vd*[0-9]',
    'DEVICE /dev/sd*\nDEVICE /dev/vd?1',
    'DEVICE /dev/[sv]d*',
    'DEVICE /dev/*',
    'DEVICE /dev/disk/by-id/md-*',
    'ARRAY /dev/md0 metadata=1.2 UUID=1:2:3:4 name=host:0',
    'HOMEHOST <system>\nMAILADDR root\nCREATE owner=root group=disk',
    '',
  ])('finds its arrays on virtio: %j', (text) => {
    expect(readMdadm(text, 'x')).toEqual([]);
  });
});
