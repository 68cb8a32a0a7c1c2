import { writeFile } from 'node:fs/promises';
import type { Guestfish } from '../../../../src/guestfs/guestfish.ts';
import { GuestfsError } from '../../../../src/guestfs/guestfs-error.ts';

/** What lies at a path of a recorded fake: a file's content, a folder's names, or what libguestfs says against it. */
export type FakeEntry =
  | string
  | Buffer
  | readonly string[]
  | { readonly error: string; readonly kind?: GuestfsError['kind'] };

/** A recorded fake of a libguestfs appliance, for what a real one shows too slowly or not at all; `asked` is what it was told. */
export function fakeGuestfish(entries: Readonly<Record<string, FakeEntry>>): Guestfish & { readonly asked: string[] } {
  const asked: string[] = [];
  const at = (path: string): FakeEntry => {
    const entry = entries[path];
    if (entry === undefined) throw new GuestfsError('refused', `stat: ${path}: No such file or directory`);
    if (typeof entry === 'object' && 'error' in entry) throw new GuestfsError(entry.kind ?? 'refused', entry.error);
    return entry;
  };
  return {
    asked,
    async ask(command, ...words) {
      asked.push([command, ...words].join(' '));
      const [path = '', local = '', offset = '0', size = '0'] = words;
      switch (command) {
        case 'case-sensitive-path': {
          const found = Object.keys(entries).find((one) => one.toLowerCase() === path.toLowerCase());
          if (found === undefined) throw new GuestfsError('refused', 'case_sensitive_path: x: not found');
          return `${found}\n`;
        }
        case 'statns':
          return `st_mode: ${modeOf(at(path))}\nst_size: 1\n`;
        case 'download-offset': {
          const content = Buffer.from(at(path) as string | Buffer);
          await writeFile(local, content.subarray(Number(offset), Number(offset) + Number(size)));
          return '';
        }
        case 'ls0':
          await writeFile(local, (at(path) as readonly string[]).map((name) => `${name}\0`).join(''));
          return '';
        default:
          return '';
      }
    },
    close: async () => {},
  };
}

function modeOf(entry: FakeEntry): number {
  if (entry === 'FIFO') return 0o010644;
  return Array.isArray(entry) ? 0o040755 : 0o100644;
}
