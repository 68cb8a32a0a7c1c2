import { orUnreadable, UnreadableError } from '../guest-files.ts';
import { readBindings } from './read-bindings.ts';
import { readEnumerated } from './read-enumerated.ts';
import { readHazards } from './read-hazards.ts';
import { type DriverFiles, readBus, readService } from './read-services.ts';
import type { GuestRegistry } from './registry.ts';
import type { ServiceFacts, WindowsFacts } from './windows-facts.ts';
import { readVersion } from './windows-version.ts';

export interface WindowsSource extends DriverFiles {
  readonly registry: GuestRegistry;
  /** The guest is off, and its memory may lie on its disk. */
  readonly isOff: boolean;
}

/** Gather from a Windows system what decides whether it boots from virtio. Never throws for what the guest has. */
export async function readWindows(source: WindowsSource): Promise<WindowsFacts> {
  const { registry: guestRegistry, isOff, ...driver } = source;
  const version = await orUnreadable(() => readVersion(guestRegistry));
  // Whoever can't read that much need not wait for more.
  const registry = version instanceof UnreadableError ? unreadableRegistry(version) : guestRegistry;
  const bindings =
    version instanceof UnreadableError ? version : await orUnreadable(() => readBindings(registry, version));
  const services: ServiceFacts[] = [];
  for (const name of bindings instanceof UnreadableError ? [] : distinct(bindings.map(({ service }) => service))) {
    services.push(await readService(registry, name, driver));
  }
  return {
    version,
    bindings,
    services,
    bus: await orUnreadable(() => readBus(registry)),
    enumerated: await orUnreadable(() => readEnumerated(registry)),
    hazards: await readHazards(registry, isOff ? driver.files : undefined),
  };
}

function unreadableRegistry(reason: UnreadableError): GuestRegistry {
  const read = (): Promise<never> => Promise.reject(reason);
  return { read, readKey: read, find: read };
}

/** By name in any case; undefined ones left out. */
function distinct(names: readonly (string | undefined)[]): string[] {
  const byName = new Map(names.flatMap((name) => (name === undefined ? [] : [[name.toLowerCase(), name]])));
  return [...byName.values()];
}
