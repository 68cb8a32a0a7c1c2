import { listNames } from './names.ts';
import type { Session } from './session.ts';

/** The libvirt networks that are active, or undefined where the connection can't tell. */
export function listActiveNetworks(session: Session): Promise<ReadonlySet<string> | undefined> {
  return listNames(session, ['net-list', '--name']);
}
