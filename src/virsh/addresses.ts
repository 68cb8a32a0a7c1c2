import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import * as z from 'zod';
import { askAgent } from './agent.ts';
import type { GuestId } from './guests.ts';
import type { Session } from './session.ts';

const AGENT_SECONDS = 5;

const interfacesSchema = z.array(
  z.object({ 'ip-addresses': z.array(z.object({ 'ip-address': z.string() })).optional() }),
);

/**
 * The IP addresses by which a running guest may be reached: those that the host knows (its DHCP leases, then its
 * neighbours) before those that the guest's agent names. A source that libvirt does not have here gives none.
 *
 * Left out is what leads elsewhere than to the guest: loopback, link-local, unspecified and multicast addresses, and
 * this machine's own, which a guest with a bridge of the same name (docker0) often has as well.
 */
export async function readAddresses(session: Session, guest: GuestId): Promise<string[]> {
  const sources = await Promise.all([
    readKnown(session, guest, 'lease'),
    readKnown(session, guest, 'arp'),
    askInterfaces(session, guest),
  ]);
  const elsewhere = addressesElsewhere();
  return [...new Set(sources.flat())].filter((address) => isReachable(address, elsewhere));
}

/** The last column of the lines `<interface> <MAC> ipv4 192.168.122.3/24`. */
async function readKnown(session: Session, { uuid }: GuestId, source: 'lease' | 'arp'): Promise<string[]> {
  const { stdout } = await session.run(['domifaddr', uuid, '--source', source]);
  return [...stdout.matchAll(/[ \t]ipv[46][ \t]+([\da-fA-F.:]+)\/\d+[ \t]*$/gm)].map(([, address = '']) => address);
}

/** Not `domifaddr --source agent`: it waits for ever for an agent that hangs, and the session with it. */
async function askInterfaces(session: Session, guest: GuestId): Promise<string[]> {
  const answer = await askAgent(session, guest, { execute: 'guest-network-get-interfaces' }, AGENT_SECONDS);
  const interfaces = interfacesSchema.safeParse(answer.kind === 'answer' ? answer.value : undefined);
  if (!interfaces.success) return [];
  return interfaces.data.flatMap((one) => one['ip-addresses'] ?? []).map((one) => one['ip-address']);
}

function isReachable(address: string, elsewhere: BlockList): boolean {
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return false; // an interface of the guest's own means nothing here
  return !elsewhere.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function addressesElsewhere(): BlockList {
  const list = new BlockList();
  list.addSubnet('0.0.0.0', 8, 'ipv4');
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  list.addSubnet('224.0.0.0', 3, 'ipv4'); // multicast, reserved, broadcast
  list.addSubnet('::', 96, 'ipv6'); // unspecified, loopback
  list.addSubnet('fe80::', 10, 'ipv6');
  list.addSubnet('ff00::', 8, 'ipv6');
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((own) => own ?? [])) {
    list.addAddress(address, family === 'IPv4' ? 'ipv4' : 'ipv6');
  }
  return list;
}
