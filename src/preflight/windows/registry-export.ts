import { UnreadableError } from '../guest-files.ts';
import type { RegistryKey, RegistryValue } from './registry.ts';

/** More than any part of a registry that is read here has. */
const MAX_TEXT_LENGTH = 32 * 1024 * 1024;
const MAX_KEYS = 50_000;

const [REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ] = [1, 2, 7];

/**
 * Read what `hivexregedit --export` prints, without `--unsafe-printable-strings`: then every value but a REG_DWORD stands
 * in hexadecimal, and no text of the guest can look like another value.
 * @param prefix what the paths of the keys begin with: `[\Select]` becomes `<prefix>\Select`.
 * @throws UnreadableError where it is too much, or not such a text.
 */
export function parseRegistryExport(text: string, prefix: string): readonly RegistryKey[] {
  if (text.length > MAX_TEXT_LENGTH) throw new UnreadableError('its registry has more to read than any system needs');
  const keys: { path: string; values: Map<string, RegistryValue> }[] = [];
  for (const line of text.split('\n')) {
    const path = /^\[(.*)\]$/.exec(line)?.[1];
    if (path === undefined) readValueLine(line, keys.at(-1)?.values);
    else keys.push({ path: joinPath(prefix, path), values: new Map() });
    if (keys.length > MAX_KEYS) throw new UnreadableError('its registry has more keys than any system needs');
  }
  return keys;
}

/** A hive's keys begin with a backslash, or with what `--prefix` put before it. */
function joinPath(prefix: string, path: string): string {
  const below = path.replace(/^HKEY_LOCAL_MACHINE\\(?:SYSTEM|SOFTWARE)(?=\\|$)/i, '').replace(/^\\+|\\+$/g, '');
  return below === '' ? prefix : `${prefix}\\${below}`;
}

/** Names may hold anything, line feeds included: what is no whole line of a value is none that matters here. */
function readValueLine(line: string, values: Map<string, RegistryValue> | undefined): void {
  const [, quoted, data] = /^(@|"(?:[^"\\]|\\.)*")=(.*)$/.exec(line) ?? [];
  if (quoted === undefined || data === undefined || values === undefined) return;
  const name = quoted === '@' ? '' : quoted.slice(1, -1).replace(/\\(.)/g, '$1');
  values.set(name.toLowerCase(), parseData(data));
}

function parseData(data: string): RegistryValue {
  const number = /^dword:([0-9a-f]{8})$/.exec(data)?.[1];
  if (number !== undefined) return Number.parseInt(number, 16);
  const [, type, digits] = /^hex(?:\(([0-9a-f]{1,8})\))?:((?:[0-9a-f]{2}(?:,[0-9a-f]{2})*)?)$/.exec(data) ?? [];
  if (digits === undefined) throw new UnreadableError('its registry was printed in a form that makes no sense');
  const bytes = Buffer.from(digits.replaceAll(',', ''), 'hex');
  return decodeValue(type === undefined ? undefined : Number.parseInt(type, 16), bytes);
}

function decodeValue(type: number | undefined, bytes: Buffer): RegistryValue {
  if (type !== REG_SZ && type !== REG_EXPAND_SZ && type !== REG_MULTI_SZ) return bytes;
  const texts = bytes.toString('utf16le', 0, bytes.length - (bytes.length % 2)).split('\0');
  return type === REG_MULTI_SZ ? texts.filter((text) => text !== '') : (texts[0] ?? '');
}
