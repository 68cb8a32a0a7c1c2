import type { Step } from '../store/journal.ts';
import type { HostPlaces } from '../store/state-dir.ts';
import type { GuestEvents } from '../virsh/events.ts';
import type { Session } from '../virsh/session.ts';
import type { Survey } from '../virsh/survey.ts';

/** What happens to a guest, as it happens: for progress and the event stream. */
export interface StepEvent {
  readonly guest: string;
  readonly step: Step | 'read' | 'prove' | 'recover';
}

/** What every piece of work on one host needs. */
export interface HostContext {
  readonly session: Session;
  readonly survey: Survey;
  readonly uri: string;
  /** The key of the host's state: its UUID. */
  readonly host: string;
  readonly places: HostPlaces;
  readonly report: (event: StepEvent) => void;
  /** virtioize's own. */
  readonly version: string;
  /** Set once the run was asked to stop: nothing new is begun. */
  readonly interrupted: AbortSignal;
}

/** A run that may change something: it holds the host's lock. */
export interface ChangeContext extends HostContext {
  /** Who runs it, for the record. */
  readonly by: string;
  readonly versions: { readonly virtioize: string; readonly libvirt: string };
  readonly events: GuestEvents;
}

export function isChangeContext(context: HostContext): context is ChangeContext {
  return 'events' in context;
}
