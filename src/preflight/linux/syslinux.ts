import type { BootEntry, BootMenu } from './boot-entries.ts';
import { configLines } from './config-lines.ts';

interface Section {
  readonly label: string;
  readonly lines: readonly string[];
}

/**
 * syslinux, extlinux and their kin (`LABEL`, `KERNEL` or `LINUX`, `INITRD`, `APPEND`). What they include is not read,
 * and as the default may stand there, no entry is told then.
 */
export function readSyslinux(text: string): BootMenu {
  const lines = configLines(text);
  if (lines.some((line) => /^(?:menu\s+)?(?:include|config)\s/i.test(line))) return { entries: [], defaults: [] };
  const [globals, ...sections] = splitAtLabels(lines);
  const entries = sections.map((section) => readEntry(section, globals.lines));
  const index = defaultIndex(globals.lines, sections);
  return { entries, defaults: index < 0 ? [] : entries.slice(index, index + 1) };
}

function splitAtLabels(lines: readonly string[]): [Section, ...Section[]] {
  const globals: { label: string; lines: string[] } = { label: '', lines: [] };
  const sections: (typeof globals)[] = [];
  for (const line of lines) {
    const label = /^label\s+(.+)$/i.exec(line)?.[1];
    if (label === undefined) (sections.at(-1) ?? globals).lines.push(line);
    else sections.push({ label, lines: [] });
  }
  return [globals, ...sections];
}

function readEntry({ label, lines }: Section, globals: readonly string[]): BootEntry {
  const kernel = settingOf(lines, /^(?:kernel|linux)\s+/i) ?? '';
  const appended = settingOf(lines, /^append\s+/i) ?? settingOf(globals, /^append\s+/i) ?? '';
  const args = appended === '-' ? '' : appended;
  const initramfs = settingOf(lines, /^initrd\s+/i) ?? /(?:^|\s)initrd=(\S+)/.exec(args)?.[1] ?? '';
  return {
    id: label,
    kernel: /\.(?:c32|com|cbt|bin|bss|0)$/i.test(kernel) ? '' : kernel,
    initramfs: initramfs.split(',').filter(Boolean),
    args,
  };
}

/** `ONTIMEOUT`, `DEFAULT` or `MENU DEFAULT`; a menu without any starts its first entry. */
function defaultIndex(globals: readonly string[], sections: readonly Section[]): number {
  const indexOf = (name: string | undefined): number =>
    sections.findIndex(({ label }) => label.toLowerCase() === name?.split(/\s/, 1)[0]?.toLowerCase());
  const all = [globals, ...sections.map(({ lines }) => lines)].flat();
  const timeout = settingOf(all, /^ontimeout\s+/i);
  if (timeout !== undefined) return indexOf(timeout);
  const named = settingOf(all, /^default\s+/i);
  const marked = sections.findIndex(({ lines }) => lines.some((line) => /^menu\s+default$/i.test(line)));
  const byName = indexOf(named);
  if (byName >= 0) return marked >= 0 && marked !== byName ? -1 : byName;
  const isMenu = /menu\.c32\b/i.test(named ?? settingOf(all, /^ui\s+/i) ?? '');
  return isMenu ? Math.max(marked, 0) : -1;
}

function settingOf(lines: readonly string[], key: RegExp): string | undefined {
  const line = lines.findLast((candidate) => key.test(candidate));
  return line?.replace(key, '').trim();
}
