import type { Config } from '../../policy/config-schema.ts';
import { expiredError, noSuchFile, readConfig, USUAL_CONFIG } from '../load-config.ts';

/** What `config validate` finds: a file that is right. */
export interface ConfigReport {
  readonly file: string;
  readonly config: Config;
}

/**
 * Check a configuration file, whatever the one in use says. What has expired is a mistake here.
 * @throws VirtioizeError `config`
 */
export async function validateConfig(file: string | false = USUAL_CONFIG): Promise<ConfigReport> {
  const path = file === false ? USUAL_CONFIG : file;
  const read = await readConfig(path);
  if (read === undefined) throw noSuchFile(path);
  if (read.expired.length > 0) throw expiredError(path, read.expired);
  return { file: path, config: read.config };
}
