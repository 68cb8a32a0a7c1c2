import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import type { GuestRegistry, RegistryKey } from '../../../../src/preflight/windows/registry.ts';
import type { Keys } from '../../../windows/windows-systems.ts';

/** A registry as an object. Keys that are only part of a path are there, too; an error is thrown to whoever reads it. */
export function memoryRegistry(keys: Keys): GuestRegistry {
  function keysBelow(path: string): RegistryKey[] {
    const wanted = path.toLowerCase();
    const found = new Map<string, RegistryKey>();
    for (const [own, values] of Object.entries(keys)) {
      if (own.toLowerCase() !== wanted && !own.toLowerCase().startsWith(`${wanted}\\`)) continue;
      if (values instanceof UnreadableError) throw values;
      for (const part of pathsUpTo(own, path.length)) {
        const isOwn = part.length === own.length;
        const named = Object.entries(isOwn ? values : {}).map(([name, value]) => [name.toLowerCase(), value] as const);
        if (isOwn || !found.has(part.toLowerCase()))
          found.set(part.toLowerCase(), { path: part, values: new Map(named) });
      }
    }
    return [...found.values()];
  }
  return {
    read: async (path) => keysBelow(path),
    async readKey(path) {
      const found = keysBelow(path);
      const own = found.find((key) => key.path.length === path.length);
      if (own === undefined) return undefined;
      const names = found.map((key) => key.path.slice(path.length + 1));
      return { path, values: own.values, subkeys: names.filter((name) => name !== '' && !name.includes('\\')) };
    },
    async find(path, text) {
      const paths = keysBelow(path).map((key) => key.path);
      return paths.filter((one) => one.split('\\').at(-1)?.toLowerCase().includes(text.toLowerCase()));
    },
  };
}

/** A path and those above it, down to a length. */
function pathsUpTo(path: string, length: number): string[] {
  const paths: string[] = [];
  for (let one = path; one.length >= length; one = one.slice(0, one.lastIndexOf('\\'))) paths.unshift(one);
  return paths;
}
