import { RULE_IDS } from '../compliance/rule-result.ts';
import type { Config } from './config-schema.ts';
import type { Policy } from './policy.ts';

/** What a configuration says of guests. */
export function asPolicy(config: Config, file: string): Policy {
  const { retention, reports = {} } = config;
  return {
    file,
    attest: config.attest ?? [],
    acceptLikely: config['accept-likely'] ?? [],
    accept: config.accept ?? [],
    waive: (config.waive ?? []).map(({ rules = RULE_IDS, ...waiver }) => ({ ...waiver, rules })),
    neverRestart: config.restart?.except ?? [],
    retention,
    reports: Object.fromEntries(Object.entries(reports).filter(([, path]) => path !== undefined)),
  };
}

/** What a configuration says in place of options, by their names, as texts. */
export function asOptions({
  connection,
  from,
  jobs,
  restart,
  'max-failures': maxFailures,
}: Config): Record<string, string> {
  const values = {
    connect: connection,
    from: from?.join(','),
    jobs,
    'max-failures': maxFailures,
    restart: restart?.mode,
    'shutdown-timeout': restart?.['shutdown-timeout'],
    'boot-timeout': restart?.['boot-timeout'],
    'wait-tcp': restart?.['wait-tcp'],
    'restart-jobs': restart?.jobs,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
