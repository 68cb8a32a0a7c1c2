import { describe, expect, it } from '@jest/globals';
import { bootDisk } from '../../../src/domain/boot-order.ts';
import { readDisks } from '../../../src/domain/disk.ts';
import type { EmulatedBus } from '../../../src/domain/emulated-bus.ts';
import { type Rewrite, type RewriteOptions, rewriteDefinition } from '../../../src/domain/rewrite.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';
import { type DomainSpec, domainXml, scsiController } from '../../definitions/domain-xml.ts';

const BUSES: ReadonlySet<EmulatedBus> = new Set(['ide', 'sata', 'scsi']);

function rewrite(spec: DomainSpec, options: Partial<RewriteOptions> = {}): Rewrite {
  return rewriteDefinition(domainXml(spec), { buses: BUSES, naming: 'free', ...options });
}

/** `target:bus` of every disk after the rewrite, in document order. */
function disksAfter({ definition = '' }: Rewrite): string[] {
  return readDisks(parseDefinition(definition)).map(({ target, bus }) => `${target}:${bus}`);
}

function codes({ refusals, warnings }: Rewrite): string[] {
  return [...refusals, ...warnings].map(({ code, disk }) => (disk === undefined ? code : `${code} ${disk}`));
}

describe('the rewriter', () => {
  it('puts an IDE disk on virtio, with a new name and no address', () => {
    const result = rewrite({ disks: [{ target: 'hda', bus: 'ide' }] });
    expect(disksAfter(result)).toEqual(['vda:virtio']);
    expect(result.definition).not.toContain("type='drive'");
    expect(result.changes).toEqual([
      {
        source: '/images/hda.qcow2',
        from: { target: 'hda', bus: 'ide' },
        to: { target: 'vda', bus: 'virtio' },
        dropped: [],
      },
    ]);
  });

  it('leaves CD-ROMs, floppies and LUNs alone, and tells of a LUN', () => {
    const result = rewrite({
      disks: [
        { target: 'hda', bus: 'ide', device: 'cdrom' },
        { target: 'fda', bus: 'fdc', device: 'floppy' },
        { target: 'sda', bus: 'scsi', device: 'lun' },
        { target: 'hdb', bus: 'ide' },
      ],
    });
    expect(disksAfter(result)).toEqual(['hda:ide', 'fda:fdc', 'sda:scsi', 'vda:virtio']);
    // The LUN would now come before the system disk: it counts as a hard disk.
    expect(codes(result)).toEqual(['lun-left sda', 'boot-order-rewritten']);
  });

  it('returns the very text where there is nothing to convert', () => {
    const text = domainXml({ disks: [{ target: 'vda', bus: 'virtio' }], type: 'xen' });
    expect(rewriteDefinition(text, { buses: BUSES, naming: 'free' })).toEqual({
      definition: text,
      changes: [],
      refusals: [],
      warnings: [],
    });
  });

  it('touches USB disks only where asked', () => {
    const spec = { disks: [{ target: 'sda', bus: 'usb', targetAttributes: " removable='on'" }] };
    expect(disksAfter(rewrite(spec))).toEqual(['sda:usb']);
    const asked = rewrite(spec, { buses: new Set(['usb']) });
    expect(disksAfter(asked)).toEqual(['vda:virtio']);
    expect(asked.changes[0]?.dropped).toEqual(['removable']);
  });

  it.each(['lsilogic', 'lsisas1068', 'lsisas1078', 'buslogic', 'am53c974', 'dc390'])(
    'takes a %s controller for emulated',
    (model) => {
      expect(
        disksAfter(rewrite({ disks: [{ target: 'sda', bus: 'scsi' }], devices: scsiController(0, model) })),
      ).toEqual(['vda:virtio']);
    },
  );

  it.each(['virtio-scsi', 'virtio-transitional', 'virtio-non-transitional', 'ibmvscsi'])(
    'takes a %s controller for paravirtual',
    (model) => {
      expect(
        disksAfter(rewrite({ disks: [{ target: 'sda', bus: 'scsi' }], devices: scsiController(0, model) })),
      ).toEqual(['sda:scsi']);
    },
  );

  it('tells disks of two SCSI controllers apart', () => {
    const disks = [
      { target: 'sda', bus: 'scsi', controller: 0 },
      { target: 'sdb', bus: 'scsi', controller: 1 },
    ];
    const devices = scsiController(0, 'virtio-scsi') + scsiController(1, 'lsilogic');
    expect(disksAfter(rewrite({ disks, devices }))).toEqual(['sda:scsi', 'vda:virtio']);
  });

  it('drops what a virtio disk can not have, names it, and keeps the rest', () => {
    const result = rewrite({
      disks: [
        {
          target: 'sda',
          bus: 'scsi',
          targetAttributes: " rotation_rate='1'",
          driverAttributes: " cache='none' queue_size='100'",
          inner:
            "\n      <serial>S1</serial>\n      <wwn>5000c50015ea71aa</wwn>\n      <vendor>V</vendor>\n      <product>P</product>\n      <geometry cyls='16383' heads='16' secs='63' trans='lba'/>",
        },
      ],
      devices: scsiController(0, 'lsilogic'),
    });
    expect(result.changes[0]?.dropped).toEqual([
      'rotation_rate',
      'geometry trans',
      'queue_size',
      'vendor',
      'product',
      'wwn',
    ]);
    expect(codes(result)).toEqual(['setting-dropped sda']);
    expect(result.definition).toMatch(/<driver name="qemu" type="qcow2" cache="none"\/>/);
    expect(result.definition).toMatch(/<serial>S1<\/serial>/);
    expect(result.definition).toMatch(/<geometry cyls="16383" heads="16" secs="63"\/>/);
    expect(result.definition).not.toMatch(/wwn|vendor|product|rotation_rate|queue_size/);
  });

  describe('names', () => {
    it('are free letters in document order', () => {
      const disks = ['hda', 'hdb', 'hdd'].map((target) => ({ target, bus: 'ide' }));
      expect(disksAfter(rewrite({ disks: [...disks, { target: 'vdb', bus: 'virtio' }] }))).toEqual([
        'vda:virtio',
        'vdc:virtio',
        'vdd:virtio',
        'vdb:virtio',
      ]);
    });

    it('avoid the number of a virtio disk of any prefix', () => {
      const disks = [
        { target: 'sda', bus: 'sata' },
        { target: 'hda', bus: 'virtio' },
        { target: 'xvdb', bus: 'virtio' },
      ];
      expect(disksAfter(rewrite({ disks }))).toEqual(['vdc:virtio', 'hda:virtio', 'xvdb:virtio']);
    });

    it('go on after vdz', () => {
      const taken = Array.from({ length: 26 }, (_, index) => ({
        target: `vd${String.fromCharCode(97 + index)}`,
        bus: 'virtio',
      }));
      const result = rewrite({ disks: [...taken, { target: 'hda', bus: 'ide' }, { target: 'hdb', bus: 'ide' }] });
      expect(disksAfter(result).slice(26)).toEqual(['vdaa:virtio', 'vdab:virtio']);
    });

    it('are kept where asked, with a warning', () => {
      const result = rewrite(
        {
          disks: [
            { target: 'hda', bus: 'ide' },
            { target: 'sdb', bus: 'sata' },
          ],
        },
        { naming: 'keep' },
      );
      expect(disksAfter(result)).toEqual(['hda:virtio', 'sdb:virtio']);
      expect(codes(result)).toEqual(['name-kept hda', 'name-kept sdb']);
    });

    it.each([
      [
        'an existing virtio disk',
        [
          { target: 'hda', bus: 'ide' },
          { target: 'vda', bus: 'virtio' },
        ],
        'hda',
      ],
      [
        'another disk to be converted',
        [
          { target: 'hda', bus: 'ide' },
          { target: 'sda', bus: 'sata' },
        ],
        'sda',
      ],
    ])('that can not be kept beside %s are a collision', (_, disks, loser) => {
      const result = rewrite({ disks }, { naming: 'keep' });
      expect(result.definition).toBeUndefined();
      expect(result.refusals.map(({ code, disk }) => [code, disk])).toEqual([['name-collision', loser]]);
    });

    it('that an earlier run kept are made final once they may be, the address staying', () => {
      const disks = [
        { target: 'hda', bus: 'virtio' },
        { target: 'vdb', bus: 'virtio' },
      ];
      const result = rewrite({ disks }, { keptBefore: new Set(['hda']) });
      expect(disksAfter(result)).toEqual(['vda:virtio', 'vdb:virtio']);
      expect(result.definition).toContain('slot="0x08"');
      expect(result.warnings).toEqual([]);
    });

    it('of virtio disks that their admin chose are left alone', () => {
      expect(rewrite({ disks: [{ target: 'hda', bus: 'virtio' }] }).changes).toEqual([]);
    });
  });

  describe('the disk that boots', () => {
    it.each([
      [
        'IDE system beside a virtio data disk',
        [
          ['hda', 'ide'],
          ['vda', 'virtio'],
        ],
        '/images/hda.qcow2',
      ],
      [
        'SATA before IDE',
        [
          ['sdb', 'sata'],
          ['hda', 'ide'],
        ],
        '/images/sdb.qcow2',
      ],
      [
        'SCSI before IDE',
        [
          ['sda', 'scsi'],
          ['hda', 'ide'],
        ],
        '/images/sda.qcow2',
      ],
      [
        'virtio data before IDE',
        [
          ['vda', 'virtio'],
          ['hda', 'ide'],
        ],
        '/images/vda.qcow2',
      ],
    ] as const)('stays the same: %s', (_, list, expected) => {
      const disks = list.map(([target, bus]) => ({ target, bus }));
      const result = rewrite({ disks, devices: scsiController(0, 'lsilogic') });
      const after = parseDefinition(result.definition ?? '');
      const boots = bootDisk(after);
      expect(readDisks(after).find(({ target }) => target === boots)?.source).toBe(expected);
    });

    it('is named on the device where it would no longer come first, every other boot device keeping its place', () => {
      const result = rewrite({
        os: "<boot dev='network'/>\n    <boot dev='hd'/>\n    <boot dev='cdrom'/>",
        disks: [
          { target: 'hda', bus: 'ide' },
          { target: 'hdc', bus: 'ide', device: 'cdrom' },
          { target: 'vda', bus: 'virtio' },
        ],
        devices: "\n    <interface type='user'>\n      <mac address='52:54:00:00:00:01'/>\n    </interface>",
      });
      const definition = result.definition ?? '';
      expect(definition).not.toContain('<boot dev=');
      const order = [
        ...definition.matchAll(/<(?:disk|interface)[^>]*>(?:(?!<\/(?:disk|interface)>)[\s\S])*?<boot order="(\d)"\/>/g),
      ];
      expect(order.map(([text, number]) => [/file="([^"]*)"|<mac/.exec(text)?.[1] ?? 'interface', number])).toEqual([
        ['/images/hda.qcow2', '2'],
        ['/images/hdc.qcow2', '3'],
        ['interface', '1'],
      ]);
      expect(codes(result)).toContain('boot-order-rewritten');
    });

    it('needs nothing written where devices have an order of their own', () => {
      const disks = [
        { target: 'hda', bus: 'ide', inner: "\n      <boot order='1'/>" },
        { target: 'vda', bus: 'virtio' },
      ];
      expect(codes(rewrite({ os: '', disks }))).not.toContain('boot-order-rewritten');
    });
  });

  describe('refuses', () => {
    const disks = [{ target: 'hda', bus: 'ide' }];

    it.each(['isapc', 'microvm', 'xenfv', 'sun4m'])('the machine %s', (machine) => {
      expect(codes(rewrite({ machine, disks }))).toContain('unsupported-machine');
    });

    it.each([
      'pc',
      'pc-i440fx-2.1',
      'q35',
      'pc-q35-rhel9.4.0',
      'rhel6.6.0',
      'pc-0.12',
      'virt-8.0',
      'pseries-7.2',
      's390-ccw-virtio-6.0',
    ])('not the machine %s', (machine) => {
      expect(rewrite({ machine, disks }).refusals).toEqual([]);
    });

    it.each(['xen', 'lxc', 'hvf', 'vmware'])('a guest of type %s', (type) => {
      expect(codes(rewrite({ type, disks }))).toContain('unsupported-machine');
    });

    it('a confidential guest', () => {
      expect(codes(rewrite({ disks, inner: "\n  <launchSecurity type='sev'/>" }))).toContain('unsupported-machine');
    });

    it.each([
      ['http://openstack.org/xmlns/libvirt/nova/1.1', 'OpenStack'],
      ['http://ovirt.org/vm/tune/1.0', 'oVirt'],
      ['http://kubevirt.io', 'KubeVirt'],
    ])('a guest whose metadata is of %s', (namespace, manager) => {
      const [refusal] = rewrite({ disks, inner: `\n  <metadata><m:x xmlns:m='${namespace}'/></metadata>` }).refusals;
      expect(refusal?.code).toBe('managed-elsewhere');
      expect(refusal?.message).toContain(manager);
    });

    it.each([
      'device.ide0-0-0.physical_block_size=4096',
      'drive-virtio-disk0',
      'libvirt-2-format',
      'ide-hd.rotation_rate=1',
    ])('raw QEMU arguments that say %s', (value) => {
      const inner = `\n  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n    <qemu:arg value='-set'/>\n    <qemu:arg value='${value}'/>\n  </qemu:commandline>`;
      expect(codes(rewrite({ disks, inner }))).toContain('qemu-commandline');
    });

    it.each(['ide0-0-01', 'virtio-disk01', 'ide1-0-0', '-device usb-tablet'])(
      'not raw QEMU arguments that only say %s',
      (value) => {
        const inner = `\n  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n    <qemu:arg value='${value}'/>\n  </qemu:commandline>`;
        expect(rewrite({ disks, inner }).refusals).toEqual([]);
      },
    );

    it('everything at once', () => {
      const result = rewrite(
        {
          machine: 'isapc',
          disks: [
            { target: 'hda', bus: 'ide' },
            { target: 'vda', bus: 'virtio' },
          ],
          inner: "\n  <metadata><m:x xmlns:m='http://kubevirt.io'/></metadata>",
        },
        { naming: 'keep' },
      );
      expect(result.refusals.map(({ code }) => code)).toEqual([
        'unsupported-machine',
        'managed-elsewhere',
        'name-collision',
      ]);
    });
  });

  describe('warns', () => {
    const withSerial = (target: string, serial: string) => ({
      target,
      bus: 'ide',
      inner: `\n      <serial>${serial}</serial>`,
    });

    it('of serials that virtio cuts off, and of two that then are the same', () => {
      const long = 'A'.repeat(20);
      expect(codes(rewrite({ disks: [withSerial('hda', long)] }))).toEqual([]);
      expect(codes(rewrite({ disks: [withSerial('hda', `${long}1`)] }))).toEqual(['serial-long hda']);
      expect(codes(rewrite({ disks: [withSerial('hda', `${long}1`), withSerial('hdb', `${long}2`)] }))).toEqual([
        'serial-long hda',
        'serial-long hdb',
      ]);
    });

    it.each([
      ['pc-i440fx-3.1', true],
      ['pc-q35-2.12', true],
      ['pc-0.14', true],
      ['pc-1.3', true],
      ['pc-i440fx-rhel7.6.0', true],
      ['rhel6.6.0', true],
      ['pc-i440fx-bionic', true],
      ['pc-i440fx-focal', false],
      ['pc-q35-rhel8.2.0', false],
      ['pc-q35-4.0', false],
      ['pc-i440fx-10.0', false],
    ])('of lost TRIM on %s: %s', (machine, lost) => {
      const disks = [{ target: 'hda', bus: 'ide', driverAttributes: " discard='unmap'" }];
      expect(codes(rewrite({ machine, disks }))).toEqual(lost ? ['trim-lost hda'] : []);
    });
  });
});
