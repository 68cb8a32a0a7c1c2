import { describe, expect, it } from '@jest/globals';
import { UnreadableError, type VolumeIdentity } from '../../../../src/preflight/guest-files.ts';
import { identifyVolumes } from '../../../../src/preflight/linux/identify-volumes.ts';
import { type Content, memoryFiles } from '../memory-files.ts';

const UDEV = `S:disk/by-path/pci-0000:00:1f.2-ata-1-part1
S:disk/by-id/ata-QEMU_HARDDISK_QM00001-part1
W:12
I:1234567
E:ID_MODEL=QEMU_HARDDISK
E:ID_FS_UUID=5f2c1f7e-7a0a
E:ID_FS_UUID_ENC=5f2c1f7e-7a0a
E:ID_PART_ENTRY_UUID=0aef-01
`;
const LIVE = { '/sys/class/block/sda1/dev': '8:1\n', '/run/udev/data/b8:1': UDEV, '/run/udev/data/c1:3': 'E:A=b' };
const IDENTITY = { uuid: '5f2c1f7e-7a0a', partitionUuid: '0aef-01' };

describe('a volume of a running system', () => {
  it.each([
    '/dev/sda1',
    '/dev/disk/by-id/ata-QEMU_HARDDISK_QM00001-part1',
    '/dev/disk/by-path/pci-0000:00:1f.2-ata-1-part1',
    '/dev/block/8:1',
    '8:1',
    '801',
    '0x801',
  ])('is known by what udev keeps of it: %s', async (device) => {
    expect(await identify(LIVE, device)).toEqual(IDENTITY);
  });

  it.each<[string, string, Record<string, Content>]>([
    ['it is not there', '/dev/sdz1', LIVE],
    ['udev does not know it', '/dev/sda1', { '/sys/class/block/sda1/dev': '8:1\n' }],
    ['udev keeps nothing of it', '/dev/sda1', { ...LIVE, '/run/udev/data/b8:1': 'E:ID_MODEL=x\n' }],
    ['it can not be read', '/dev/sda1', { ...LIVE, '/run/udev/data/b8:1': new UnreadableError('no') }],
    ['its number is none', '/dev/sda1', { ...LIVE, '/sys/class/block/sda1/dev': '../../etc/passwd' }],
    ['its name leads elsewhere', '/dev/../etc/passwd', LIVE],
    ['what is kept is no UUID', '/dev/sda1', { ...LIVE, '/run/udev/data/b8:1': "E:ID_FS_UUID=';reboot'\n" }],
  ])('is not known where %s', async (_, device, contents) => {
    expect(await identify(contents, device)).toBeUndefined();
  });

  it('is not known by its links where folders can not be listed', async () => {
    const files = memoryFiles(LIVE, { canList: false });
    expect((await identifyVolumes(files, ['/dev/disk/by-id/ata-QEMU_HARDDISK_QM00001-part1', '/dev/sda1'])).size).toBe(
      1,
    );
  });
});

describe('a volume of a system that is off', () => {
  it('is known to its reader alone', async () => {
    const asked: string[] = [];
    const identifyOne = async (device: string): Promise<VolumeIdentity | undefined> => {
      asked.push(device);
      return device === '/dev/sda1' ? { uuid: 'of-the-reader', partitionUuid: undefined } : undefined;
    };
    const files = { ...memoryFiles(LIVE), identify: identifyOne };
    expect(await identifyVolumes(files, ['/dev/sda1', '801', '/dev/sda1'])).toEqual(
      new Map([['/dev/sda1', { uuid: 'of-the-reader', partitionUuid: undefined }]]),
    );
    expect(asked).toEqual(['/dev/sda1', '801']);
  });
});

async function identify(contents: Record<string, Content>, device: string) {
  return (await identifyVolumes(memoryFiles(contents), [device])).get(device);
}
