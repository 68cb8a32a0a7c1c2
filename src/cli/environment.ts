/** Options that give up a safety: only the command line can set them. */
const COMMAND_LINE_ONLY = new Set([
  'assume-driver',
  'accept',
  'require-evidence',
  'reason',
  'yes',
  'no-rollback',
  'rollback',
  'rename',
]);

export interface EnvironmentOptions {
  /** Option values by their names, as texts. */
  readonly values: Readonly<Record<string, string | boolean>>;
  /** Variables that were set and do not count, with the reason. */
  readonly ignored: readonly string[];
}

/** The options set as `VIRTIOIZE_<NAME>`, e.g. `VIRTIOIZE_STATE_DIR`. */
export function readEnvironmentOptions(env: NodeJS.ProcessEnv, known: ReadonlySet<string>): EnvironmentOptions {
  const values: Record<string, string | boolean> = {};
  const ignored: string[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('VIRTIOIZE_') || value === undefined) continue;
    const name = variable.slice('VIRTIOIZE_'.length).toLowerCase().replaceAll('_', '-');
    if (COMMAND_LINE_ONLY.has(name))
      ignored.push(`${variable} is ignored: --${name} gives up a safety, so only the command line sets it.`);
    else if (known.has(name)) values[name] = parseSwitch(value);
  }
  return { values, ignored };
}

function parseSwitch(value: string): string | boolean {
  if (/^(?:true|yes|on)$/i.test(value)) return true;
  return /^(?:false|no|off)$/i.test(value) ? false : value;
}
