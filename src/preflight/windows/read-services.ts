import { type GuestFiles, orUnreadable, readHead, UnreadableError } from '../guest-files.ts';
import { resolveImagePath } from './image-path.ts';
import { PE_HEAD_BYTES, readPeImage } from './pe-image.ts';
import { type GuestRegistry, keyAt, numberIn, type RegistryKey, textIn } from './registry.ts';
import type { Binary, ServiceFacts, ServiceSettings, ServiceStart } from './windows-facts.ts';

const SERVICES = 'SYSTEM\\CurrentControlSet\\Services';
/** The driver of the PCI bus: without it at boot no device on it is met. */
const BUS_SERVICE = 'pci';

export interface DriverFiles {
  /** Undefined where the guest lets no file be read. */
  readonly files: GuestFiles | undefined;
  /** `/Windows`. */
  readonly systemRoot: string;
}

/** A, B and D of one service. */
export async function readService(registry: GuestRegistry, name: string, driver: DriverFiles): Promise<ServiceFacts> {
  const settings = await orUnreadable(() => readSettings(registry, name));
  const imagePath = settings instanceof UnreadableError ? settings : settings?.imagePath;
  const binary =
    imagePath instanceof UnreadableError ? imagePath : await orUnreadable(() => readBinary(name, imagePath, driver));
  return { name, settings, binary };
}

/** When the driver of the PCI bus starts; undefined where there is no such service. */
export async function readBus(registry: GuestRegistry): Promise<ServiceStart | undefined> {
  return readSettings(registry, BUS_SERVICE);
}

async function readSettings(registry: GuestRegistry, name: string): Promise<ServiceSettings | undefined> {
  const path = `${SERVICES}\\${name}`;
  const keys = await registry.read(path);
  const key = keyAt(keys, path);
  if (key === undefined) return undefined;
  return {
    type: numberIn(key, 'Type'),
    start: numberIn(key, 'Start'),
    overrides: overridesIn(keyAt(keys, `${path}\\StartOverride`)),
    group: textIn(key, 'Group'),
    imagePath: textIn(key, 'ImagePath'),
  };
}

/** One value a hardware profile; what is no number can't be told from one that disables. */
function overridesIn(key: RegistryKey | undefined): number[] {
  return [...(key?.values.values() ?? [])].map((value) => (typeof value === 'number' ? value : Number.NaN));
}

async function readBinary(
  service: string,
  imagePath: string | undefined,
  { files, systemRoot }: DriverFiles,
): Promise<Binary> {
  const path = resolveImagePath(imagePath, service, systemRoot);
  if (path === undefined) throw new UnreadableError(`where '${imagePath}' is can't be told`);
  if (files === undefined) return { kind: 'unseen', path };
  const head = await readHead(files, path, PE_HEAD_BYTES);
  if (head === undefined) return { kind: 'missing', path };
  const image = readPeImage(head);
  return image === undefined ? { kind: 'no program', path } : { kind: 'program', path, image };
}
