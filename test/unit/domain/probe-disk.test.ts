import { describe, expect, it } from '@jest/globals';
import { hasProbe, probeDevice, probeTarget } from '../../../src/domain/probe-disk.ts';
import { readXml, selectText } from '../../../src/domain/xml.ts';
import { domainXml } from '../../definitions/domain-xml.ts';

const withDisks = (...targets: string[]): string =>
  domainXml({ disks: targets.map((target) => ({ target, bus: target.startsWith('vd') ? 'virtio' : 'ide' })) });

describe('the disk that is plugged in', () => {
  it('has a name that is out of the way, and counts as no other virtio disk does', () => {
    expect(probeTarget(withDisks('hda', 'vda'))).toBe('vdz');
    expect(probeTarget(withDisks('vdz'))).toBe('vdaa');
    // QEMU makes its device's name of the letters alone
    expect(probeTarget(domainXml({ disks: [{ target: 'sdz', bus: 'virtio' }] }))).toBe('vdaa');
  });

  it('names its file, whatever that is called, and says what it is', () => {
    const device = readXml(probeDevice("/var/tmp/it's <&> there", 'vdz'));
    expect(selectText(device, '/disk/source/@file')).toBe("/var/tmp/it's <&> there");
    expect(selectText(device, '/disk/target/@bus')).toBe('virtio');
    expect(selectText(device, '/disk/serial')).toBe('virtioize-probe');
  });

  it('is known by its serial, also once a snapshot has put another file in its place', () => {
    const plugged = withDisks('hda').replace('</devices>', `${probeDevice('/x', 'vdz')}</devices>`);
    expect(hasProbe(plugged, 'vdz')).toBe(true);
    expect(hasProbe(plugged.replace("file='/x'", "file='/x.snapshot'"), 'vdz')).toBe(true);
    expect(hasProbe(plugged, 'vdaa')).toBe(false);
    expect(hasProbe(withDisks('hda', 'vdz'), 'vdz')).toBe(false);
  });
});
