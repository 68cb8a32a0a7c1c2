import { type HostOptions, type OpenHost, openHost, openLockedHost } from '../conversion/open-host.ts';
import { type HostContext, isChangeContext } from '../conversion/run-context.ts';
import type { CommandContext } from './command.ts';

/** A host that is being reached. */
export interface HostAhead extends Pick<CommandContext, 'reachHost' | 'reachLockedHost'> {
  /** Close it; never throws. */
  readonly leave: () => Promise<void>;
}

/**
 * Begin to reach a host: what has to be loaded is loaded while virsh connects.
 * @param command the command line, where it may change something: the host is locked then.
 * @returns once virsh is started. What is wrong with the host is told to whoever asks for it.
 */
export async function beginToReach(
  reading: Omit<HostOptions, 'onStart' | 'abandoned'>,
  command: string | undefined,
): Promise<HostAhead> {
  let onStart = (): void => {};
  const started = new Promise<void>((resolve) => {
    onStart = resolve;
  });
  const abandonment = new AbortController();
  const options = { ...reading, onStart, abandoned: abandonment.signal };
  const opening: Promise<OpenHost<HostContext>> =
    command === undefined ? openHost(options) : openLockedHost({ ...options, command });
  await Promise.race([started, opening.catch(() => {})]);

  let isAwaited = false;
  const reachHost = async (): Promise<HostContext> => {
    isAwaited = true;
    return (await opening).context;
  };
  return {
    reachHost,
    async reachLockedHost() {
      const context = await reachHost();
      if (!isChangeContext(context)) throw new Error('A command that changes something was chosen as one that reads.');
      return context;
    },
    async leave() {
      // what is wrong with the command itself is told without waiting for a host that may not answer
      if (!isAwaited) abandonment.abort();
      await opening.then(
        ({ close }) => close(),
        () => {},
      );
    },
  };
}
