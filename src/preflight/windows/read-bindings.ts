import { VIRTIO_DISK_IDS, type VirtioDiskId } from '../../domain/virtio-id.ts';
import { UnreadableError } from '../guest-files.ts';
import { hardwareIds } from './hardware-ids.ts';
import { type GuestRegistry, keyAt, keyName, type RegistryKey, textIn } from './registry.ts';
import type { Binding } from './windows-facts.ts';
import { hasDriverDatabase, type WindowsVersion } from './windows-version.ts';

const DATABASE = 'SYSTEM\\DriverDatabase';
const CRITICAL_DEVICES = 'SYSTEM\\CurrentControlSet\\Control\\CriticalDeviceDatabase';
/** More than any system has drivers for one device. */
const MAX_BINDINGS = 32;

/**
 * C: the services that Windows binds to a virtio disk, from where this Windows looks for them.
 * @throws UnreadableError where that can't be told.
 */
export async function readBindings(registry: GuestRegistry, version: WindowsVersion): Promise<readonly Binding[]> {
  const hasDatabase = (await registry.readKey(DATABASE)) !== undefined;
  if (hasDatabase !== hasDriverDatabase(version))
    throw new UnreadableError(`${version.product} ${hasDatabase ? 'has a' : 'has no'} DriverDatabase in its registry`);
  const bindings = hasDatabase ? await readDriverDatabase(registry) : await readCriticalDevices(registry);
  if (bindings.length > MAX_BINDINGS) throw new UnreadableError('it binds more drivers to a disk than any system has');
  return bindings;
}

/** A service's name as it may stand in a path of the registry; undefined for anything else. */
function serviceName(text: string | undefined): string | undefined {
  return text !== undefined && /^[^\\/"\p{Cc}]{1,100}$/u.test(text) ? text : undefined;
}

/** Up to Windows 7 and Server 2008 R2: `PCI#VEN_1AF4&DEV_1001&...` names the service. */
async function readCriticalDevices(registry: GuestRegistry): Promise<Binding[]> {
  const names = (await registry.readKey(CRITICAL_DEVICES))?.subkeys ?? [];
  const bindings: Binding[] = [];
  for (const name of names.filter((one) => /^PCI#VEN_1AF4&/i.test(one))) {
    const id = idOf(name.slice('PCI#'.length));
    if (id === undefined) continue;
    const key = await registry.readKey(`${CRITICAL_DEVICES}\\${name}`);
    const service = serviceName(textIn(key, 'Service'));
    bindings.push({ id, hardwareId: name.slice('PCI#'.length), origin: 'CriticalDeviceDatabase', service });
  }
  return bindings;
}

/** From Windows 8 and Server 2012 on: a device's key names INF files, these a package, and that the service. */
async function readDriverDatabase(registry: GuestRegistry): Promise<Binding[]> {
  const paths = await registry.find(`${DATABASE}\\DeviceIds\\PCI`, 'VEN_1AF4&DEV_10');
  const bindings: Binding[] = [];
  for (const hardwareId of new Set(paths.map(keyName))) {
    const id = idOf(hardwareId);
    if (id === undefined) continue;
    const key = await registry.readKey(`${DATABASE}\\DeviceIds\\PCI\\${hardwareId}`);
    for (const origin of infFiles(key)) {
      if (bindings.length > MAX_BINDINGS) return bindings;
      bindings.push({ id, hardwareId, origin, service: await readPackage(registry, origin, hardwareId) });
    }
  }
  return bindings;
}

function idOf(hardwareId: string): VirtioDiskId | undefined {
  return VIRTIO_DISK_IDS.find((id) => hardwareIds(id).has(hardwareId.toUpperCase()));
}

function infFiles(key: RegistryKey | undefined): string[] {
  return [...(key?.values ?? [])]
    .filter(([name, value]) => /^[\w.() -]{1,100}\.inf$/.test(name) && Buffer.isBuffer(value))
    .map(([name]) => name);
}

/** The service that a device gets from an INF file's active package, or undefined where that leads nowhere. */
async function readPackage(registry: GuestRegistry, inf: string, hardwareId: string): Promise<string | undefined> {
  const active = textIn(await registry.readKey(`${DATABASE}\\DriverInfFiles\\${inf}`), 'Active') ?? '';
  if (!/^[^\\/"\p{Cc}]{1,200}$/u.test(active)) return undefined;
  const path = `${DATABASE}\\DriverPackages\\${active}`;
  const keys = await registry.read(path);
  const described = textIn(keyAt(keys, `${path}\\Descriptors\\PCI\\${hardwareId}`), 'Configuration');
  const configurations = keys.filter((key) => isConfiguration(key, path, described));
  const services = new Set(configurations.map((key) => textIn(key, 'Service')).filter((one) => one !== undefined));
  return services.size === 1 ? serviceName([...services][0]) : undefined;
}

/** The section that the device's descriptor names; where no descriptor does, any that the package has. */
function isConfiguration(key: RegistryKey, path: string, described: string | undefined): boolean {
  const folder = `${path}\\Configurations\\`.toLowerCase();
  const own = key.path.toLowerCase();
  if (!own.startsWith(folder)) return false;
  const name = own.slice(folder.length);
  return described === undefined ? !name.includes('\\') : name === described.toLowerCase();
}
