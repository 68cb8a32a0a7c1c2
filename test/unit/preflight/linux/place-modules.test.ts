import { describe, expect, it } from '@jest/globals';
import type { ModulePlace } from '../../../../src/preflight/linux/linux-facts.ts';
import { placeModules } from '../../../../src/preflight/linux/place-modules.ts';

const builtIn = 'kernel/virtio_blk.ko\nkernel/virtio_pci.ko\n';
const dependencies = 'virtio_blk.ko: virtio_ring.ko\nvirtio_pci.ko: virtio_ring.ko virtio_pci_modern_dev.ko\n';

describe('the modules of a virtio disk', () => {
  it('are the driver alone where it is built in', () => {
    expect(place({ builtIn, dependencies: undefined })).toEqual({ virtio_blk: 'built in', virtio_pci: 'built in' });
  });

  it('are the driver and all that it needs where it is not', () => {
    expect(place({ builtIn: '', dependencies }, ['virtio_blk', 'virtio_pci', 'virtio_ring'])).toEqual({
      virtio_blk: 'in the initramfs',
      virtio_pci: 'in the initramfs',
      virtio_ring: 'in the initramfs',
      virtio_pci_modern_dev: 'missing',
    });
  });

  it('may be half built in', () => {
    expect(place({ builtIn: 'virtio_pci.ko\nvirtio_ring.ko', dependencies }, ['virtio_blk'])).toEqual({
      virtio_blk: 'in the initramfs',
      virtio_pci: 'built in',
      virtio_ring: 'built in',
    });
  });

  it('are missing where the driver is nowhere, whatever it would need', () => {
    expect(place({ builtIn: '', dependencies: undefined })).toEqual({ virtio_blk: 'missing', virtio_pci: 'missing' });
  });

  it('are not built at all where the kernel does not come with the driver', () => {
    expect(place({ builtIn: '', dependencies: 'virtio_pci.ko:\n' })).toEqual({
      virtio_blk: 'not built',
      virtio_pci: 'missing',
    });
  });

  it.each([
    ['there is no modules.dep', { builtIn: '', dependencies: undefined }],
    ['modules.dep does not know the driver', { builtIn: '', dependencies: 'ahci.ko:\n' }],
    ['modules.dep is damaged', { builtIn: '', dependencies: 'virtio_blk.ko' }],
  ])('can not be told where the initramfs has the driver and %s', (_, sources) => {
    expect(() => place(sources, ['virtio_blk', 'virtio_pci'])).toThrow("needs can't be told");
  });

  it('can not be said to be missing where what is built in can not be told', () => {
    expect(() => place({ builtIn: undefined, dependencies })).toThrow('modules.builtin of 6.1 is not there');
    expect(() => place({ builtIn: undefined, dependencies }, ['virtio_blk', 'virtio_pci'])).toThrow('modules.builtin');
  });

  it('are all there without a modules.builtin where the initramfs has them', () => {
    const all = ['virtio_blk', 'virtio_pci', 'virtio_ring', 'virtio_pci_modern_dev'];
    expect(Object.keys(place({ builtIn: undefined, dependencies }, all))).toHaveLength(4);
  });
});

function place(
  sources: { builtIn: string | undefined; dependencies: string | undefined },
  inside: readonly string[] = [],
): Record<string, ModulePlace> {
  const placeOf = (name: string): ModulePlace => (inside.includes(name) ? 'in the initramfs' : 'missing');
  return Object.fromEntries(placeModules('6.1', { ...sources, placeOf }));
}
