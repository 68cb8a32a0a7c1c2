import { runBounded } from './bounded-command.ts';
import { GuestfsError } from './guestfs-error.ts';

export interface HiveKey {
  /** The name that stands for the hive's top: `SYSTEM`. */
  readonly root: string;
  /** From there on; may be empty. */
  readonly key: string;
  /** How many levels, the key's own included; all where undefined. */
  readonly maxDepth: number | undefined;
}

/**
 * A key of a registry hive and what is below it, as `hivexregedit --export` prints it, or undefined where there is no such
 * key.
 * @throws GuestfsError
 */
export async function exportHiveKey(hive: string, { root, key, maxDepth }: HiveKey): Promise<string | undefined> {
  const depth = maxDepth === undefined ? [] : ['--max-depth', String(maxDepth)];
  try {
    return await runBounded('hivexregedit', ['--export', '--prefix', root, ...depth, hive, `\\${key}`]);
  } catch (error) {
    if (!(error instanceof GuestfsError) || error.kind !== 'refused') throw error;
    if (/: path not found in this hive/.test(error.message)) return undefined;
    // hivex before 1.3.19 exports all there is
    if (maxDepth !== undefined && /Unknown option: max-depth/.test(error.message))
      return exportHiveKey(hive, { root, key, maxDepth: undefined });
    throw error;
  }
}
