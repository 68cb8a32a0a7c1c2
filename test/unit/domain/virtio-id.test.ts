import { describe, expect, it } from '@jest/globals';
import { readDisks } from '../../../src/domain/disk.ts';
import { diskIdOf, newDiskId, usesSecureBoot } from '../../../src/domain/virtio-id.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';

describe('the PCI id under which a guest will see a new virtio disk', () => {
  it.each([
    ['pc', '1001'],
    ['pc-i440fx-7.2', '1001'],
    ['pc-i440fx-rhel7.6.0', '1001'],
    ['pc-0.12', '1001'],
    ['rhel6.6.0', '1001'],
    ['pseries-7.2', '1001'],
    ['q35', '1042'],
    ['pc-q35-7.2', '1042'],
    ['pc-q35-2.7', '1042'],
    ['pc-q35-2.12', '1042'],
    ['pc-q35-2.6', '1001'],
    ['pc-q35-rhel9.2.0', '1042'],
    ['virt', '1042'],
    ['virt-7.2', '1042'],
    ['virt-2.6', '1001'],
    ['s390-ccw-virtio-7.2', undefined],
    ['isapc', undefined],
    ['microvm', undefined],
    ['', undefined],
  ])('on %s is %s', (machine, id) => {
    expect(newDiskId(parseDefinition(domain({ machine })))).toBe(id);
  });
});

describe('the PCI id of a virtio disk that has its place', () => {
  const places: [string, string, string, string | undefined][] = [
    ['on the only bus of pc', 'pc-i440fx-7.2', pci(0), '1001'],
    ['on a root port', 'pc-q35-7.2', pci(1), '1042'],
    ['on a port of a switch', 'pc-q35-7.2', pci(4), '1042'],
    ['behind a bridge to conventional PCI', 'pc-q35-7.2', pci(2), '1001'],
    ['behind a bridge of a bridge', 'pc-q35-7.2', pci(3), '1001'],
    ['on the root complex itself', 'pc-q35-7.2', pci(0), '1001'],
    ['on a root port of an old machine', 'pc-q35-2.5', pci(1), '1001'],
    ['on no PCI bus', 's390-ccw-virtio-7.2', "<address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0000'/>", undefined],
    ['nowhere yet', 'pc-q35-7.2', '', undefined],
  ];
  it.each(places)('%s (%s)', (_, machine, address, id) => {
    expect(idOf(domain({ machine, disk: `<target dev='vda' bus='virtio'/>${address}` }))).toBe(id);
  });

  it.each([
    ['virtio-transitional', '1001'],
    ['virtio-non-transitional', '1042'],
    ['virtio', '1042'],
  ])('of model %s on a root port is %s', (model, id) => {
    const disk = `<target dev='vda' bus='virtio'/>${pci(1)}`;
    expect(idOf(domain({ machine: 'pc-q35-7.2', disk, model: ` model='${model}'` }))).toBe(id);
  });
});

describe('Secure Boot', () => {
  it.each([
    ["<loader secure='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>", true],
    ["<loader secure='no' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>", false],
    ["<firmware><feature enabled='yes' name='secure-boot'/></firmware>", true],
    ["<firmware><feature enabled='no' name='secure-boot'/></firmware>", false],
    ["<firmware><feature enabled='yes' name='enrolled-keys'/></firmware>", false],
    ['', false],
  ])('of %s: %s', (os, isOn) => {
    expect(usesSecureBoot(parseDefinition(domain({ machine: 'q35', os })))).toBe(isOn);
  });
});

function idOf(text: string): string | undefined {
  const [disk] = readDisks(parseDefinition(text));
  return disk === undefined ? undefined : diskIdOf(disk.element);
}

function pci(bus: number): string {
  return `<address type='pci' domain='0x0000' bus='0x0${bus}' slot='0x00' function='0x0'/>`;
}

function domain({
  machine,
  disk = '',
  model = '',
  os = '',
}: Record<'machine', string> & Record<string, string>): string {
  const controllers = [
    'pcie-root',
    'pcie-root-port',
    'pcie-to-pci-bridge',
    'pci-bridge',
    'pcie-switch-downstream-port',
  ];
  const all = controllers.map((one, index) => `<controller type='pci' index='${index}' model='${one}'/>`).join('');
  const type = machine === '' ? '<type>hvm</type>' : `<type machine='${machine}'>hvm</type>`;
  return `<domain type='kvm'><os>${type}${os}</os><devices>${machine.includes('q35') ? all : ''}
    <disk type='file' device='disk'${model}>${disk}</disk></devices></domain>`;
}
