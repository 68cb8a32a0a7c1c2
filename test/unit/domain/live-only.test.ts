import { describe, expect, it } from '@jest/globals';
import { findLiveOnly } from '../../../src/domain/live-only.ts';
import { domainXml } from '../../definitions/domain-xml.ts';

const NIC = "<interface type='user'><mac address='52:54:00:00:00:01'/></interface>";
const DISK = { target: 'hda', bus: 'ide' } as const;

function guest(devices: string): string {
  return domainXml({ disks: [DISK], devices: NIC + devices });
}

/** A definition whose one CD-ROM drive holds `medium`. */
function drive(medium: string, { os = "<boot dev='hd'/>", inner = '' } = {}): string {
  const source = medium === '' ? '' : `<source file='${medium}'/>`;
  const devices = `<disk type='file' device='cdrom'>${source}<target dev='hdc' bus='ide'/>${inner}</disk>`;
  return domainXml({ os, disks: [DISK], devices });
}

function hostDevice(type: string, source: string): string {
  return `<hostdev mode='subsystem' type='${type}'><source>${source}</source></hostdev>`;
}

describe('what only the running instance has', () => {
  it('is nothing where all that differs was added by libvirt', () => {
    const live = guest('')
      .replace("<domain type='qemu'>", "<domain type='qemu' id='7'>")
      .replace("<currentMemory unit='KiB'>65536", "<currentMemory unit='KiB'>32768")
      .replace("file='/images/hda.qcow2'/>", "file='/images/hda.qcow2' index='1'/><backingStore/>")
      .replace('</devices>', "<controller type='usb' index='0'/><memballoon model='virtio'/></devices>")
      .replace('</interface>', "<target dev='vnet0'/><alias name='net0'/></interface>");
    expect(findLiveOnly(guest(''), live)).toEqual([]);
  });

  it.each([
    ['/x.qcow2', 'disk', "the disk 'sdb' (/x.qcow2)"],
    ['/x.iso', 'cdrom', "the CD-ROM drive 'sdb' (/x.iso)"],
  ] as const)('is a disk that was attached: %s', (source, device, phrase) => {
    const live = domainXml({ disks: [DISK, { target: 'sdb', bus: 'scsi', source, device }], devices: NIC });
    expect(findLiveOnly(guest(''), live)).toEqual([phrase]);
    expect(findLiveOnly(live, guest(''))).toEqual([]);
  });

  it('is no disk that the persistent definition has under another name or with another image', () => {
    const renamed = domainXml({ disks: [{ target: 'vda', bus: 'virtio', source: '/images/hda.qcow2' }] });
    expect(findLiveOnly(renamed, domainXml({ disks: [DISK] }))).toEqual([]);
    expect(findLiveOnly(domainXml({ disks: [DISK] }), domainXml({ disks: [{ ...DISK, source: '/other' }] }))).toEqual(
      [],
    );
  });

  it.each([
    ['a medium that was put in', drive(''), drive('/b.iso'), ["the medium '/b.iso' in 'hdc'"]],
    [
      'a medium that was changed',
      drive('/a.iso'),
      drive('/b.iso'),
      ["the medium '/b.iso' in 'hdc' instead of '/a.iso'"],
    ],
    ['no medium that was taken out of a drive the guest does not start from', drive('/a.iso'), drive(''), []],
    [
      'a medium that was taken out of a drive the guest starts from',
      drive('/a.iso', { os: "<boot dev='cdrom'/><boot dev='hd'/>" }),
      drive(''),
      ["the empty drive 'hdc' instead of '/a.iso'"],
    ],
    [
      'the same with an order of its own',
      drive('/a.iso', { os: '', inner: "<boot order='1'/>" }),
      drive(''),
      ["the empty drive 'hdc' instead of '/a.iso'"],
    ],
  ])('is %s', (_, persistent, live, phrases) => {
    expect(findLiveOnly(persistent, live)).toEqual(phrases);
  });

  it.each([
    [
      "<interface type='user'><mac address='52:54:00:00:00:02'/></interface>",
      'the network interface 52:54:00:00:00:02',
    ],
    [
      hostDevice('pci', "<address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>"),
      'a host device (pci 0000:03:00.0)',
    ],
    [
      hostDevice('usb', "<vendor id='0x1234'/><product id='0x5678'/><address bus='1' device='4'/>"),
      'a host device (usb 1234:5678)',
    ],
    [hostDevice('usb', "<address bus='1' device='4'/>"), 'a host device (usb 1:4)'],
    [hostDevice('scsi', "<adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/>"), 'a host device (scsi)'],
    ["<memory model='dimm'><target><size unit='KiB'>1048576</size></target></memory>", 'a memory module of 1024 MiB'],
    [
      "<memory model='virtio-mem'><target><size unit='KiB'>4194304</size><requested unit='KiB'>1048576</requested></target></memory>",
      'a memory module of 1024 MiB',
    ],
    ["<filesystem type='mount'><source dir='/srv'/><target dir='share'/></filesystem>", "the shared folder 'share'"],
    ["<rng model='virtio'/>", 'a random number generator'],
    ["<watchdog model='i6300esb'/>", 'a watchdog'],
  ])('is a device that was attached: %s', (device, phrase) => {
    expect(findLiveOnly(guest(''), guest(device))).toEqual([phrase]);
    expect(findLiveOnly(guest(device), guest(device))).toEqual([]);
    expect(findLiveOnly(guest(device), guest(device + device))).toEqual([phrase]);
  });

  it('is no USB device that the definition names by its kind alone', () => {
    const named = hostDevice('usb', "<vendor id='0x1234'/><product id='0x5678'/>");
    const found = hostDevice('usb', "<vendor id='0x1234'/><product id='0x5678'/><address bus='1' device='4'/>");
    expect(findLiveOnly(guest(named), guest(found))).toEqual([]);
  });

  it('is an interface that was moved to another network, but not a network shown as the bridge it is made of', () => {
    const nic = (type: string, source: string): string =>
      domainXml({
        disks: [],
        devices: `<interface type='${type}'><mac address='52:54:00:00:00:01'/><source ${source}/></interface>`,
      });
    const stored = nic('network', "network='a'");
    expect(findLiveOnly(stored, nic('bridge', "network='a' portid='1' bridge='virbr0'"))).toEqual([]);
    expect(findLiveOnly(stored, nic('bridge', "network='b' portid='1' bridge='virbr1'"))).toEqual([
      "the network interface 52:54:00:00:00:01 on 'b' instead of 'a'",
    ]);
    expect(findLiveOnly(nic('bridge', "bridge='br0'"), nic('bridge', "bridge='br1'"))).toEqual([
      "the network interface 52:54:00:00:00:01 on 'br1' instead of 'br0'",
    ]);
  });

  it.each([
    ["<vcpu current='1'>4</vcpu>", "<vcpu current='3'>4</vcpu>", ['2 of its 3 processors']],
    ["<vcpu current='2'>4</vcpu>", '<vcpu>4</vcpu>', ['2 of its 4 processors']],
    ['<vcpu>4</vcpu>', "<vcpu current='2'>4</vcpu>", []],
  ])('is the processors that were added: %s, %s', (before, now, phrases) => {
    const withVcpu = (vcpu: string): string => guest('').replace(/<vcpu.*<\/vcpu>/, vcpu);
    expect(findLiveOnly(withVcpu(before), withVcpu(now))).toEqual(phrases);
  });
});
