import { runBounded } from './bounded-command.ts';
import { GuestfsError } from './guestfs-error.ts';

/**
 * A key of a registry hive and all below it, as `hivexregedit --export` prints it, or undefined where there is no such key.
 * @param root the name that stands for the hive's top, e.g. `SYSTEM`.
 * @throws GuestfsError
 */
export async function exportHiveKey(hive: string, root: string, key: string): Promise<string | undefined> {
  try {
    return await runBounded('hivexregedit', ['--export', '--prefix', root, hive, `\\${key}`]);
  } catch (error) {
    if (error instanceof GuestfsError && error.kind === 'refused' && /not found|cannot find/i.test(error.message))
      return undefined;
    throw error;
  }
}
