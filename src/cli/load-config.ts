import { VirtioizeError } from '../error.ts';
import type { Config } from '../policy/config-schema.ts';
import { NO_POLICY, type Policy } from '../policy/policy.ts';

export const USUAL_CONFIG = '/etc/virtioize/config.yaml';

export interface LoadedConfig {
  readonly policy: Policy;
  /** Option values by their names, as texts. */
  readonly values: Readonly<Record<string, string>>;
  /** What has expired, each with its place. */
  readonly expired: readonly string[];
}

/**
 * The configuration of a run: the file that was named, else the usual one where it is there.
 * @param file `false`: none (`--no-config`).
 * @throws VirtioizeError `config`
 */
export async function loadConfig(file: string | false | undefined): Promise<LoadedConfig> {
  const read = file === false ? undefined : await readConfig(file ?? USUAL_CONFIG);
  if (read === undefined) {
    if (typeof file === 'string') throw noSuchFile(file);
    return { policy: NO_POLICY, values: {}, expired: [] };
  }
  const { asOptions, asPolicy } = await import('../policy/as-policy.ts');
  const { config, expired, file: path } = read;
  return { policy: asPolicy(config, path), values: asOptions(config), expired };
}

export interface ReadConfig {
  readonly file: string;
  readonly config: Config;
  readonly expired: readonly string[];
}

/**
 * A configuration file, understood; undefined where there is none.
 * @throws VirtioizeError `config`
 */
export async function readConfig(file: string): Promise<ReadConfig | undefined> {
  const { readTrustedFile } = await import('../policy/trusted-file.ts');
  const text = await readTrustedFile(file, { isRoot: process.getuid?.() === 0 });
  if (text === undefined) return undefined;
  const [{ parseConfig }, { dayOf }] = await Promise.all([
    import('../policy/parse-config.ts'),
    import('../policy/exceptions.ts'),
  ]);
  return { file, ...parseConfig(text, file, dayOf(new Date())) };
}

export function noSuchFile(file: string): VirtioizeError {
  return new VirtioizeError('config', `There is no configuration file ${file}.`);
}

/** The error for a configuration whose exceptions are over. */
export function expiredError(file: string, expired: readonly string[]): VirtioizeError {
  return new VirtioizeError('config', `${file} takes on something whose time is over.`, {
    problems: expired,
    hint: 'Think it over again: renew the day, or take it out. A guest whose waiver has expired would be converted.',
  });
}
