import { UnreadableError } from '../guest-files.ts';
import { type GuestRegistry, keyAt, keyName, numberIn, type RegistryKey } from './registry.ts';
import { parseRegistryExport } from './registry-export.ts';

/** The hives of a Windows system that decide what it boots with. */
type Hive = 'SYSTEM' | 'SOFTWARE';

/**
 * What `hivexregedit --export HIVE KEY` prints, or undefined where there is no such key.
 * @param keyPath from the hive's root on, which may be empty: `ControlSet001\Services\viostor`.
 * @param maxDepth how many levels are wanted (`--max-depth`; 1 is the key alone); all where undefined. More is no fault.
 * @throws UnreadableError where that can't be told.
 */
export type ExportKey = (hive: Hive, keyPath: string, maxDepth?: number) => Promise<string | undefined>;

const CURRENT = /^SYSTEM\\CurrentControlSet(?=\\|$)/i;
/** A key, and the keys below it with their names. */
const WITH_SUBKEYS = 2;

/** The registry in the hive files of a system that is off, or that were copied from a running one. */
export function createHiveRegistry(exportKey: ExportKey): GuestRegistry {
  const exported = new Map<string, Promise<readonly RegistryKey[]>>();
  let controlSet: Promise<string> | undefined;

  async function exportOnce(path: string, maxDepth?: number): Promise<readonly RegistryKey[]> {
    const cached = `${maxDepth ?? ''} ${path.toLowerCase()}`;
    let keys = exported.get(cached);
    if (keys === undefined) {
      keys = exportBelow(exportKey, path, maxDepth);
      exported.set(cached, keys);
    }
    return keys;
  }

  /** Keys by the path that they were asked for. */
  async function readBelow(path: string, maxDepth?: number): Promise<readonly RegistryKey[]> {
    if (!CURRENT.test(path)) return exportOnce(path, maxDepth);
    controlSet ??= readControlSet((key) => exportOnce(key, 1));
    const real = path.replace(CURRENT, `SYSTEM\\${await controlSet}`);
    const keys = await exportOnce(real, maxDepth);
    return keys.map((key) => ({ ...key, path: `${path}${key.path.slice(real.length)}` }));
  }

  return {
    read: (path) => readBelow(path),
    async readKey(path) {
      const keys = await readBelow(path, WITH_SUBKEYS);
      const key = keyAt(keys, path);
      return key === undefined ? undefined : { ...key, subkeys: subkeysOf(keys, path) };
    },
    async find(path, text) {
      const wanted = text.toLowerCase();
      const below = (await readBelow(path)).filter((key) => key.path.length > path.length);
      return below.map((key) => key.path).filter((one) => keyName(one).toLowerCase().includes(wanted));
    },
  };
}

async function exportBelow(exportKey: ExportKey, path: string, maxDepth?: number): Promise<readonly RegistryKey[]> {
  const [, hive, keyPath = ''] = /^(SYSTEM|SOFTWARE)(?:\\(.*))?$/is.exec(path) ?? [];
  if (hive === undefined) throw new UnreadableError(`${path} lies in no hive that is read`);
  const text = await exportKey(hive.toUpperCase() as Hive, keyPath, maxDepth);
  return text === undefined ? [] : parseRegistryExport(text, hive.toUpperCase());
}

/**
 * `Select` names the control set that Windows started with last (Current) and the one it starts with next (Default).
 * What is said of one says nothing of another.
 */
async function readControlSet(readKey: (path: string) => Promise<readonly RegistryKey[]>): Promise<string> {
  const select = keyAt(await readKey('SYSTEM\\Select'), 'SYSTEM\\Select');
  const current = numberIn(select, 'Current');
  if (current === undefined || current < 1 || current > 999)
    throw new UnreadableError('its registry does not say which control set it starts with');
  const next = numberIn(select, 'Default') ?? current;
  if (next !== current)
    throw new UnreadableError(`it ran with control set ${current} and starts with ${next} the next time`);
  return `ControlSet${String(current).padStart(3, '0')}`;
}

/** Names directly below a path, of keys that were read together. */
function subkeysOf(keys: readonly RegistryKey[], path: string): string[] {
  return keys
    .filter((key) => key.path.length > path.length && !key.path.slice(path.length + 1).includes('\\'))
    .map((key) => key.path.slice(path.length + 1));
}
