import { UnreadableError } from '../guest-files.ts';
import { type GuestRegistry, keyAt, keyName, type RegistryKey } from '../windows/registry.ts';
import type { AgentPort } from './agent-port.ts';
import { type GuestExit, runInGuest } from './guest-exec.ts';
import { parseRegQuery } from './reg-query.ts';

const REG = 'C:\\Windows\\System32\\reg.exe';
/** What matters takes some kilobytes a question. */
const MAX_OUTPUT_BYTES = 2 * 1024 * 1024;

/**
 * A running Windows guest's registry, by running reg.exe inside, once a question: it may take its time, or never end.
 * @param agent one that is bounded in time.
 */
export function agentRegistry(agent: AgentPort): GuestRegistry {
  const answers = new Map<string, Promise<readonly RegistryKey[] | undefined>>();

  function query(path: string, ...options: string[]): Promise<readonly RegistryKey[] | undefined> {
    const question = [path, ...options].join(' ').toLowerCase();
    const answer = answers.get(question) ?? runQuery(agent, path, options);
    answers.set(question, answer);
    return answer;
  }

  return {
    async read(path) {
      const keys = await query(path, '/s');
      return keys === undefined ? [] : withOwnKey(keys, path);
    },
    async readKey(path) {
      const keys = await query(path);
      if (keys === undefined) return undefined;
      const names = keys.filter((key) => isDirectlyBelow(key.path, path)).map((key) => keyName(key.path));
      return { path, values: keyAt(keys, path)?.values ?? new Map(), subkeys: names };
    },
    async find(path, text) {
      const keys = (await query(path, '/s', '/f', text, '/k')) ?? [];
      const wanted = text.toLowerCase();
      return keys.map((key) => key.path).filter((one) => keyName(one).toLowerCase().includes(wanted));
    },
  };
}

async function runQuery(
  agent: AgentPort,
  path: string,
  options: readonly string[],
): Promise<readonly RegistryKey[] | undefined> {
  return readAnswer(await runInGuest(agent, REG, ['query', `HKLM\\${path}`, ...options]), path);
}

/**
 * reg.exe ends with 1 where there is no such key, and where it may not read one: then it says so in the system's
 * language, or has printed others before.
 */
function readAnswer({ status, output, complaint }: GuestExit, path: string): readonly RegistryKey[] | undefined {
  if (output.length > MAX_OUTPUT_BYTES) throw new UnreadableError(`${path} has more to read than any system needs`);
  if (status === 0) return parseRegQuery(output.toString('utf8'));
  if (status === 1 && !/^HKEY_/m.test(output.toString('latin1')) && !/denied/i.test(complaint)) return undefined;
  throw new UnreadableError(`reg.exe could not read ${path} (${complaint.trim() || `status ${status ?? 'unknown'}`})`);
}

/** A key that has no values of its own is not printed. */
function withOwnKey(keys: readonly RegistryKey[], path: string): readonly RegistryKey[] {
  return keyAt(keys, path) === undefined ? [{ path, values: new Map() }, ...keys] : keys;
}

function isDirectlyBelow(path: string, folder: string): boolean {
  const rest = path.slice(folder.length + 1);
  return path.toLowerCase().startsWith(`${folder.toLowerCase()}\\`) && rest !== '' && !rest.includes('\\');
}
