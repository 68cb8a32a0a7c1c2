import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { readUdevRules } from '../../../../src/preflight/linux/udev-rules.ts';
import { memoryFiles } from '../memory-files.ts';

const FOLDER = '/etc/udev/rules.d';

describe("the admin's own udev rules", () => {
  it.each([
    'KERNEL=="sd?1", SUBSYSTEM=="block", SYMLINK+="oracleasm/data1"',
    'SUBSYSTEM=="block", ENV{ID_SERIAL}=="0QEMU_QEMU_HARDDISK_1", OWNER="oracle"',
    'KERNEL=="[sh]d*", ATTR{queue/scheduler}="noop"',
    'ENV{ID_PATH}=="pci-0000:00:1f.2-ata-1", SYMLINK+="data"',
  ])('are no more than a warning where they pick the old disks: %s', async (rule) => {
    const named = await readUdevRules(memoryFiles({ [`${FOLDER}/99-own.rules`]: `# own\n${rule}\n${rule}\n` }));
    expect(named).toEqual([{ file: `${FOLDER}/99-own.rules`, device: rule, purpose: 'a disk', stopsBoot: false }]);
  });

  it.each([
    '#KERNEL=="sda", SYMLINK+="data"',
    'SUBSYSTEM=="net", ATTR{address}=="52:54:00:12:34:56", NAME="eth0"',
    'SUBSYSTEM=="block", ENV{ID_CDROM}=="?*", ENV{ID_PATH}=="pci-0000:00:1f.1", SYMLINK+="cdrom"',
    'KERNEL=="vd*", OWNER="oracle"',
  ])('are not worth one where they do not: %s', async (rule) => {
    expect(await readUdevRules(memoryFiles({ [`${FOLDER}/70-own.rules`]: rule }))).toEqual([]);
  });

  it('do not matter where they can not be read', async () => {
    const secret = { [`${FOLDER}/a.rules`]: new UnreadableError('no') };
    expect(await readUdevRules(memoryFiles(secret))).toEqual([]);
    expect(await readUdevRules(memoryFiles({}, { canList: false }))).toEqual([]);
    expect(await readUdevRules(memoryFiles({}))).toEqual([]);
  });
});
