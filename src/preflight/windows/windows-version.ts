import { UnreadableError } from '../guest-files.ts';
import { shorten } from '../shorten.ts';
import type { Architecture } from './pe-image.ts';
import { type GuestRegistry, numberIn, textIn } from './registry.ts';

/** Which Windows it is, as its registry says. */
export interface WindowsVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly isServer: boolean;
  /** `Windows Server 2019 Standard`; Windows 11 calls itself 10 here. */
  readonly product: string;
  readonly architecture: Architecture | undefined;
}

const VERSION_KEY = 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';
const ENVIRONMENT_KEY = 'SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment';

/** @throws UnreadableError where its registry can't be read or does not say. */
export async function readVersion(registry: GuestRegistry): Promise<WindowsVersion> {
  const key = await registry.readKey(VERSION_KEY);
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})$/.exec(textIn(key, 'CurrentVersion') ?? '') ?? [];
  const numbers = {
    // Since Windows 10; CurrentVersion stays 6.3 there.
    major: numberIn(key, 'CurrentMajorVersionNumber') ?? Number(major),
    minor: numberIn(key, 'CurrentMinorVersionNumber') ?? Number(minor),
    build: Number(textIn(key, 'CurrentBuildNumber') ?? textIn(key, 'CurrentBuild') ?? '0'),
  };
  if (!Object.values(numbers).every(Number.isInteger))
    throw new UnreadableError('its registry does not say which Windows it is');
  const product = shorten(textIn(key, 'ProductName') ?? `Windows ${numbers.major}.${numbers.minor}`);
  const environment = await registry.readKey(ENVIRONMENT_KEY);
  return {
    ...numbers,
    product,
    isServer: /^server/i.test(textIn(key, 'InstallationType') ?? '') || /\bserver\b/i.test(product),
    architecture: architectureNamed(textIn(environment, 'PROCESSOR_ARCHITECTURE')),
  };
}

/** The Windows folder as GuestFiles have it, where the registry says it: `/Windows` for `C:\Windows`. */
export async function readSystemRoot(registry: GuestRegistry): Promise<{ drive: string; folder: string } | undefined> {
  const text = textIn(await registry.readKey(VERSION_KEY), 'SystemRoot') ?? '';
  const [, drive, name] = /^([A-Z]:)\\([\w-]{1,40})\\?$/i.exec(text) ?? [];
  return drive === undefined || name === undefined ? undefined : { drive, folder: `/${name}` };
}

/** Windows XP, Server 2003 and before. */
export function isBeforeVista({ major }: WindowsVersion): boolean {
  return major < 6;
}

/** Windows 8, Server 2012 and later find drivers in DriverDatabase; before, in CriticalDeviceDatabase. */
export function hasDriverDatabase({ major, minor }: WindowsVersion): boolean {
  return major > 6 || (major === 6 && minor >= 2);
}

function architectureNamed(text: string | undefined): Architecture | undefined {
  const known = text?.toLowerCase();
  return known === 'x86' || known === 'amd64' || known === 'arm64' ? known : undefined;
}
