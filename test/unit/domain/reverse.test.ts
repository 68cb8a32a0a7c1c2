import { describe, expect, it } from '@jest/globals';
import { readDisks } from '../../../src/domain/disk.ts';
import { reverseRewrite } from '../../../src/domain/reverse.ts';
import { rewriteDefinition } from '../../../src/domain/rewrite.ts';
import { findDifferences } from '../../../src/domain/verify.ts';
import { parseDefinition } from '../../../src/domain/xml.ts';
import { domainXml } from '../../definitions/domain-xml.ts';

const before = domainXml({
  disks: [
    { target: 'hda', bus: 'ide', inner: '\n      <wwn>5000c50015ea71aa</wwn>', driverAttributes: " queue_size='64'" },
    { target: 'hdb', bus: 'ide' },
  ],
});
const { definition: after = '', changes } = rewriteDefinition(before, { buses: new Set(['ide']), naming: 'free' });

describe('undoing a rewrite', () => {
  it('restores bus, name, address and dropped settings', () => {
    const { definition, problems } = reverseRewrite(after, before, changes);
    expect(problems).toEqual([]);
    expect(definition).toContain('<wwn>5000c50015ea71aa</wwn>');
    expect(definition).toContain('queue_size="64"');
    expect(disks(definition)).toEqual(['hda:ide:/images/hda.qcow2', 'hdb:ide:/images/hdb.qcow2']);
  });

  it('keeps what the admin changed since: memory, an image, another disk', () => {
    const changed = after
      .replaceAll('65536', '131072')
      .replace('/images/hda.qcow2', '/images/hda.snapshot1')
      .replace(
        '</devices>',
        '<disk type="file" device="disk"><source file="/images/new.qcow2"/><target dev="vdc" bus="virtio"/></disk></devices>',
      );
    const { definition, problems } = reverseRewrite(changed, before, changes);
    expect(problems).toEqual([]);
    expect(definition).toContain('131072');
    expect(disks(definition)).toEqual([
      'hda:ide:/images/hda.snapshot1',
      'hdb:ide:/images/hdb.qcow2',
      'vdc:virtio:/images/new.qcow2',
    ]);
  });

  it('leaves the address to libvirt where another disk has it by now', () => {
    const taken = after.replace(
      '</devices>',
      '<disk type="file" device="cdrom"><target dev="hdc" bus="ide"/><address type="drive" controller="0" bus="0" target="0" unit="0"/></disk></devices>',
    );
    const { definition, problems } = reverseRewrite(taken, before, changes);
    expect(problems).toEqual([]);
    expect(definition.match(/unit="0"/g)).toHaveLength(1);
  });

  it('says which disk is gone or which name is taken', () => {
    const gone = reverseRewrite(after.replace('dev="vda"', 'dev="vdx"'), before, changes);
    expect(gone.problems).toEqual(["there is no virtio disk 'vda' any more that could become 'hda' again"]);
    const taken = after.replace(
      '</devices>',
      '<disk type="file" device="cdrom"><target dev="hdb" bus="ide"/></disk></devices>',
    );
    expect(reverseRewrite(taken, before, changes).problems).toEqual(["the name 'hdb' now belongs to another disk"]);
  });

  it('comes out as it was before where nothing changed since', () => {
    expect(findDifferences(before, reverseRewrite(after, before, changes).definition)).toEqual([]);
  });
});

function disks(definition: string): string[] {
  return readDisks(parseDefinition(definition)).map(({ target, bus, source }) => `${target}:${bus}:${source}`);
}
