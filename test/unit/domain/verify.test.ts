import { describe, expect, it } from '@jest/globals';
import { asStored, findDifferences } from '../../../src/domain/verify.ts';
import { domainXml } from '../../definitions/domain-xml.ts';

const asked = domainXml({
  disks: [
    { target: 'vda', bus: 'virtio', inner: '\n      <serial>S</serial>' },
    { target: 'hdc', bus: 'ide', device: 'cdrom' },
  ],
});

describe('what libvirt stored', () => {
  it('may have an address where none was asked for, and one more controller', () => {
    const without = asked.replace(/\s*<address type='pci'[^>]*>/, '');
    const more = asked.replace('</devices>', "  <controller type='pci' index='1' model='pci-bridge'/>\n  </devices>");
    expect(findDifferences(without, more)).toEqual([]);
  });

  it.each([
    ['another name', [/<name>guest</, '<name>other<'], 'name'],
    ['another UUID', [/000000000001/, '000000000002'], 'uuid'],
    ['other boot devices', [/<boot dev='hd'\/>/, "<boot dev='cdrom'/>"], 'boot devices'],
    ['a disk under another name', [/vda' bus/, "vdb' bus"], "'vda' is missing"],
    ['a disk on another bus', [/vda' bus='virtio'/, "vda' bus='sata'"], "'vda' is not as"],
    ['a disk with another image', [/vda\.qcow2/, 'other.qcow2'], "'vda' is not as"],
    ['a disk that lost a setting', [/\s*<serial>S<\/serial>/, ''], "'vda' is not as"],
    ['a CD-ROM that moved', [/bus='1' target='0' unit='0'/, "bus='1' target='0' unit='1'"], "'hdc' is not as"],
  ] as const)('must not have %s', (_, [pattern, replacement], told) => {
    const differences = findDifferences(asked, asked.replace(pattern, replacement));
    expect(differences.join()).toContain(told);
  });

  it('must not have a disk too many', () => {
    const more = domainXml({ disks: [{ target: 'vdb', bus: 'virtio' }] });
    expect(findDifferences(domainXml({ disks: [] }), more)).toEqual(["there is a disk 'vdb' that was not asked for"]);
  });
});

describe('the definition that is kept as the new one', () => {
  const without = asked.replace(/\s*<address type='pci'[^>]*>/, '');

  it.each([
    ['an address', asked],
    [
      'a controller on PCI',
      asked.replace('</devices>', "  <controller type='pci' index='1' model='pci-bridge'/>\n  </devices>"),
    ],
  ])('is the one that libvirt prints, where it has added %s', (_, printed) => {
    expect(asStored(without, printed)).toBe(printed);
  });

  it.each([
    ['memory', /<memory unit='KiB'>\d+</, "<memory unit='KiB'>1<"],
    ['a device', /<\/devices>/, "  <watchdog model='itco'/>\n  </devices>"],
    ['another controller', /<\/devices>/, "  <controller type='scsi' index='0' model='virtio-scsi'/>\n  </devices>"],
    ['a setting of the whole', /<\/domain>/, '  <description>mine</description>\n</domain>'],
  ])('is the one that was asked for, where somebody else has edited %s since', (_, pattern, edit) => {
    expect(asked).toMatch(pattern);
    expect(asStored(without, asked.replace(pattern, edit))).toBe(without);
  });
});
