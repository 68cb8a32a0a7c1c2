import { hasDriverDatabase, isBeforeVista, type WindowsVersion } from './windows-version.ts';

/** The folders of virtio-win's ISO for servers and clients from Windows 10 on, by the first build that they are for. */
const SERVERS = [
  [26_100, '2k25'],
  [20_348, '2k22'],
  [17_763, '2k19'],
  [0, '2k16'],
] as const;
const CLIENTS = [
  [22_000, 'w11'],
  [0, 'w10'],
] as const;
const OLDER: Readonly<Record<string, { readonly client: string; readonly server: string }>> = {
  '5.1': { client: 'xp', server: 'xp' },
  '5.2': { client: '2k3', server: '2k3' },
  '6.0': { client: '2k8', server: '2k8' },
  '6.1': { client: 'w7', server: '2k8R2' },
  '6.2': { client: 'w8', server: '2k12' },
  '6.3': { client: 'w8.1', server: '2k12R2' },
};

/** Where virtio-win's ISO has the disk driver for a Windows: `viostor\w10\amd64`. */
function driverFolder(version: WindowsVersion): string {
  const architecture = version.architecture === 'arm64' ? 'ARM64' : (version.architecture ?? 'ARCHITECTURE');
  return `viostor\\${systemFolder(version)}\\${architecture}`;
}

function systemFolder({ major, minor, build, isServer }: WindowsVersion): string {
  const older = OLDER[`${major}.${minor}`];
  if (older !== undefined) return isServer ? older.server : older.client;
  return (isServer ? SERVERS : CLIENTS).find(([first]) => build >= first)?.[1] ?? 'w10';
}

/** The first Windows 10 whose pnputil knows /add-driver (1607). */
const NEW_PNPUTIL_BUILD = 14_393;

/** What installs the driver inside the guest from virtio-win's ISO at E:, for this very Windows. */
export function installCommand(version: WindowsVersion): string {
  const file = `E:\\${driverFolder(version)}\\viostor.inf`;
  if (isBeforeVista(version)) return `devcon dp_add ${file}`;
  return hasDriverDatabase(version) && version.build >= NEW_PNPUTIL_BUILD
    ? `pnputil /add-driver ${file} /install`
    : `pnputil -i -a ${file}`;
}
