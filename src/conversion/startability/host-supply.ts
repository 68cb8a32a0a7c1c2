import { stat } from 'node:fs/promises';
import type { StartNeed, VolumeNeed } from '../../domain/start-needs.ts';
import { readDefinition, selectText } from '../../domain/xml.ts';
import { systemErrorCode } from '../../error.ts';
import { isLocal } from '../../virsh/connection-uri.ts';
import { listActiveNetworks } from '../../virsh/networks.ts';
import { findVolume, listActivePools } from '../../virsh/pools.ts';
import type { Session } from '../../virsh/session.ts';

/** How a host fails to have what a guest needs: it is not there, or the pool that it lies in is not active. */
export type Lack = 'absent' | 'pool-inactive';

/** What a host has. Whatever can't be judged from here counts as there. */
export interface HostSupply {
  findLack(need: StartNeed): Promise<Lack | undefined>;
}

/** @param instance a definition of the guest: its emulator tells whether the host's files can be seen from here. */
export async function openHostSupply(session: Session, instance: string): Promise<HostSupply> {
  const emulator = selectText(readDefinition(instance), '/domain/devices/emulator') ?? '';
  // Inside a container that was given libvirt's socket, the connection is local and the host's files are elsewhere.
  const seesFiles = isLocal(session.uri) && emulator !== '' && !(await isGone(emulator));
  const networks = once(() => listActiveNetworks(session));
  const pools = once(() => listActivePools(session));
  const lackOf = (isLacking: boolean): Lack | undefined => (isLacking ? 'absent' : undefined);

  async function findVolumeLack({ pool, volume }: VolumeNeed): Promise<Lack | undefined> {
    const active = await pools();
    if (active === undefined) return undefined;
    if (!active.has(pool)) return 'pool-inactive';
    const place = await findVolume(session, pool, volume);
    if (place.kind !== 'found') return lackOf(place.kind === 'absent');
    // The pool knows what it saw at its last refresh; volumes of a cluster have no path on the host.
    return lackOf(seesFiles && place.path.startsWith('/') && (await isGone(place.path)));
  }

  return {
    async findLack(need) {
      switch (need.kind) {
        case 'volume':
          return findVolumeLack(need);
        case 'network': {
          const active = await networks();
          return lackOf(active !== undefined && !active.has(need.name));
        }
        case 'network-device':
          return lackOf(seesFiles && isOnlyName(need.name) && (await isGone(`/sys/class/net/${need.name}`)));
        default:
          return lackOf(seesFiles && (await isGone(need.path)));
      }
    },
  };
}

/** What may not be looked at is not gone. */
async function isGone(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    return systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR';
  }
}

/** Whether a device is known by this name alone: udev gives cards further ones (enp3s0, ...), which /sys does not list. */
function isOnlyName(name: string): boolean {
  return /^[^/\s]{1,15}$/.test(name) && name !== '.' && name !== '..' && !/^(?:en|wl|ww|ib|sl)/.test(name);
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
