import { describe, expect, it } from '@jest/globals';
import { readDiskData } from '../../../src/domain/disk-data.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';

describe('where the data of a disk lies', () => {
  it('is a file, a device or a volume, in the format that the definition names', () => {
    expect(
      places(
        `<disk type='file'><driver type='qcow2'/><source file='/a'/><target dev='hda'/></disk>
         <disk type='block' device='disk'><driver type='raw'/><source dev='/dev/x'/><target dev='hdb'/></disk>
         <disk type='volume'><driver name='qemu'/><source pool='p' volume='v'/><target dev='hdc'/></disk>`,
      ),
    ).toEqual([
      { target: 'hda', format: 'qcow2', place: { kind: 'path', path: '/a' } },
      { target: 'hdb', format: 'raw', place: { kind: 'path', path: '/dev/x' } },
      { target: 'hdc', format: 'raw', place: { kind: 'volume', pool: 'p', volume: 'v' } },
    ]);
  });

  it('is raw where no format is named: libvirt takes it so, whatever it holds', () => {
    expect(places(`<disk type='file'><source file='/a'/><target dev='hda'/></disk>`)).toMatchObject([
      { format: 'raw' },
    ]);
  });

  it.each([
    [`<source protocol='rbd' name='p/i'/>`, 'network', 'is neither a file nor a block device of this host'],
    [`<source file='/a'><encryption format='luks'/></source>`, 'file', 'is encrypted by the host'],
    [`<source file='/a'/><encryption format='luks'/>`, 'file', 'is encrypted by the host'],
    [
      `<source file='/a'><slices><slice type='storage' offset='1' size='2'/></slices></source>`,
      'file',
      'is a slice of an image',
    ],
    [`<source file='/a'><dataStore type='file'/></source>`, 'file', 'keeps its data in another image'],
  ])('can not be read where it is %s', (source, type, reason) => {
    expect(places(`<disk type='${type}'>${source}<target dev='hda'/></disk>`)).toMatchObject([
      { place: { kind: 'unreadable', reason } },
    ]);
  });

  it('is nothing of CD-ROMs, floppies, and disks without a source', () => {
    expect(
      places(
        `<disk type='file' device='cdrom'><source file='/a'/><target dev='hda'/></disk>
         <disk type='file' device='floppy'><source file='/b'/><target dev='fda'/></disk>
         <disk type='file'><target dev='hdb'/></disk>`,
      ),
    ).toEqual([]);
  });

  it('comes with the images below it where the definition names them, to the last', () => {
    const below = `<backingStore type='file'><format type='qcow2'/><source file='/b'/><backingStore type='block'><source dev='/dev/c'/><backingStore/></backingStore></backingStore>`;
    expect(disks(`<disk type='file'><source file='/a'/><target dev='hda'/>${below}</disk>`)[0]?.backing).toEqual([
      '/b',
      '/dev/c',
    ]);
    expect(disks(`<disk type='file'><source file='/a'/><target dev='hda'/><backingStore/></disk>`)[0]?.backing).toEqual(
      [],
    );
    expect(disks(`<disk type='file'><source file='/a'/><target dev='hda'/></disk>`)[0]?.backing).toBeUndefined();
  });
});

function disks(xml: string) {
  return readDiskData(parseDefinition(`<domain><devices>${xml}</devices></domain>`));
}

function places(xml: string) {
  return disks(xml).map(({ target, format, place }) => ({ target, format, place }));
}
