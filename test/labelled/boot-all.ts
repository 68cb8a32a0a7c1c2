import pLimit from 'p-limit';
import { bootOn } from './boot-on.ts';
import type { GuestImages, LabelledGuest } from './labelled-guest.ts';

const BOOTS_AT_A_TIME = 2;

/** How the boots of a guest went: whether it came up with all its volumes. */
export interface BootedGuest {
  readonly onVirtio: boolean;
  /** As it is defined. Only tried where it does not come up on virtio: it would be no wonder else. */
  readonly onItsOwnBus: boolean | undefined;
}

/** Boot all guests whose label says that it is known by that, on throw-away overlays. */
export async function bootAll<Stock>(
  guests: readonly LabelledGuest<Stock>[],
  images: ReadonlyMap<string, GuestImages>,
): Promise<ReadonlyMap<string, BootedGuest>> {
  const limit = pLimit(BOOTS_AT_A_TIME);
  const boots = guests
    .filter(({ label }) => label.known === 'booted')
    .map((guest) =>
      limit(async () => {
        const made = images.get(guest.name);
        if (made === undefined) throw new Error(`${guest.name} was not built`);
        const onVirtio = await comesUp('virtio', guest, made);
        return [
          guest.name,
          { onVirtio, onItsOwnBus: onVirtio ? undefined : await comesUp('its own bus', guest, made) },
        ] as const;
      }),
    );
  await Promise.allSettled(boots); // where one fails, no other one is left behind
  return new Map(await Promise.all(boots));
}

async function comesUp<Stock>(
  bus: 'virtio' | 'its own bus',
  guest: LabelledGuest<Stock>,
  images: GuestImages,
): Promise<boolean> {
  const { mountPoints = ['/'] } = guest;
  const outcome = await bootOn(bus, guest, images);
  return outcome.booted && mountPoints.every((folder) => outcome.mountPoints.includes(folder));
}
