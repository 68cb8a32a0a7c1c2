import { describe, expect, it } from '@jest/globals';
import { readChainNeeds } from '../../../src/domain/disk-needs.ts';
import { readStartNeeds } from '../../../src/domain/start-needs.ts';
import { domainXml } from '../../definitions/domain-xml.ts';

function needsOf(devices: string, os = ''): unknown[] {
  return readStartNeeds(domainXml({ disks: [], devices, os }));
}

function disk(type: string, source: string, { device = 'disk', inner = '' } = {}): string {
  return `<disk type='${type}' device='${device}'>${source}${inner}<target dev='hdc' bus='ide'/></disk>`;
}

const IMAGE = { purpose: "the image of 'hdc'", role: 'disk', disk: 'hdc' };

describe('what a definition needs to be started', () => {
  it.each([
    ['file', "<source file='/a.img'/>", { kind: 'file', path: '/a.img' }],
    ['block', "<source dev='/dev/vg/a'/>", { kind: 'device', path: '/dev/vg/a' }],
    ['dir', "<source dir='/srv'/>", { kind: 'folder', path: '/srv' }],
    ['volume', "<source pool='p' volume='v'/>", { kind: 'volume', pool: 'p', volume: 'v' }],
  ])('is the image of a disk of type %s', (type, source, need) => {
    expect(needsOf(disk(type, source))).toEqual([{ ...need, ...IMAGE }]);
  });

  it.each(['cdrom', 'floppy'])('is the medium of a %s', (device) => {
    expect(needsOf(disk('file', "<source file='/a.iso'/>", { device }))).toEqual([
      { kind: 'file', path: '/a.iso', purpose: "the medium in 'hdc'", role: 'medium', disk: 'hdc' },
    ]);
  });

  it.each([
    ['an empty drive', disk('file', '', { device: 'cdrom' })],
    ['an optional medium', disk('file', "<source file='/a.iso' startupPolicy='optional'/>", { device: 'cdrom' })],
    ['a file that is handed over opened', disk('file', "<source file='/a' fdgroup='g'/>")],
    ['a disk on the network', disk('network', "<source protocol='rbd' name='p/a'><host name='h'/></source>")],
    ['a disk of a vhost-user daemon', disk('vhostuser', "<source type='unix' path='/run/v.sock'/>")],
    ['a mediated device', "<hostdev mode='subsystem' type='mdev'><source><address uuid='u'/></source></hostdev>"],
    ['a console of its own', "<console type='pty'><source path='/dev/pts/3'/></console>"],
    [
      'a bridge of Open vSwitch',
      "<interface type='bridge'><source bridge='b'/><virtualport type='openvswitch'/></interface>",
    ],
  ])('is not %s', (_, device) => {
    expect(needsOf(device)).toEqual([]);
  });

  it('is the backing chain that it names, down to the first image of another kind', () => {
    const inner = `<backingStore type='file'><format type='qcow2'/><source file='/b'/>
      <backingStore type='block'><format type='raw'/><source dev='/dev/c'/><backingStore/></backingStore></backingStore>`;
    const source =
      "<source file='/a'><dataStore type='file'><format type='raw'/><source file='/a.raw'/></dataStore></source>";
    const below = { purpose: "a backing image of 'hdc'", role: 'backing', disk: 'hdc' };
    expect(needsOf(disk('file', source, { inner }))).toEqual([
      { kind: 'file', path: '/a', ...IMAGE },
      { kind: 'file', path: '/b', ...below },
      { kind: 'device', path: '/dev/c', ...below },
      { kind: 'file', path: '/a.raw', ...below },
    ]);
  });

  it('is the backing chain that the running instance knows, of disks that run on the image of the definition', () => {
    const backing = "<backingStore type='file' index='2'><source file='/base'/><backingStore/></backingStore>";
    const stored = (source: string): string => domainXml({ disks: [], devices: disk('file', source) });
    const live = domainXml({ disks: [], devices: disk('file', "<source file='/a' index='1'/>", { inner: backing }) });
    expect(readChainNeeds(stored("<source file='/a'/>"), live)).toMatchObject([{ path: '/base', disk: 'hdc' }]);
    expect(readChainNeeds(stored("<source file='/b'/>"), live)).toEqual([]);
    expect(readChainNeeds(stored("<source file='/a' startupPolicy='optional'/>"), live)).toEqual([]);
  });

  it.each([
    ['the emulator', '<emulator>/usr/bin/qemu</emulator>', '', 'file', '/usr/bin/qemu'],
    [
      'the firmware',
      '',
      "<loader readonly='yes' type='pflash'>/ovmf.fd</loader><nvram>/vars.fd</nvram>",
      'file',
      '/ovmf.fd',
    ],
    ['the kernel', '', '<kernel>/vmlinuz</kernel>', 'file', '/vmlinuz'],
    ['the initrd', '', '<initrd>/initrd</initrd>', 'file', '/initrd'],
    ['the device tree', '', '<dtb>/dtb</dtb>', 'file', '/dtb'],
    ['an ACPI table', '', "<acpi><table type='slic'>/slic</table></acpi>", 'file', '/slic'],
    [
      'a shared folder',
      "<filesystem type='mount'><source dir='/srv'/><target dir='s'/></filesystem>",
      '',
      'folder',
      '/srv',
    ],
    ['a serial port', "<serial type='dev'><source path='/dev/ttyS0'/></serial>", '', 'device', '/dev/ttyS0'],
    [
      'the TPM',
      "<tpm><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>",
      '',
      'device',
      '/dev/tpm0',
    ],
    [
      'the source of random numbers',
      "<rng><backend model='random'>/dev/hwrng</backend></rng>",
      '',
      'device',
      '/dev/hwrng',
    ],
  ])('is %s', (purpose, devices, os, kind, path) => {
    expect(needsOf(devices, os)).toMatchObject([{ kind, path, purpose }]);
  });

  it.each([
    ['network', "network='default'", { kind: 'network', name: 'default' }],
    ['bridge', "bridge='br0'", { kind: 'network-device', name: 'br0' }],
    ['direct', "dev='eth0' mode='bridge'", { kind: 'network-device', name: 'eth0' }],
  ])('is what an interface of type %s is on', (type, source, need) => {
    const nic = `<interface type='${type}'><mac address='52:54:00:00:00:01'/><source ${source}/></interface>`;
    expect(needsOf(nic)).toEqual([{ ...need, mac: '52:54:00:00:00:01' }]);
  });
});
