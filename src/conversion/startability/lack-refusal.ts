import type { Refusal } from '../../domain/finding.ts';
import type { NetworkNeed, PathNeed, StartNeed, VolumeNeed } from '../../domain/start-needs.ts';
import type { Lack } from './host-supply.ts';
import { couldNotStart, type Side, startRefusal } from './start-refusal.ts';

interface Lacking<Need = StartNeed> {
  /** The guest's name. */
  readonly name: string;
  readonly need: Need;
  readonly lack: Lack;
  readonly side: Side;
}

/** In words, what a host lacks that a guest needs to be started again, and what to do about it. */
export function lackRefusal({ name, need, lack, side }: Lacking): Refusal {
  const { problem, hint } =
    need.kind === 'volume'
      ? describeVolume({ name, need, lack, side })
      : 'path' in need
        ? describePath(name, need)
        : describeNetwork(name, need);
  const disk = 'disk' in need ? need.disk : undefined;
  return startRefusal(`${problem}; ${couldNotStart(side)}.`, hint, disk);
}

interface Description {
  readonly problem: string;
  readonly hint: string;
}

const NOUNS: Readonly<Record<PathNeed['kind'], string>> = { file: 'file', device: 'device', folder: 'folder' };

function describePath(name: string, { kind, path, purpose, role, disk = '' }: PathNeed): Description {
  const noun = NOUNS[kind];
  const problem = `The ${noun} '${path}' (${purpose}) does not exist`;
  switch (role) {
    case 'medium':
      return {
        problem,
        hint: `Bring it back, or take it out: virsh change-media ${name} ${disk} --eject --config --live.`,
      };
    case 'disk':
    case 'backing':
      return { problem, hint: saveHint(name, disk) };
    default:
      return { problem, hint: `Bring the ${noun} back, or take it out of the definition: virsh edit ${name}.` };
  }
}

/** QEMU keeps an image open that was deleted or moved: as long as it runs, its data can be copied. */
function saveHint(name: string, disk: string): string {
  return `Bring it back. The running guest may be the last to have its data: as long as it is not powered off, virsh blockcopy ${name} ${disk} FILE --wait --pivot --transient-job copies them to a new image.`;
}

function describeVolume({ name, need, lack }: Lacking<VolumeNeed>): Description {
  const { pool, volume, purpose, role, disk } = need;
  if (lack === 'pool-inactive') {
    return {
      problem: `The storage pool '${pool}' (it has ${purpose}) is not active`,
      hint: `Start it: virsh pool-start ${pool}.`,
    };
  }
  const look = `See virsh pool-refresh ${pool} and virsh vol-list ${pool}.`;
  const remedy =
    role === 'medium'
      ? `Else take it out: virsh change-media ${name} ${disk} --eject --config --live.`
      : saveHint(name, disk);
  return {
    problem: `The volume '${volume}' of the pool '${pool}' (${purpose}) does not exist`,
    hint: `${look} ${remedy}`,
  };
}

function describeNetwork(name: string, { kind, name: network, mac }: NetworkNeed): Description {
  if (kind === 'network') {
    return {
      problem: `The network '${network}' (of the interface ${mac}) is not active`,
      hint: `Start it: virsh net-start ${network}.`,
    };
  }
  return {
    problem: `The host has no network device '${network}' (of the interface ${mac})`,
    hint: `Bring it up on the host, or put the interface elsewhere: virsh edit ${name}.`,
  };
}
