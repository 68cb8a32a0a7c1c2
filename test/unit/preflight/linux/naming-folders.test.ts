import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { readNamingFolders } from '../../../../src/preflight/linux/naming-folders.ts';
import { memoryFiles } from '../memory-files.ts';

const RULES = '/etc/udev/rules.d';
const UNITS = '/etc/systemd/system';

describe("the admin's own udev rules", () => {
  it.each([
    'KERNEL=="sd?1", SUBSYSTEM=="block", SYMLINK+="oracleasm/data1"',
    'SUBSYSTEM=="block", ENV{ID_SERIAL}=="0QEMU_QEMU_HARDDISK_1", OWNER="oracle"',
    'KERNEL=="[sh]d*", ATTR{queue/scheduler}="noop"',
    'ENV{ID_PATH}=="pci-0000:00:1f.2-ata-1", SYMLINK+="data"',
  ])('are no more than a warning where they pick the old disks: %s', async (rule) => {
    const named = await readNamingFolders(memoryFiles({ [`${RULES}/99-own.rules`]: `# own\n${rule}\n${rule}\n` }));
    expect(named).toEqual([{ file: `${RULES}/99-own.rules`, device: rule, purpose: 'a disk', stopsBoot: false }]);
  });

  it.each([
    '#KERNEL=="sda", SYMLINK+="data"',
    'SUBSYSTEM=="net", ATTR{address}=="52:54:00:12:34:56", NAME="eth0"',
    'SUBSYSTEM=="block", ENV{ID_CDROM}=="?*", ENV{ID_PATH}=="pci-0000:00:1f.1", SYMLINK+="cdrom"',
    'KERNEL=="vd*", OWNER="oracle"',
  ])('are not worth one where they do not: %s', async (rule) => {
    expect(await readNamingFolders(memoryFiles({ [`${RULES}/70-own.rules`]: rule }))).toEqual([]);
  });
});

describe("the admin's own mount units", () => {
  it('lose a volume, where they mount one', async () => {
    const unit = '[Unit]\nDescription=data\n[Mount]\nWhat = /dev/sdb1\nWhere=/srv/data\nOptions=a=b\n';
    expect(await readNamingFolders(memoryFiles({ [`${UNITS}/srv-data.mount`]: unit }))).toEqual([
      {
        file: `${UNITS}/srv-data.mount`,
        device: '/dev/sdb1',
        purpose: 'the file system at /srv/data',
        stopsBoot: true,
      },
    ]);
  });

  it('do not stop a boot, where they add swap', async () => {
    expect(
      await readNamingFolders(memoryFiles({ [`${UNITS}/a.swap`]: '[Swap]\nWhat=/dev/disk/by-id/ata-x-part2\n' })),
    ).toMatchObject([{ purpose: 'swap', stopsBoot: false }]);
  });

  it.each([
    ['a.mount', '[Mount]\nWhat=/dev/disk/by-uuid/5f2c\nWhere=/a\n'],
    ['a.mount', '#What=/dev/sdb1\n'],
    ['a.service', '[Service]\nWhat=/dev/sdb1\n'],
    ['snap-core-1.mount', '[Mount]\nWhat=/dev/sdb1\n'],
  ])('may name nothing that changes: %s with %j', async (name, text) => {
    expect(await readNamingFolders(memoryFiles({ [`${UNITS}/${name}`]: text }))).toEqual([]);
  });
});

it('DRBD loses the volume whose disk it names', async () => {
  const text =
    'resource r0 {\n  on web1 {\n    disk /dev/sdb1;\n    meta-disk internal;\n  }\n  disk { on-io-error detach; }\n}\n';
  expect(await readNamingFolders(memoryFiles({ '/etc/drbd.d/r0.res': text }))).toMatchObject([
    { file: '/etc/drbd.d/r0.res', device: '/dev/sdb1', stopsBoot: true },
  ]);
});

it('folders do not matter where they can not be read', async () => {
  const secret = { [`${RULES}/a.rules`]: new UnreadableError('no'), [`${RULES}/b.rules`]: 'KERNEL=="sda"' };
  expect(await readNamingFolders(memoryFiles(secret))).toHaveLength(1);
  expect(await readNamingFolders(memoryFiles({}, { canList: false }))).toEqual([]);
  expect(await readNamingFolders(memoryFiles({}))).toEqual([]);
});
