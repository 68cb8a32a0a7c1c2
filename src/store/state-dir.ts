import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where backups, journal and lock lie unless `--state-dir` says otherwise. */
export function defaultStateDir(env: NodeJS.ProcessEnv, isRoot: boolean): string {
  if (isRoot) return '/var/lib/virtioize';
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'virtioize');
}

/** Where QEMU can go: libvirt's own folder for images; for another user's QEMU, which is that user, any. */
export function defaultScratchDir(isRoot: boolean): string {
  return isRoot && existsSync(IMAGES) ? IMAGES : '/var/tmp';
}

const IMAGES = '/var/lib/libvirt/images';

/** The places of one host's state. */
export interface HostPlaces {
  readonly folder: string;
  readonly lock: string;
  readonly journal: string;
  /** Backups of all guests, a folder each. */
  readonly backups: string;
  /** The last evidence of each guest, a file each. */
  readonly evidence: string;
  /** How guests stood when a quiet run last told of them. */
  readonly told: string;
  /** What a run has put on the host for a while, a file each. */
  readonly temporary: string;
  /** What the last rehearsal of each guest showed, a folder each. */
  readonly rehearsals: string;
}

export function hostPlaces(stateDir: string, host: string): HostPlaces {
  const folder = join(stateDir, host);
  return {
    folder,
    lock: join(folder, 'lock'),
    journal: join(folder, 'journal.ndjson'),
    backups: join(folder, 'backups'),
    evidence: join(folder, 'evidence'),
    told: join(folder, 'told.json'),
    temporary: join(folder, 'temporary'),
    rehearsals: join(folder, 'rehearsals'),
  };
}
