import { runBounded } from './bounded-command.ts';
import { GuestfsError } from './guestfs-error.ts';

/**
 * A key of a registry hive and what is below it, as `hivexregedit --export` prints it, or undefined where there is no such
 * key.
 * @param key from the hive's top on; may be empty.
 * @param maxDepth how many levels, the key's own included; all where undefined.
 * @throws GuestfsError
 */
export async function exportHiveKey(hive: string, key: string, maxDepth?: number): Promise<string | undefined> {
  const depth = maxDepth === undefined ? [] : ['--max-depth', String(maxDepth)];
  try {
    return await runBounded('hivexregedit', ['--export', ...depth, hive, `\\${key}`]);
  } catch (error) {
    if (!(error instanceof GuestfsError) || error.kind !== 'refused') throw error;
    if (/: path not found in this hive/.test(error.message)) return undefined;
    // hivex before 1.3.19 exports all there is
    if (maxDepth !== undefined && /Unknown option: max-depth/.test(error.message)) return exportHiveKey(hive, key);
    throw error;
  }
}
