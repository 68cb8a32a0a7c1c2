import { describe, expect, it } from '@jest/globals';
import { indexDiskAddresses, type ReportedAddress } from '../../../src/domain/disk-address.ts';

function live(devices: string): string {
  return `<domain type='kvm' id='7'><name>g</name><devices>${devices}</devices></domain>`;
}

function disk(target: string, bus: string, address: string, device = 'disk'): string {
  return `<disk type='file' device='${device}'><target dev='${target}' bus='${bus}'/><address ${address}/></disk>`;
}

function controller(type: string, index: number, pci: string, model = ''): string {
  const attributes = model === '' ? '' : ` model='${model}'`;
  return `<controller type='${type}' index='${index}'${attributes}><address type='pci' ${pci}/></controller>`;
}

/** `domain:bus:slot.function`, in decimal, as the agent reports it; then the place on the controller. */
function at(pci: string, [bus, target, unit] = [0, 0, 0]): ReportedAddress {
  const [domain, pciBus, slot, func] = pci.split(/[:.]/).map(Number) as [number, number, number, number];
  return { pci: { domain, bus: pciBus, slot, function: func }, bus, target, unit };
}

describe('by the address that its agent reports, a disk is found', () => {
  it('on IDE, by channel and unit', () => {
    const targetAt = indexDiskAddresses(
      live(
        controller('ide', 0, "domain='0x0000' bus='0x00' slot='0x01' function='0x1'") +
          disk('hda', 'ide', "type='drive' controller='0' bus='0' target='0' unit='0'") +
          disk('hdb', 'ide', "type='drive' controller='0' bus='0' target='0' unit='1'") +
          disk('hdc', 'ide', "type='drive' controller='0' bus='1' target='0' unit='0'", 'cdrom'),
      ),
    );
    expect(targetAt(at('0:0:1.1', [0, 0, 0]))).toBe('hda');
    expect(targetAt(at('0:0:1.1', [0, 0, 1]))).toBe('hdb');
    expect(targetAt(at('0:0:1.1', [1, 0, 0]))).toBe('hdc');
    expect(targetAt(at('0:0:1.0', [0, 0, 0]))).toBeUndefined();
  });

  it('on the SATA controller of q35, and the CD-ROM at the next unit is not mistaken for it', () => {
    const targetAt = indexDiskAddresses(
      live(
        controller('sata', 0, "domain='0x0000' bus='0x00' slot='0x1f' function='0x2'") +
          disk('sda', 'sata', "type='drive' controller='0' bus='0' target='0' unit='0'") +
          disk('sdb', 'sata', "type='drive' controller='0' bus='0' target='0' unit='1'", 'cdrom'),
      ),
    );
    expect(targetAt(at('0:0:31.2', [0, 0, 0]))).toBe('sda');
    expect(targetAt(at('0:0:31.2', [0, 0, 1]))).toBe('sdb');
    expect(targetAt(at('0:0:31.2', [0, 0, 2]))).toBeUndefined();
  });

  it('on an LSI controller, the second of two', () => {
    const targetAt = indexDiskAddresses(
      live(
        controller('scsi', 0, "domain='0x0000' bus='0x00' slot='0x05' function='0x0'", 'virtio-scsi') +
          controller('scsi', 1, "domain='0x0000' bus='0x00' slot='0x0a' function='0x0'", 'lsilogic') +
          disk('sda', 'scsi', "type='drive' controller='0' bus='0' target='0' unit='3'") +
          disk('sdb', 'scsi', "type='drive' controller='1' bus='0' target='0' unit='3'"),
      ),
    );
    expect(targetAt(at('0:0:5.0', [0, 0, 3]))).toBe('sda');
    expect(targetAt(at('0:0:10.0', [0, 0, 3]))).toBe('sdb');
  });

  it('on virtio, by its own PCI function, whatever bus, target and unit are said to be', () => {
    const targetAt = indexDiskAddresses(
      live(disk('vda', 'virtio', "type='pci' domain='0x0000' bus='0x00' slot='0x07' function='0x0'")),
    );
    expect(targetAt(at('0:0:7.0'))).toBe('vda');
    expect(targetAt(at('0:0:7.0', [-1, -1, -1]))).toBe('vda');
    expect(targetAt(at('0:0:8.0'))).toBeUndefined();
  });

  it('on virtio behind root ports, each a bus of its own', () => {
    const targetAt = indexDiskAddresses(
      live(
        disk('vda', 'virtio', "type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'") +
          disk('vdb', 'virtio', "type='pci' domain='0x0000' bus='0x1a' slot='0x00' function='0x0'"),
      ),
    );
    expect(targetAt(at('0:4:0.0'))).toBe('vda');
    expect(targetAt(at('0:26:0.0'))).toBe('vdb');
  });

  it('with a PCI domain that is not the first', () => {
    const targetAt = indexDiskAddresses(
      live(
        disk('vda', 'virtio', "type='pci' domain='0x0001' bus='0x00' slot='0x07' function='0x1' multifunction='on'"),
      ),
    );
    expect(targetAt(at('1:0:7.1'))).toBe('vda');
    expect(targetAt(at('0:0:7.1'))).toBeUndefined();
  });
});

describe('no disk is found', () => {
  it.each([
    ['without an address', "<disk device='disk'><target dev='vda' bus='virtio'/></disk>"],
    ['on a CCW bus', disk('vda', 'virtio', "type='ccw' cssid='0xfe' ssid='0x0' devno='0x0000'")],
    ['on USB', disk('sda', 'usb', "type='usb' bus='0' port='1'")],
    [
      'on a controller that is not there',
      disk('sda', 'sata', "type='drive' controller='3' bus='0' target='0' unit='0'"),
    ],
    [
      'on a controller without a PCI address',
      `<controller type='fdc' index='0'/>${disk('fda', 'fdc', "type='drive' controller='0' bus='0' target='0' unit='0'")}`,
    ],
  ])('%s, and none where the agent knows no address (-1)', (_, devices) => {
    const targetAt = indexDiskAddresses(live(devices));
    expect(targetAt(at('0:0:0.0'))).toBeUndefined();
    expect(
      targetAt({ pci: { domain: -1, bus: -1, slot: -1, function: -1 }, bus: -1, target: -1, unit: -1 }),
    ).toBeUndefined();
  });
});
