import type { ChangeRecord } from '../../../src/store/record.ts';

type Change = ChangeRecord['changes'][number];

/** A disk's way from one name and bus to another, e.g. `move('hda ide', 'vda virtio')`. */
export function move(from: string, to: string): Change {
  const [fromTarget = '', fromBus = ''] = from.split(' ');
  const [toTarget = '', toBus = ''] = to.split(' ');
  const [source, dropped] = ['/images/a.qcow2', []];
  return { source, from: { target: fromTarget, bus: fromBus }, to: { target: toTarget, bus: toBus }, dropped };
}

const HDA_KEPT = move('hda ide', 'hda virtio');

/** A conversion that was done while its guest ran, so that its disk kept its name. */
export function record(id: string, more: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    formatVersion: 1,
    id,
    action: 'convert',
    guest: { name: 'g', uuid: 'u' },
    host: 'h',
    connection: 'test:///default',
    startedAt: '',
    state: 'done',
    by: 'root',
    versions: { virtioize: '0', libvirt: '0' },
    active: true,
    changes: [HDA_KEPT],
    evidence: [],
    accepted: [],
    ...more,
  };
}
