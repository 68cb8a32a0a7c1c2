import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import type { RegistryValue } from '../../../../src/preflight/windows/registry.ts';
import {
  CONTROL_SET,
  type WindowsSystem,
  windows10,
  windowsBefore8,
  windowsSince8,
} from '../../../windows/windows-systems.ts';
import { type ExamineOptions, examine } from './examine.ts';

const POWER = `${CONTROL_SET}\\Control\\Session Manager\\Power`;
const HIBERNATION = `${CONTROL_SET}\\Control\\Power`;
const PARTMGR = `${CONTROL_SET}\\Services\\partmgr\\Parameters`;
const BITLOCKER = `${CONTROL_SET}\\Control\\BitLockerStatus`;
const SERVER = windowsSince8({ major: 10, minor: 0, build: 17_763, product: 'Windows Server 2019', type: 'Server' });

describe('a hibernated system', () => {
  it.each([
    ['HIBR', ['hibernated']],
    ['hibr', ['hibernated']],
    ['RSTR', []],
    ['WAKE', []],
    ['\0\0\0\0', []],
    ['', []],
  ])('is known by the head %j of its memory: %j', async (head, codes) => {
    const { keys, files } = windows10();
    const { verdict, refusals } = await examine({ keys, files: { ...files, '/hiberfil.sys': `${head}more` } });
    expect([verdict, refusals.map(({ code }) => code)]).toEqual(['proven', codes]);
    for (const { hint } of refusals) expect(hint).toContain('powercfg /h off');
  });

  it('is not one that runs: its memory lies in no file', async () => {
    const { keys, files } = windows10();
    const { refusals } = await examine({ keys, files: { ...files, '/hiberfil.sys': 'HIBR' } }, { source: 'agent' });
    expect(refusals).toEqual([]);
  });

  it('may be one whose memory could not be read', async () => {
    const { keys, files } = windows10();
    const unreadable = { ...files, '/hiberfil.sys': new UnreadableError('Input/output error') };
    const { refusals } = await examine({ keys, files: unreadable });
    expect(refusals).toMatchObject([{ code: 'hibernated', message: expect.stringContaining('Input/output error') }]);
  });
});

describe('a warning', () => {
  it.each<[string, string[], WindowsSystem, ExamineOptions]>([
    ['none', [], windows10(), {}],
    ['Fast Startup', ['fast-startup'], having(windows10(), POWER, { HiberbootEnabled: 1 }), {}],
    [
      'Fast Startup on a machine that can not sleep on its disk',
      [],
      having(windows10(), POWER, { HiberbootEnabled: 1 }),
      { canHibernate: false },
    ],
    ['Fast Startup switched off', [], having(windows10(), POWER, { HiberbootEnabled: 0 }), {}],
    [
      'Fast Startup without hibernation',
      [],
      having(having(windows10(), POWER, { HiberbootEnabled: 1 }), HIBERNATION, { HibernateEnabled: 0 }),
      {},
    ],
    [
      'Fast Startup with hibernation',
      ['fast-startup'],
      having(having(windows10(), POWER, { HiberbootEnabled: 1 }), HIBERNATION, { HibernateEnabled: 1 }),
      {},
    ],
    ['BitLocker', ['bitlocker'], windows10(), { bitlocker: 2 }],
    ['BitLocker on the system volume', ['bitlocker'], having(windows10(), BITLOCKER, { BootStatus: 1 }), {}],
    ['BitLocker on no volume', [], having(windows10(), BITLOCKER, { BootStatus: 0 }), {}],
    ['a SAN policy of 1', [], having(SERVER, PARTMGR, { SanPolicy: 1 }), { disks: 2 }],
    ['a SAN policy of 2', ['san-policy'], having(SERVER, PARTMGR, { SanPolicy: 2 }), { disks: 2 }],
    ['a SAN policy of 4 on a client', ['san-policy'], having(windows10(), PARTMGR, { SanPolicy: 4 }), { disks: 2 }],
    ['a SAN policy and one disk', [], having(SERVER, PARTMGR, { SanPolicy: 2 }), { disks: 1 }],
    ['no SAN policy on a server', ['san-policy'], SERVER, { disks: 2 }],
    ['no SAN policy on a client', [], windows10(), { disks: 2 }],
    [
      'no SAN policy on Server 2003',
      [],
      windowsBefore8({ major: 5, minor: 2, build: 3790, product: 'Windows Server 2003' }),
      { disks: 2 },
    ],
    [
      'servicing that waits',
      ['pending-reboot'],
      having(windows10(), 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending', {}),
      {},
    ],
    [
      'updates that wait',
      ['pending-reboot'],
      having(
        windows10(),
        'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired',
        {},
      ),
      {},
    ],
    [
      'files that wait',
      ['pending-reboot'],
      having(windows10(), `${CONTROL_SET}\\Control\\Session Manager`, {
        PendingFileRenameOperations: ['\\??\\C:\\Windows\\Temp\\x'],
      }),
      {},
    ],
    [
      'no files that wait',
      [],
      having(windows10(), `${CONTROL_SET}\\Control\\Session Manager`, { PendingFileRenameOperations: [] }),
      {},
    ],
  ])('is given for %s: %j', async (_, codes, system, options) => {
    const { verdict, warnings } = await examine(system, options);
    expect([verdict, warnings.map(({ code }) => code)]).toEqual(['proven', codes]);
  });

  it('says what to do', async () => {
    const system = having(having(SERVER, PARTMGR, { SanPolicy: 2 }), POWER, { HiberbootEnabled: 1 });
    const { warnings } = await examine(system, { disks: 2, bitlocker: 1 });
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('powercfg /h off'),
      expect.stringContaining('recovery key'),
      expect.stringContaining("diskpart: 'san policy=onlineall'"),
    ]);
  });

  it('is not given for what could not be read', async () => {
    const denied = new UnreadableError('Access is denied');
    const keys = { ...SERVER.keys, [PARTMGR]: denied, [POWER]: denied };
    expect((await examine({ ...SERVER, keys }, { disks: 2 })).warnings).toEqual([]);
  });
});

function having({ keys, files }: WindowsSystem, path: string, values: Record<string, RegistryValue>): WindowsSystem {
  return { keys: { ...keys, [path]: values }, files };
}
