import { describe, expect, it } from '@jest/globals';
import {
  blockedModules,
  builtInByConfig,
  builtInModules,
  moduleNameOf,
  readDependencies,
} from '../../../../src/preflight/linux/modules.ts';

describe("a module's name", () => {
  it.each([
    ['kernel/drivers/block/virtio_blk.ko', 'virtio_blk'],
    ['/lib/modules/5.4/kernel/drivers/block/virtio-blk.ko.xz', 'virtio_blk'],
    ['virtio_pci.ko.gz', 'virtio_pci'],
    ['virtio_pci.ko.zst', 'virtio_pci'],
    ['virtio_blk.ko.bak', undefined],
    ['virtio_blk', undefined],
    ['virtio_blk.ko/x', undefined],
    [`${'x'.repeat(65)}.ko`, undefined],
    ['', undefined],
  ])('is that of its file: %s', (path, name) => {
    expect(moduleNameOf(path)).toBe(name);
  });
});

describe('modules.builtin', () => {
  it('lists what the kernel has inside', () => {
    const text = 'kernel/drivers/block/virtio_blk.ko\nkernel/drivers/virtio/virtio-pci.ko\n\n';
    expect([...builtInModules(text)]).toEqual(['virtio_blk', 'virtio_pci']);
  });
});

describe("a kernel's configuration", () => {
  it('says what is built in', () => {
    const config =
      '# Linux/x86\nCONFIG_VIRTIO_BLK=y\nCONFIG_VIRTIO=y\n# CONFIG_VIRTIO_MMIO is not set\nCONFIG_VIRTIO_PCI=m\n';
    expect([...builtInModules(builtInByConfig(config))]).toEqual(['virtio_blk', 'virtio', 'virtio_ring']);
  });
});

describe('modules.dep', () => {
  it.each([
    ['kernel/virtio_blk.ko.xz: kernel/virtio-ring.ko.xz kernel/virtio.ko.xz', ['virtio_ring', 'virtio']],
    ['/lib/modules/2.6.32/kernel/virtio_blk.ko: /lib/modules/2.6.32/kernel/virtio.ko', ['virtio']],
    ['kernel/virtio_blk.ko:', []],
  ])('says what a driver needs: %s', (text, needed) => {
    expect(readDependencies(`kernel/x.ko: kernel/y.ko\n${text}\n`).get('virtio_blk')).toEqual(needed);
  });

  it('says nothing of a driver that it does not list, or that would need more than any', () => {
    expect(readDependencies('kernel/virtio_net.ko:\nnonsense\n:\n').size).toBe(0);
    const endless = `virtio_blk.ko:${Array.from({ length: 100 }, (_, n) => ` m${n}.ko`).join('')}`;
    expect(readDependencies(endless).has('virtio_blk')).toBe(false);
  });
});

describe('modules that must not be loaded', () => {
  it.each([
    ['ro module_blacklist=floppy,virtio_blk', 'virtio_blk'],
    ['modprobe.blacklist=virtio-pci', 'virtio_pci'],
    ['rd.driver.blacklist=virtio_blk quiet', 'virtio_blk'],
    ['rdblacklist=virtio_blk', 'virtio_blk'],
    ['blacklist=virtio_blk', 'virtio_blk'],
    ['disablemodules=floppy,virtio_blk', 'virtio_blk'],
  ])('are named on the command line: %s', (args, name) => {
    expect(blockedModules(args, []).has(name)).toBe(true);
  });

  it.each([
    'blacklist virtio_blk',
    '  blacklist   virtio-blk\n',
    'install virtio_blk /bin/true',
    'install virtio_blk /usr/bin/false',
  ])("are named in modprobe's configuration: %s", (text) => {
    expect(blockedModules('', ['# nothing\n', text]).has('virtio_blk')).toBe(true);
  });

  it.each([
    '#blacklist virtio_blk',
    'options virtio_blk x=1',
    'install virtio_blk /sbin/modprobe --ignore-install virtio_blk',
    'alias a virtio_blk',
  ])('are not those of other settings: %s', (text) => {
    expect(blockedModules('my.module_blacklist=virtio_blk', [text]).size).toBe(0);
  });
});
