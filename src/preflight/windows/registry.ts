/** A key of a Windows registry with its own values; names are kept as they were read, and compared without case. */
export interface RegistryKey {
  /** From `SYSTEM` or `SOFTWARE` on: `SYSTEM\ControlSet001\Services\viostor`. */
  readonly path: string;
  /** By name in lower case; the default value's name is empty. */
  readonly values: ReadonlyMap<string, RegistryValue>;
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
   * The paths of all keys below a key whose own name contains a text, in any case; empty where there is none.
   * @throws UnreadableError where that can't be told.
   */
  find(path: string, text: string): Promise<readonly string[]>;
}
