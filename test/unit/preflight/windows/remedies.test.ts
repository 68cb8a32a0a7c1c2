import { describe, expect, it } from '@jest/globals';
import {
  CRITICAL,
  DATABASE,
  SERVICE,
  type VersionOptions,
  windows10,
  windowsBefore8,
  windowsSince8,
  withoutKey,
  withValues,
} from '../../../windows/windows-systems.ts';
import { examine } from './examine.ts';

describe('the command that installs the driver', () => {
  it.each<[string, VersionOptions]>([
    ['pnputil /add-driver E:\\viostor\\w10\\amd64\\viostor.inf /install', client(10, 0, 19_045)],
    ['pnputil /add-driver E:\\viostor\\w11\\amd64\\viostor.inf /install', client(10, 0, 22_000)],
    ['pnputil /add-driver E:\\viostor\\w11\\ARM64\\viostor.inf /install', client(10, 0, 26_100, 'ARM64')],
    ['pnputil /add-driver E:\\viostor\\w10\\x86\\viostor.inf /install', client(10, 0, 19_045, 'x86')],
    ['pnputil -i -a E:\\viostor\\w10\\amd64\\viostor.inf', client(10, 0, 10_586)],
    ['pnputil /add-driver E:\\viostor\\2k25\\amd64\\viostor.inf /install', server(10, 0, 26_100)],
    ['pnputil /add-driver E:\\viostor\\2k22\\amd64\\viostor.inf /install', server(10, 0, 20_348)],
    ['pnputil /add-driver E:\\viostor\\2k19\\amd64\\viostor.inf /install', server(10, 0, 17_763)],
    ['pnputil /add-driver E:\\viostor\\2k16\\amd64\\viostor.inf /install', server(10, 0, 14_393)],
    ['pnputil -i -a E:\\viostor\\2k12R2\\amd64\\viostor.inf', server(6, 3, 9600)],
    ['pnputil -i -a E:\\viostor\\w8.1\\amd64\\viostor.inf', client(6, 3, 9600)],
    ['pnputil -i -a E:\\viostor\\2k12\\amd64\\viostor.inf', server(6, 2, 9200)],
    ['pnputil -i -a E:\\viostor\\w8\\x86\\viostor.inf', client(6, 2, 9200, 'x86')],
    ['pnputil -i -a E:\\viostor\\2k8R2\\amd64\\viostor.inf', server(6, 1, 7601)],
    ['pnputil -i -a E:\\viostor\\w7\\x86\\viostor.inf', client(6, 1, 7601, 'x86')],
    ['pnputil -i -a E:\\viostor\\2k8\\amd64\\viostor.inf', server(6, 0, 6002)],
    ['devcon dp_add E:\\viostor\\2k3\\amd64\\viostor.inf', server(5, 2, 3790)],
    ['devcon dp_add E:\\viostor\\2k3\\amd64\\viostor.inf', client(5, 2, 3790)],
    ['devcon dp_add E:\\viostor\\xp\\x86\\viostor.inf', client(5, 1, 2600, 'x86')],
  ])('is %s', async (command, version) => {
    const isNew = version.major > 6 || (version.major === 6 && version.minor >= 2);
    const { keys, files } = isNew ? windowsSince8(version) : windowsBefore8(version);
    const { lack } = await examine({ keys: withoutKey(keys, `${DATABASE}\\DeviceIds`, CRITICAL), files });
    expect(lack?.hint).toContain(`${command} -- then on the host: virtioize prime win`);
  });
});

describe('the command that makes the driver start at boot', () => {
  it('sets Start', async () => {
    const { keys, files } = windows10();
    const { lack } = await examine({ keys: withValues(keys, SERVICE, { Start: 3 }), files });
    expect(lack?.hint).toContain(
      'reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\viostor /v Start /t REG_DWORD /d 0 /f',
    );
  });

  it('deletes StartOverride', async () => {
    const { keys, files } = windows10();
    const { lack } = await examine({ keys: { ...keys, [`${SERVICE}\\StartOverride`]: { 0: 3 } }, files });
    expect(lack?.hint).toContain('reg delete HKLM\\SYSTEM\\CurrentControlSet\\Services\\viostor\\StartOverride /f');
  });
});

describe('a driver whose package is there, but no service', () => {
  it('is installed by Windows once it meets a disk', async () => {
    const { keys, files } = windows10();
    const { verdict, lack } = await examine({ keys: withoutKey(keys, SERVICE), files });
    expect([verdict, lack]).toEqual([
      'refuted',
      {
        code: 'driver-missing',
        message:
          "Windows would not find its disk: Its driver 'viostor' is not installed as a service yet: only its package is there.",
        hint: 'virtioize prime win shows Windows a small virtio disk, so that it installs the driver.',
      },
    ]);
  });
});

describe('a command for people to copy', () => {
  it.each([
    ['web1', 'virtioize prime web1'],
    ['two words', 'virtioize prime GUEST'],
    ['$(reboot)', 'virtioize prime GUEST'],
    ['--all', 'virtioize prime GUEST'],
    ['x'.repeat(200), 'virtioize prime GUEST'],
  ])('never holds what a shell would take for its own: %s', async (guest, command) => {
    const { keys, files } = windows10();
    const { lack } = await examine({ keys: withoutKey(keys, 'SYSTEM\\CurrentControlSet\\Enum'), files }, { guest });
    expect(lack?.hint).toContain(`${command} shows Windows`);
  });
});

function client(major: number, minor: number, build: number, architecture = 'AMD64'): VersionOptions {
  return { major, minor, build, product: 'Windows', type: 'Client', architecture };
}

function server(major: number, minor: number, build: number): VersionOptions {
  return { ...client(major, minor, build), type: 'Server' };
}
