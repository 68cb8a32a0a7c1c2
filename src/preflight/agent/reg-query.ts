import { UnreadableError } from '../guest-files.ts';
import type { RegistryKey, RegistryValue } from '../windows/registry.ts';

const MAX_KEYS = 50_000;
const ROOT = /^HKEY_LOCAL_MACHINE\\/i;
/** Four blanks around the type; a tab in Windows XP and Server 2003. */
const VALUE_LINE = /^\s+(.+?)(?:\s{4}|\t)(REG_\w+)(?:(?:\s{4}|\t)(.*))?$/;

/**
 * Read what `reg query` prints, in whatever language: keys begin with HKEY_, values with blanks.
 * @throws UnreadableError where it is nothing of the kind.
 */
export function parseRegQuery(text: string): readonly RegistryKey[] {
  const keys: { path: string; values: Map<string, RegistryValue> }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, name, type, data = ''] = VALUE_LINE.exec(line) ?? [];
    if (ROOT.test(line)) keys.push({ path: line.replace(ROOT, '').trimEnd(), values: new Map() });
    else if (name !== undefined && type !== undefined) keys.at(-1)?.values.set(plainName(name), parseData(type, data));
    if (keys.length > MAX_KEYS) throw new UnreadableError('its registry has more keys than any system needs');
  }
  if (keys.length === 0 && text.trim() !== '') throw new UnreadableError('reg.exe did not print keys of the registry');
  return keys;
}

/** The default value's name is a word in brackets, in the system's language. */
function plainName(name: string): string {
  return /^[(<].*[)>]$/.test(name) ? '' : name.toLowerCase();
}

function parseData(type: string, data: string): RegistryValue {
  switch (type) {
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return data;
    case 'REG_MULTI_SZ':
      return data.split('\\0').filter((text) => text !== '');
    case 'REG_DWORD':
      return /^0x[0-9a-f]{1,8}$/i.test(data.trim()) ? Number(data.trim()) : data;
    default:
      return /^(?:[0-9a-f]{2})*$/i.test(data.trim()) ? Buffer.from(data.trim(), 'hex') : Buffer.alloc(0);
  }
}
