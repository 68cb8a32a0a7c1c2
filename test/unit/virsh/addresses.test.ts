import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { readAddresses } from '../../../src/virsh/addresses.ts';
import type { Answer } from '../../../src/virsh/answer.ts';
import { openSession, type Session } from '../../../src/virsh/session.ts';

const GUEST = { name: 'test', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f' };

const sessions: Session[] = [];

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

describe('the addresses of a guest', () => {
  it('are read from a real libvirt, each once', async () => {
    const session = await openSession({ uri: 'test:///default' });
    sessions.push(session);
    expect(await readAddresses(session, GUEST)).toEqual(['192.168.122.3']);
  });

  it('that the host knows come before those that the guest names', async () => {
    const session = fakeLibvirt({
      lease: table(['vnet0', '52:54:00:aa:bb:cc', 'ipv4', '192.168.122.7/24']),
      arp: table(['vnet0', '52:54:00:aa:bb:cc', 'ipv4', '192.168.122.8/0'], ['-', '-', 'ipv6', 'fd00::8/0']),
      agent: agentAnswer('10.1.2.3', '192.168.122.7', 'fd00::7'),
    });
    expect(await readAddresses(session, GUEST)).toEqual([
      '192.168.122.7',
      '192.168.122.8',
      'fd00::8',
      '10.1.2.3',
      'fd00::7',
    ]);
  });

  it('are none where no source can be asked', async () => {
    expect(await readAddresses(fakeLibvirt({}), GUEST)).toEqual([]);
  });

  it('include none that leads elsewhere than to the guest', async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
    const elsewhere = [
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '0.0.0.0',
      '::',
      '169.254.1.1',
      'fe80::5054:ff:fe00:1',
      '::7f00:1',
    ];
    const more = [
      '224.0.0.1',
      '255.255.255.255',
      'ff02::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      'fd00::1%eth0',
      ...own,
    ];
    const session = fakeLibvirt({
      lease: table(['lo', '00:00:00:00:00:00', 'ipv4', '127.0.0.1/8'], ['-', '-', 'N/A', 'N/A']),
      agent: agentAnswer(...elsewhere, ...more, '10.1.2.3'),
    });
    expect(own).toContain('127.0.0.1');
    expect(await readAddresses(session, GUEST)).toEqual(['10.1.2.3']);
  });

  it.each([
    ['names', agentAnswer('localhost', 'example.org', '', '10.1.2.3/24', '10.1.2', '0x7f000001', '10.1.2.3\n')],
    ['no text', { return: [{ 'ip-addresses': [{ 'ip-address': 1 }] }] }],
    ['no list', { return: {} }],
    ['interfaces without addresses', { return: [{ name: 'eth0' }] }],
    ['nothing', {}],
  ])('are none where the agent answers with %s', async (_, agent) => {
    expect(await readAddresses(fakeLibvirt({ agent }), GUEST)).toEqual([]);
  });
});

/** As virsh prints it. */
function table(...rows: string[][]): string {
  const [name, mac] = [10, 20];
  const lines = rows.map(
    ([a = '', b = '', c = '', d = '']) => ` ${a.padEnd(name)} ${b.padEnd(mac)} ${c.padEnd(12)} ${d}`,
  );
  return [' Name       MAC address          Protocol     Address', '-'.repeat(79), ...lines, ''].join('\n');
}

function agentAnswer(...addresses: string[]) {
  return { return: [{ name: 'eth0', 'ip-addresses': addresses.map((address) => ({ 'ip-address': address })) }] };
}

/** A libvirt with leases, neighbours and agents, which no driver without a network and a system has. */
function fakeLibvirt({ lease, arp, agent }: { lease?: string; arp?: string; agent?: unknown }): Session {
  const answer = (text: string | undefined): Answer => ({
    stdout: text ?? '',
    errors: text === undefined ? ['no'] : [],
  });
  return {
    uri: 'test:///fake',
    async run([command, , ...words]) {
      if (command === 'qemu-agent-command') return answer(agent === undefined ? undefined : JSON.stringify(agent));
      return answer(words[1] === 'lease' ? lease : arp);
    },
    outlivesReader: true,
    isOver: () => false,
    close: async () => {},
  };
}
