import { type BootEntry, type BootMenu, withoutDrive } from './boot-entries.ts';
import { configLines } from './config-lines.ts';
import { expandWords, type GrubVariables } from './grub-words.ts';

/** What GRUB knows by the time it reads loader entries. */
export interface LoaderContext {
  readonly variables: GrubVariables;
  /** The id or title of the entry that it starts, where that can be told. */
  readonly wanted: string | undefined;
}

/**
 * Boot Loader Specification entries (`/boot/loader/entries/*.conf`), with GRUB's variables in them.
 * @param files file names without `.conf`, with their texts.
 */
export function readLoaderEntries(files: ReadonlyMap<string, string>, context: LoaderContext): BootMenu {
  const read = [...files].map(([id, text]) => readEntry(id, text, context.variables));
  const entries = read.map(({ entry }) => entry);
  const wanted = read.find(({ entry, title }) => entry.id === context.wanted || title === context.wanted);
  return { entries, defaults: wanted === undefined ? [] : [wanted.entry] };
}

function readEntry(id: string, text: string, variables: GrubVariables): { title: string; entry: BootEntry } {
  const lines = configLines(text).map((line) => /^(\S+)\s+(.*)$/.exec(line) ?? []);
  const values = (wanted: string): string[] => lines.flatMap(([, key, value = '']) => (key === wanted ? [value] : []));
  const words = (wanted: string): string[] =>
    expandWords(
      values(wanted).flatMap((value) => value.split(/\s+/)),
      variables,
    );
  const entry = {
    id,
    kernel: withoutDrive(words('linux')[0] ?? ''),
    initramfs: words('initrd').map(withoutDrive),
    args: words('options').join(' '),
  };
  return { title: values('title')[0] ?? '', entry };
}
