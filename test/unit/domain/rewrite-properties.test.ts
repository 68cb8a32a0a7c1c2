import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bootDisk } from '../../../src/domain/boot-order.ts';
import { canonicalForm } from '../../../src/domain/canonical.ts';
import { readDisks } from '../../../src/domain/disk.ts';
import { diskIndex } from '../../../src/domain/disk-name.ts';
import { EMULATED_BUSES } from '../../../src/domain/emulated-bus.ts';
import { reverseRewrite } from '../../../src/domain/reverse.ts';
import { rewriteDefinition } from '../../../src/domain/rewrite.ts';
import { findDifferences } from '../../../src/domain/verify.ts';
import { parseDefinition, removeElement, selectElements } from '../../../src/domain/xml.ts';
import { type DiskSpec, domainXml, scsiController } from '../../definitions/domain-xml.ts';

const PREFIX = { ide: 'hd', sata: 'sd', scsi: 'sd', usb: 'sd', virtio: 'vd', fdc: 'fd' } as const;

const INNER = [
  '',
  '\n      <serial>ABC</serial>',
  '\n      <wwn>5000c50015ea71aa</wwn>',
  '\n      <vendor>V</vendor>\n      <product>P</product>',
  "\n      <geometry cyls='10' heads='16' secs='63' trans='lba'/>",
  '\n      <iotune>\n        <total_iops_sec>100</total_iops_sec>\n      </iotune>',
  '\n      <readonly/>',
];

const disk: fc.Arbitrary<DiskSpec> = fc
  .record({
    bus: fc.constantFrom('ide', 'sata', 'scsi', 'usb', 'virtio', 'fdc'),
    letter: fc.integer({ min: 0, max: 25 }),
    kind: fc.constantFrom('disk', 'disk', 'disk', 'cdrom', 'lun'),
    controller: fc.integer({ min: 0, max: 1 }),
    inner: fc.constantFrom(...INNER),
    queueSize: fc.boolean(),
  })
  .map(({ bus, letter, kind, controller, inner, queueSize }) => ({
    bus,
    target: `${PREFIX[bus]}${String.fromCharCode(97 + letter)}`,
    device:
      bus === 'fdc'
        ? 'floppy'
        : kind === 'cdrom' && (bus === 'ide' || bus === 'sata')
          ? 'cdrom'
          : kind === 'lun' && bus === 'scsi'
            ? 'lun'
            : 'disk',
    controller,
    inner,
    driverAttributes: queueSize ? " queue_size='64'" : '',
  }));

const domain = fc
  .record({
    disks: fc.uniqueArray(disk, { minLength: 1, maxLength: 8, selector: ({ target }) => target }),
    boot: fc.constantFrom(
      "<boot dev='hd'/>",
      "<boot dev='cdrom'/><boot dev='hd'/>",
      "<boot dev='network'/><boot dev='hd'/>",
      "<boot dev='fd'/>",
    ),
  })
  .map(({ disks, boot }) =>
    domainXml({
      disks,
      os: boot,
      devices: `${scsiController(0, 'virtio-scsi')}${scsiController(1, 'lsilogic')}\n    <interface type='user'/>`,
    }),
  );

const options = fc.record({
  buses: fc.subarray([...EMULATED_BUSES]).map((buses) => new Set(buses)),
  naming: fc.constantFrom('free', 'keep'),
} as const);

describe('for any definition', () => {
  it('rewriting twice changes nothing more', () => {
    fc.assert(
      fc.property(domain, options, (text, chosen) => {
        const once = rewriteDefinition(text, chosen).definition;
        if (once !== undefined)
          expect(rewriteDefinition(once, chosen)).toMatchObject({ definition: once, changes: [] });
      }),
    );
  });

  it('nothing but the converted disks and the boot order changes', () => {
    fc.assert(
      fc.property(domain, options, (text, chosen) => {
        const { definition, changes } = rewriteDefinition(text, chosen);
        if (definition === undefined) return;
        const before = withoutDisks(
          text,
          changes.map(({ from }) => from.target),
        );
        const after = withoutDisks(
          definition,
          changes.map(({ to }) => to.target),
        );
        expect(after).toBe(before);
      }),
    );
  });

  it('no two disks share a name, and no two virtio disks a number', () => {
    fc.assert(
      fc.property(domain, options, (text, chosen) => {
        const { definition } = rewriteDefinition(text, chosen);
        const disks = readDisks(parseDefinition(definition ?? '<domain/>'));
        expect(new Set(disks.map(({ target }) => target)).size).toBe(disks.length);
        const virtio = disks.filter(({ bus }) => bus === 'virtio').map(({ target }) => diskIndex(target));
        expect(new Set(virtio).size).toBe(virtio.length);
      }),
    );
  });

  it('the disk that boots stays the disk that boots', () => {
    fc.assert(
      fc.property(domain, options, (text, chosen) => {
        const { definition, changes } = rewriteDefinition(text, chosen);
        if (definition === undefined) return;
        const before = bootDisk(parseDefinition(text));
        const moved = changes.find(({ from }) => from.target === before)?.to.target ?? before;
        expect(bootDisk(parseDefinition(definition))).toBe(moved);
      }),
    );
  });

  it('no emulated disk of the chosen buses is left, and no other is touched', () => {
    fc.assert(
      fc.property(domain, options, (text, chosen) => {
        const { definition, changes } = rewriteDefinition(text, chosen);
        if (definition === undefined) return;
        const left = readDisks(parseDefinition(definition)).filter(
          ({ emulated }) => emulated !== undefined && chosen.buses.has(emulated),
        );
        expect(left).toEqual([]);
        expect(changes.every(({ from }) => chosen.buses.has(from.bus as never))).toBe(true);
      }),
    );
  });

  it('undoing the rewrite brings every disk back', () => {
    fc.assert(
      fc.property(domain, options, (text, chosen) => {
        const { definition, changes, warnings } = rewriteDefinition(text, chosen);
        if (definition === undefined || warnings.some(({ code }) => code === 'boot-order-rewritten')) return;
        const undone = reverseRewrite(definition, text, changes);
        expect(undone.problems).toEqual([]);
        expect(disksOf(undone.definition)).toEqual(disksOf(text));
      }),
    );
  });

  it('a rewrite is as it was asked for when nothing else differs', () => {
    fc.assert(
      fc.property(domain, options, (text, chosen) => {
        const { definition, changes } = rewriteDefinition(text, chosen);
        if (definition === undefined) return;
        expect(findDifferences(definition, definition)).toEqual([]);
        if (changes.length > 0) expect(findDifferences(definition, text)).not.toEqual([]);
      }),
    );
  });
});

/** The whole definition apart from some disks and from what says which device boots. */
function withoutDisks(text: string, targets: readonly string[]): string {
  const document = parseDefinition(text);
  for (const { target, element } of readDisks(document)) if (targets.includes(target)) removeElement(element);
  for (const boot of selectElements(document, '//boot')) removeElement(boot);
  return canonicalForm(selectElements(document, '/domain')[0] as never);
}

/** Each disk's content by its name, the order of its children aside. */
function disksOf(text: string): Map<string, string[]> {
  return new Map(
    readDisks(parseDefinition(text)).map(({ target, element }) => [
      target,
      selectElements(element, '*')
        .map((child) => canonicalForm(child))
        .sort(),
    ]),
  );
}
