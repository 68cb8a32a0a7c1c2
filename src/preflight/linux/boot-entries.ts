/** What a boot loader would start: a kernel, its initramfs images and its command line. Paths as the loader sees them. */
export interface BootEntry {
  /** How the loader's configuration calls it. */
  readonly id: string;
  readonly kernel: string;
  readonly initramfs: readonly string[];
  readonly args: string;
}

/** A boot loader's configuration: its entries, and which it starts by itself (undefined: that can't be told). */
export interface BootMenu {
  readonly entries: readonly BootEntry[];
  readonly defaultEntry: BootEntry | undefined;
}

/**
 * GRUB 2's grub.cfg as its tools write it. Only what they write is understood: a menu made by scripts, or a default that
 * is chosen at run time, has no known default.
 * @param environment the variables of grubenv.
 */
export function readGrubConfig(text: string, environment: ReadonlyMap<string, string>): BootMenu {
  const entries: (BootEntry & { readonly path: string; readonly top: number })[] = [];
  const titles: string[] = [];
  let top = -1;
  let current: { id: string; title: string; kernel?: string; args: string; initramfs: string[] } | undefined;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    const opening = /^(menuentry|submenu)\s+(?:'([^']*)'|"([^"]*)"|(\S+))(.*)\{$/.exec(line);
    if (opening !== null) {
      const title = opening[2] ?? opening[3] ?? opening[4] ?? '';
      const id = /(?:\$menuentry_id_option|--id[= ])\s*['"]?([^'"\s]+)/.exec(opening[5] ?? '')?.[1] ?? title;
      if (titles.length === 0) top++;
      titles.push(id);
      current = opening[1] === 'menuentry' ? { id, title, args: '', initramfs: [] } : undefined;
    } else if (line === '}') {
      if (current?.kernel !== undefined) {
        entries.push({
          ...current,
          kernel: current.kernel,
          path: titles.join('>'),
          top: titles.length === 1 ? top : -1,
        });
      }
      titles.pop();
      current = undefined;
    } else if (current !== undefined) {
      const [command = '', ...words] = line.split(/\s+/);
      if (/^linux(?:16|efi)?$/.test(command))
        [current.kernel, current.args] = [words[0] ?? '', words.slice(1).join(' ')];
      if (/^initrd(?:16|efi)?$/.test(command)) current.initramfs.push(...words);
    }
  }
  const wanted = defaultOf(text, environment);
  const byTitle = entries.find(({ id, path }) => id === wanted || path === wanted);
  const defaultEntry = byTitle ?? entries.find(({ top: position }) => String(position) === wanted);
  return { entries, defaultEntry };
}

function defaultOf(text: string, environment: ReadonlyMap<string, string>): string | undefined {
  const values = [...text.matchAll(/^\s*set default=["']?([^"'\n]*?)["']?\s*$/gm)].map(([, value]) => value ?? '');
  if (environment.get('next_entry')) return undefined; // once only: what comes after it would be told by a second look
  const value = values.find((candidate) => candidate !== grubVariable('next_entry')) ?? '0';
  return value === grubVariable('saved_entry') ? environment.get('saved_entry') || '0' : value;
}

function grubVariable(name: string): string {
  return `\${${name}}`;
}

/** GRUB's environment block (grubenv): `name=value` lines, padded with `#`. */
export function readGrubEnvironment(text: string): Map<string, string> {
  return new Map(
    text
      .split('\n')
      .filter((line) => !line.startsWith('#') && line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** GRUB 1's menu (grub.conf, menu.lst). */
export function readLegacyGrub(text: string): BootMenu {
  const entries: BootEntry[] = [];
  for (const block of text.split(/^\s*title\s+/m).slice(1)) {
    const lines = block.split('\n').map((line) => line.trim());
    const kernel = lines.find((line) => /^kernel\s/.test(line))?.split(/\s+/);
    const initramfs =
      lines
        .find((line) => /^initrd\s/.test(line))
        ?.split(/\s+/)
        .slice(1) ?? [];
    if (kernel?.[1] !== undefined) {
      const stripDrive = (path: string): string => path.replace(/^\([^)]*\)/, '');
      entries.push({
        id: lines[0] ?? '',
        kernel: stripDrive(kernel[1]),
        initramfs: initramfs.map((path) => stripDrive(path)),
        args: kernel.slice(2).join(' '),
      });
    }
  }
  const index = /^\s*default[= ]\s*(\d+|saved)/m.exec(text)?.[1] ?? '0';
  return { entries, defaultEntry: index === 'saved' ? undefined : entries[Number(index)] };
}

/**
 * Boot Loader Specification entries (/boot/loader/entries/*.conf).
 * @param files file names without `.conf`, with their texts. @param environment the variables of grubenv.
 */
export function readLoaderEntries(
  files: ReadonlyMap<string, string>,
  environment: ReadonlyMap<string, string>,
): BootMenu {
  const entries = [...files].map(([id, text]) => {
    const values = (key: string): string[] =>
      [...text.matchAll(new RegExp(`^${key}[ \\t]+(.*?)\\s*$`, 'gm'))].map(([, value]) => value ?? '');
    const expand = (value: string): string =>
      value.replace(/\$(\w+)/g, (_, name: string) => environment.get(name) ?? '').trim();
    return {
      id,
      kernel: values('linux')[0] ?? '',
      initramfs: values('initrd')
        .flatMap((value) => expand(value).split(/\s+/))
        .filter((path) => path !== ''),
      args: values('options')
        .map((value) => expand(value))
        .join(' '),
    };
  });
  return { entries, defaultEntry: entries.find(({ id }) => id === environment.get('saved_entry')) };
}

/** syslinux, extlinux and its kin (`LABEL`, `KERNEL` or `LINUX`, `INITRD`, `APPEND`). */
export function readSyslinux(text: string): BootMenu {
  const entries: BootEntry[] = text
    .split(/^\s*label\s+/im)
    .slice(1)
    .map((block) => {
      const value = (key: string): string => new RegExp(`^\\s*(?:${key})\\s+(.*?)\\s*$`, 'im').exec(block)?.[1] ?? '';
      const args = value('append');
      const initramfs = value('initrd') || (/(?:^|\s)initrd=(\S+)/.exec(args)?.[1] ?? '');
      return {
        id: block.split(/\s/)[0] ?? '',
        kernel: value('kernel|linux'),
        initramfs: initramfs.split(',').filter(Boolean),
        args,
      };
    })
    .filter(({ kernel }) => kernel !== '');
  const wanted = /^\s*default\s+(\S+)/im.exec(text)?.[1];
  return { entries, defaultEntry: entries.find(({ id }) => id === wanted) };
}
