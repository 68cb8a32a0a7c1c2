import { type BootEntry, type BootMenu, withoutDrive } from './boot-entries.ts';
import { configLines } from './config-lines.ts';

/** GRUB 1's menu (grub.conf, menu.lst): its default is the number of a title, whatever that title starts. */
export function readLegacyGrub(text: string): BootMenu {
  const [head = [], ...blocks] = splitAtTitles(configLines(text));
  const entries = blocks.map(readEntry);
  const wanted = head.map((line) => /^default(?:\s*=\s*|\s+)(\S+)/.exec(line)?.[1]).findLast(Boolean) ?? '0';
  const index = /^\d+$/.test(wanted) ? Number(wanted) : entries.length;
  return { entries, defaults: entries.slice(index, index + 1) };
}

function splitAtTitles(lines: readonly string[]): string[][] {
  const blocks: string[][] = [[]];
  for (const line of lines) {
    if (/^title(?:\s|$)/.test(line)) blocks.push([line]);
    else blocks.at(-1)?.push(line);
  }
  return blocks;
}

function readEntry([title = '', ...lines]: readonly string[]): BootEntry {
  const kernel = wordsOf(lines, 'kernel').filter((word) => !word.startsWith('--'));
  return {
    id: title.slice('title'.length).trim(),
    kernel: withoutDrive(kernel[0] ?? ''),
    initramfs: wordsOf(lines, 'initrd').map(withoutDrive),
    args: kernel.slice(1).join(' '),
  };
}

function wordsOf(lines: readonly string[], command: string): string[] {
  const [first, ...words] = lines.map((line) => line.split(/\s+/)).findLast(([word]) => word === command) ?? [];
  return first === undefined ? [] : words;
}
