import { type GuestFiles, orUnreadable, readText } from '../guest-files.ts';
import { shorten } from '../shorten.ts';
import { configLines } from './config-lines.ts';
import { unquote } from './device-path.ts';
import type { LinuxName } from './remedy.ts';

/** How a system calls itself (os-release(5)), where it was not told otherwise. Never throws for what the guest has. */
export async function identifySystem(files: GuestFiles, told: LinuxName): Promise<LinuxName> {
  if (told.id !== '') return told;
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const text = await orUnreadable(() => readText(files, path));
    if (typeof text !== 'string') continue;
    const settings = new Map(configLines(text).map((line) => [line.split('=')[0], unquote(line.replace(/^\w+=/, ''))]));
    const id = shorten(settings.get('ID') ?? '');
    if (id !== '') return { id, prettyName: shorten(settings.get('PRETTY_NAME') ?? id) };
  }
  return told;
}

/** Why what such a system boots with is not judged by these rules, or undefined where it is. */
export function whyNotJudged({ id, prettyName }: LinuxName): string | undefined {
  if (/bsd|dragonfly|solaris|illumos|omnios|smartos|haiku|minix|hurd/i.test(id))
    return `it runs ${prettyName}, no Linux`;
  // its initramfs is put together and loads its modules in a way of its own
  return id === 'nixos' ? `it runs ${prettyName}, which boots in a way of its own` : undefined;
}
