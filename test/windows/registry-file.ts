import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { emptyHive } from './empty-hive.ts';

/** REG_DWORD, REG_SZ, REG_MULTI_SZ, REG_BINARY, or REG_EXPAND_SZ. */
export type RegistryData = number | string | readonly string[] | Buffer | { readonly expand: string };

/** Values by key, as in `{ 'Select': { Current: 1 } }`; a default value's name is empty. */
export type RegistryKeys = Readonly<Record<string, Readonly<Record<string, RegistryData>>>>;

const PREFIX = 'HKEY_LOCAL_MACHINE\\HIVE';

/** Write a hive with these keys. */
export async function writeHive(path: string, keys: RegistryKeys): Promise<void> {
  await writeFile(path, emptyHive());
  const input = registryText(keys);
  await execa('hivexregedit', ['--merge', '--prefix', PREFIX, path], { input });
}

/** The keys as regedit exports them. Parents come first and are named, for hivexregedit makes none by itself. */
function registryText(keys: RegistryKeys): string {
  const paths = new Set(Object.keys(keys).flatMap(withParents));
  const blocks = [...paths].map((path) => {
    const values = Object.entries(keys[path] ?? {});
    return [`[${PREFIX}\\${path}]`, ...values.map(([name, data]) => `${valueName(name)}=${valueData(data)}`)].join(
      '\n',
    );
  });
  return ['Windows Registry Editor Version 5.00', ...blocks, ''].join('\n\n');
}

function withParents(path: string): string[] {
  const names = path.split('\\');
  return names.map((_, index) => names.slice(0, index + 1).join('\\'));
}

function valueName(name: string): string {
  return name === '' ? '@' : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

function valueData(data: RegistryData): string {
  if (typeof data === 'number') return `dword:${data.toString(16).padStart(8, '0')}`;
  if (typeof data === 'string') return hex(1, Buffer.from(`${data}\0`, 'utf16le'));
  if (Buffer.isBuffer(data)) return hex(3, data);
  if ('expand' in data) return hex(2, Buffer.from(`${data.expand}\0`, 'utf16le'));
  return hex(7, Buffer.from(`${data.map((text) => `${text}\0`).join('')}\0`, 'utf16le'));
}

function hex(type: number, bytes: Buffer): string {
  return `hex(${type}):${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(',')}`;
}
