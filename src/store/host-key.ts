import { readFileSync } from 'node:fs';
import { systemErrorCode } from '../error.ts';

/**
 * The key under which a host's state is kept: its UUID as libvirt reports it, so that every connection that reaches one
 * host shares it. Where this machine has no firmware UUID that libvirt could read, libvirt makes a new one up each time
 * it starts; then the machine id, which stays, stands in.
 * @param isOwn whether the connection is to this machine.
 * @param ask for what `virsh capabilities` reports; undefined where the driver has none.
 */
export async function hostKey(isOwn: boolean, ask: () => Promise<string | undefined>): Promise<string> {
  const own = isOwn ? ownHostKey() : undefined;
  if (own?.isCertain) return own.key;
  return (await ask()) ?? machineId() ?? '00000000-0000-0000-0000-000000000000';
}

/** The key of this very machine, as far as it can be told before libvirt is asked. */
export interface OwnHostKey {
  readonly key: string;
  /** Whether libvirt has no say in it; else its configuration may name another UUID than the firmware's. */
  readonly isCertain: boolean;
}

/** Undefined where only libvirt can tell. */
export function ownHostKey(): OwnHostKey | undefined {
  const uuid = firmwareUuid();
  if (uuid === '') return undefined;
  const key = uuid ?? machineId();
  return key === undefined ? undefined : { key, isCertain: uuid === undefined };
}

const FIRMWARE_UUIDS = ['/sys/devices/virtual/dmi/id/product_uuid', '/sys/class/dmi/id/product_uuid'];

/** The UUID of the machine that this runs on, where its firmware tells: of the guest, where it is one. */
export function ownUuid(): string | undefined {
  const uuid = firmwareUuid();
  return uuid === '' ? undefined : uuid;
}

/** Empty where there is one that only root may read. */
function firmwareUuid(): string | undefined {
  for (const path of FIRMWARE_UUIDS) {
    try {
      return readFileSync(path, 'utf8').trim().toLowerCase();
    } catch (error) {
      if (systemErrorCode(error) === 'EACCES') return '';
    }
  }
  return undefined;
}

function machineId(): string | undefined {
  const match = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(readMachineId().trim());
  return match?.slice(1).join('-');
}

function readMachineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8');
  } catch {
    return '';
  }
}
