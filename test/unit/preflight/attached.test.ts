import { describe, expect, it } from '@jest/globals';
import { attachedEvidence } from '../../../src/preflight/attached.ts';

describe('a disk that is attached', () => {
  it('is a hint where it is on virtio, and no more', () => {
    expect(attachedEvidence(definition('vda', 'virtio'), new Set())).toMatchObject({
      evidence: { source: 'attached', verdict: 'likely', facts: { disk: 'vda', source: '/images/a.qcow2' } },
      refusals: [],
      warnings: [],
    });
  });

  it.each([
    ['on an emulated bus', definition('sda', 'sata')],
    ['on virtio-scsi, which is another driver', definition('sda', 'scsi')],
    ['no hard disk', definition('vda', 'virtio', 'cdrom')],
  ])('says nothing where it is %s', (_, text) => {
    expect(attachedEvidence(text, new Set())).toBeUndefined();
  });

  it('says nothing where virtioize put it there', () => {
    expect(attachedEvidence(definition('vda', 'virtio'), new Set(['vda']))).toBeUndefined();
  });
});

function definition(target: string, bus: string, device = 'disk'): string {
  return `<domain type='kvm'><name>a</name><devices>
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <disk type='file' device='${device}'><source file='/images/a.qcow2'/><target dev='${target}' bus='${bus}'/></disk>
  </devices></domain>`;
}
