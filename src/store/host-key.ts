import { readFile } from 'node:fs/promises';
import { systemErrorCode } from '../error.ts';

/**
 * The key under which a host's state is kept: its UUID as libvirt reports it, so that every connection that reaches one
 * host shares it. Where this machine has no firmware UUID that libvirt could read, libvirt makes a new one up each time
 * it starts; then the machine id, which stays, stands in.
 * @param reported from `virsh capabilities`; undefined where the driver has none.
 * @param local whether the connection is to this machine.
 */
export async function hostKey(reported: string | undefined, local: boolean): Promise<string> {
  if (!local && reported !== undefined) return reported;
  if (reported !== undefined && (await hasFirmwareUuid())) return reported;
  return (await machineId()) ?? reported ?? '00000000-0000-0000-0000-000000000000';
}

const FIRMWARE_UUIDS = ['/sys/devices/virtual/dmi/id/product_uuid', '/sys/class/dmi/id/product_uuid'];

/** libvirt reads it as root; whoever can't read it here is no judge of its value, so that it is there must do. */
async function hasFirmwareUuid(): Promise<boolean> {
  return (await firmwareUuid()) !== undefined;
}

/** The UUID of the machine that this runs on, where its firmware tells: of the guest, where it is one. */
export async function ownUuid(): Promise<string | undefined> {
  const uuid = await firmwareUuid();
  return uuid === '' ? undefined : uuid;
}

/** Empty where there is one that only root may read. */
async function firmwareUuid(): Promise<string | undefined> {
  for (const path of FIRMWARE_UUIDS) {
    try {
      return (await readFile(path, 'utf8')).trim().toLowerCase();
    } catch (error) {
      if (systemErrorCode(error) === 'EACCES') return '';
    }
  }
  return undefined;
}

async function machineId(): Promise<string | undefined> {
  const id = await readFile('/etc/machine-id', 'utf8').catch(() => '');
  const match = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(id.trim());
  return match?.slice(1).join('-');
}
