import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';

/** What a value holds: a number for REG_DWORD, a text for REG_EXPAND_SZ, texts for REG_MULTI_SZ, bytes for REG_BINARY. */
type HiveValue = number | string | readonly string[] | Buffer;

/** Keys by path from the hive's root on; those above a key need no mention. */
export type HiveKeys = Readonly<Record<string, Readonly<Record<string, HiveValue>>>>;

const PAGE = 4096;
const NOTHING = 0xffff_ffff;

/** Make a Windows registry hive file with `hivexregedit --merge`. */
export async function buildHive(path: string, keys: HiveKeys): Promise<void> {
  await writeFile(path, emptyHive());
  const input = Object.entries(withParents(keys))
    .map(([key, values]) => `[\\${key}]\n${Object.entries(values).map(valueLine).join('\n')}\n`)
    .join('\n');
  await execa('hivexregedit', ['--merge', path], { input });
}

/** A hive that was not written to its end, as after a crash: the first of its two sequence numbers is ahead. */
export function dirtyHead(hive: Buffer): Buffer {
  const head = Buffer.from(hive);
  head.writeUInt32LE(head.readUInt32LE(8) + 1, 4);
  return head;
}

function withParents(keys: HiveKeys): HiveKeys {
  const all = new Map<string, HiveKeys[string]>();
  for (const [path, values] of Object.entries(keys)) {
    const parts = path.split('\\');
    for (let count = 1; count < parts.length; count++) {
      const parent = parts.slice(0, count).join('\\');
      if (!all.has(parent)) all.set(parent, {});
    }
    all.set(path, values);
  }
  return Object.fromEntries(all);
}

function valueLine([name, value]: [string, HiveValue]): string {
  const quoted = name === '' ? '@' : `"${name.replace(/["\\]/g, '\\$&')}"`;
  if (typeof value === 'number') return `${quoted}=dword:${value.toString(16).padStart(8, '0')}`;
  const [type, bytes] = Buffer.isBuffer(value)
    ? [3, value]
    : typeof value === 'string'
      ? [2, Buffer.from(`${value}\0`, 'utf16le')]
      : [7, Buffer.from(`${value.map((text) => `${text}\0`).join('')}\0`, 'utf16le')];
  return `${quoted}=hex(${type}):${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(',')}`;
}

/** A base block and one page with the root key and its security descriptor, as little as hivex opens. */
function emptyHive(): Buffer {
  const hive = Buffer.alloc(2 * PAGE);
  hive.write('regf');
  for (const [offset, number] of [
    [4, 1],
    [8, 1],
    [20, 1],
    [24, 5],
    [32, 1],
    [36, 0x20],
    [40, PAGE],
    [44, 1],
  ] as const) {
    hive.writeUInt32LE(number, offset);
  }
  let checksum = 0;
  for (let offset = 0; offset < 508; offset += 4) checksum ^= hive.readUInt32LE(offset);
  hive.writeUInt32LE(checksum >>> 0, 508);

  hive.write('hbin', PAGE);
  hive.writeUInt32LE(PAGE, PAGE + 8);
  const root = writeCell(hive, 0x20, 96, 'nk');
  const security = 0x20 + 96;
  hive.writeUInt16LE(0x2c, root + 2); // the root, which can't be deleted; its name is ASCII
  for (const at of [28, 32, 40, 48]) hive.writeUInt32LE(NOTHING, root + at);
  hive.writeUInt32LE(security, root + 44);
  hive.writeUInt16LE(4, root + 72);
  hive.write('ROOT', root + 76);
  const descriptor = writeCell(hive, security, 48, 'sk');
  for (const at of [4, 8]) hive.writeUInt32LE(security, descriptor + at);
  hive.writeUInt32LE(1, descriptor + 12);
  hive.writeUInt32LE(20, descriptor + 16);
  hive.writeUInt32LE(0x8000_0001, descriptor + 20);
  hive.writeInt32LE(PAGE - security - 48, PAGE + security + 48); // what is left is free
  return hive;
}

/** A cell in use has a negative size. Returns where its content begins. */
function writeCell(hive: Buffer, offset: number, size: number, signature: string): number {
  hive.writeInt32LE(-size, PAGE + offset);
  hive.write(signature, PAGE + offset + 4);
  return PAGE + offset + 4;
}
