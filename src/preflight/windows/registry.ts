/** A key of a Windows registry with its own values; names are kept as they were read, and compared without case. */
export interface RegistryKey {
  /** From `SYSTEM` or `SOFTWARE` on: `SYSTEM\ControlSet001\Services\viostor`. */
  readonly path: string;
  /** By name in lower case; the default value's name is empty. */
  readonly values: ReadonlyMap<string, RegistryValue>;
}

/** A key alone, with the names of the keys directly below it. */
interface RegistryFolder extends RegistryKey {
  readonly subkeys: readonly string[];
}

/** A number for REG_DWORD, a text for REG_SZ and REG_EXPAND_SZ, texts for REG_MULTI_SZ, bytes for the rest. */
export type RegistryValue = number | string | readonly string[] | Buffer;

/** A guest's registry (HKEY_LOCAL_MACHINE), wherever it is read from. Everything that comes back is the guest's word. */
export interface GuestRegistry {
  /**
   * A key and all below it; empty where there is no such key.
   * @param path e.g. `SYSTEM\Select`. `SYSTEM\CurrentControlSet` is the control set that the system starts with.
   * @throws UnreadableError where that can't be told.
   */
  read(path: string): Promise<readonly RegistryKey[]>;
  /**
   * A key without what is below it, which may be large; undefined where there is no such key.
   * @throws UnreadableError where that can't be told.
   */
  readKey(path: string): Promise<RegistryFolder | undefined>;
  /**
   * The paths of all keys below a key whose own name contains a text, in any case; empty where there is none.
   * @throws UnreadableError where that can't be told.
   */
  find(path: string, text: string): Promise<readonly string[]>;
}

/** The number that a value is, or undefined where there is none or it is of another type. */
export function numberIn(key: RegistryKey | undefined, name: string): number | undefined {
  const value = key?.values.get(name.toLowerCase());
  return typeof value === 'number' ? value : undefined;
}

/** The text that a value is, or undefined where there is none or it is of another type. */
export function textIn(key: RegistryKey | undefined, name: string): string | undefined {
  const value = key?.values.get(name.toLowerCase());
  return typeof value === 'string' ? value : undefined;
}

/** The last part of a key's path. */
export function keyName(path: string): string {
  return path.slice(path.lastIndexOf('\\') + 1);
}

/** Of keys that were read together, the one of a path. */
export function keyAt(keys: readonly RegistryKey[], path: string): RegistryKey | undefined {
  const wanted = path.toLowerCase();
  return keys.find((key) => key.path.toLowerCase() === wanted);
}
