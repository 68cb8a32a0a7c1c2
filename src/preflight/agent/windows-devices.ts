import * as z from 'zod';
import { VIRTIO_DISK_IDS, type VirtioDiskId } from '../../domain/virtio-id.ts';
import type { AgentPort } from './agent-port.ts';

const RED_HAT = 0x1af4;

const device = z.object({ id: z.object({ 'vendor-id': z.number(), 'device-id': z.number() }) });
/** Devices of other shapes are none of ours. */
const devices = z.array(z.unknown());

/**
 * The virtio disks that a running Windows has a driver for now, by id (guest-get-devices, since QEMU 5.2). None where the
 * agent does not know or allow the question.
 */
export async function virtioDisksInUse(agent: AgentPort): Promise<ReadonlySet<VirtioDiskId>> {
  const answer = await agent('guest-get-devices');
  const parsed = answer.kind === 'answer' ? devices.safeParse(answer.value) : undefined;
  if (parsed?.success !== true) return new Set();
  const numbers = new Set(
    parsed.data.flatMap((one) => {
      const { success, data } = device.safeParse(one);
      return success && data.id['vendor-id'] === RED_HAT ? [data.id['device-id']] : [];
    }),
  );
  return new Set(VIRTIO_DISK_IDS.filter((id) => numbers.has(Number.parseInt(id, 16))));
}
