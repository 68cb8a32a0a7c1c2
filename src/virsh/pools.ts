import type { Answer } from './answer.ts';
import { listNames } from './names.ts';
import type { Session } from './session.ts';

/** The storage pools that are active, or undefined where the connection can't tell. */
export function listActivePools(session: Session): Promise<ReadonlySet<string> | undefined> {
  return listNames(session, ['pool-list', '--name']);
}

/** Where a volume is; `unknown` where libvirt does not tell. */
export type VolumePlace = { readonly kind: 'found'; readonly path: string } | { readonly kind: 'absent' | 'unknown' };

/** Look up a volume of an active pool, as libvirt does when it starts a guest: it knows what it saw at the last refresh. */
export async function findVolume(session: Session, pool: string, volume: string): Promise<VolumePlace> {
  const answer = await runNamed(session, ['vol-path', '--pool', pool, '--vol', volume]);
  const path = /^.+$/m.exec(answer?.stdout ?? '')?.[0] ?? '';
  if (path !== '') return { kind: 'found', path };
  return { kind: answer?.errors.some((error) => error.includes('volume not found')) ? 'absent' : 'unknown' };
}

/** Names with control characters can't be told to virsh. */
async function runNamed(session: Session, command: readonly string[]): Promise<Answer | undefined> {
  try {
    return await session.run(command);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
