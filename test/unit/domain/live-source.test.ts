import { describe, expect, it } from '@jest/globals';
import { readDisks } from '../../../src/domain/disk.ts';
import { adoptLiveSources, findSourceDrift } from '../../../src/domain/live-source.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';
import { domainXml } from '../../definitions/domain-xml.ts';

const persistent = domainXml({
  disks: [
    { target: 'hda', bus: 'virtio' },
    { target: 'hdb', bus: 'virtio' },
  ],
});

function live(source: string, extra = ''): string {
  return domainXml({
    disks: [
      { target: 'hda', bus: 'ide', source },
      { target: 'hdb', bus: 'ide' },
    ],
  }).replace(`<source file='${source}'/>`, `<source file='${source}' index='3'/>${extra}`);
}

describe('the live source of a disk', () => {
  it('is the same where only what belongs to a running instance differs', () => {
    expect(
      findSourceDrift(
        persistent,
        live('/images/hda.qcow2', "<backingStore type='file'><source file='/base'/></backingStore>"),
      ),
    ).toEqual([]);
  });

  it('has drifted where it is another image', () => {
    expect(findSourceDrift(persistent, live('/images/hda.snap1'))).toEqual([
      { target: 'hda', persistentSource: '/images/hda.qcow2', liveSource: '/images/hda.snap1' },
    ]);
  });

  it('can be adopted, with its format, without what belongs to the running instance', () => {
    const adopted = adoptLiveSources(persistent, live('/images/hda.raw').replace("type='qcow2'", "type='raw'"));
    expect(readDisks(parseDefinition(adopted)).map(({ source, bus }) => [source, bus])).toEqual([
      ['/images/hda.raw', 'virtio'],
      ['/images/hdb.qcow2', 'virtio'],
    ]);
    expect(adopted).toContain('<driver name="qemu" type="raw"/>');
    expect(adopted).not.toContain('index=');
    expect(findSourceDrift(adopted, live('/images/hda.raw'))).toEqual([]);
  });

  it('leaves the definition to the letter where nothing drifted', () => {
    expect(adoptLiveSources(persistent, live('/images/hda.qcow2'))).toBe(persistent);
  });

  it.each([
    [
      "<disk type='block' device='disk'><source dev='/dev/vg/a'/><target dev='hda' bus='ide'/></disk>",
      "<disk type='block' device='disk'><source dev='/dev/vg/b'/><target dev='hda' bus='ide'/></disk>",
    ],
    [
      "<disk type='volume' device='disk'><source pool='p' volume='a'/><target dev='hda' bus='ide'/></disk>",
      "<disk type='volume' device='disk'><source pool='q' volume='a'/><target dev='hda' bus='ide'/></disk>",
    ],
    [
      "<disk type='network' device='disk'><source protocol='rbd' name='a'><host name='h1'/></source><target dev='hda' bus='ide'/></disk>",
      "<disk type='network' device='disk'><source protocol='rbd' name='a'><host name='h2'/></source><target dev='hda' bus='ide'/></disk>",
    ],
    [
      "<disk type='nvme' device='disk'><source type='pci' namespace='1'><address domain='0' bus='1'/></source><target dev='hda' bus='ide'/></disk>",
      "<disk type='nvme' device='disk'><source type='pci' namespace='1'><address domain='0' bus='2'/></source><target dev='hda' bus='ide'/></disk>",
    ],
  ])('is compared for sources of every type: %s', (one, other) => {
    const wrap = (disk: string): string => `<domain><devices>${disk}</devices></domain>`;
    expect(findSourceDrift(wrap(one), wrap(one))).toEqual([]);
    expect(findSourceDrift(wrap(one), wrap(other))).toHaveLength(1);
  });
});
