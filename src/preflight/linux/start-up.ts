import { type GuestFiles, orUnreadable, readText, UnreadableError } from '../guest-files.ts';
import { configWords } from './config-lines.ts';

/** What a Linux system does with its volumes when it starts up. Undefined: that can't be told. */
export interface StartUp {
  /** Where file systems are mounted, the root included. */
  readonly mountPoints: ReadonlySet<string> | undefined;
  /** Encrypted volumes that somebody has to unlock at the console. */
  readonly askedFor: readonly string[] | undefined;
}

/** Read `/etc/fstab` and `/etc/crypttab`. Never throws for what the guest has. */
export async function readStartUp(files: GuestFiles): Promise<StartUp> {
  const fstab = await orUnreadable(() => readText(files, '/etc/fstab'));
  const crypttab = await orUnreadable(() => readText(files, '/etc/crypttab'));
  return {
    mountPoints: fstab instanceof UnreadableError || fstab === undefined ? undefined : mountedAtBoot(fstab),
    askedFor: crypttab instanceof UnreadableError ? undefined : askedForAtBoot(crypttab ?? ''),
  };
}

/** fstab(5): all that is not `noauto`, nor mounted at its first use. */
function mountedAtBoot(fstab: string): Set<string> {
  const entries = configWords(fstab).filter(([, , , options = '']) =>
    options.split(',').every((option) => option !== 'noauto' && option !== 'x-systemd.automount'),
  );
  const mountPoints = entries.map(([, mountPoint = '']) => unescapeBlanks(mountPoint));
  return new Set(['/', ...mountPoints.filter((mountPoint) => mountPoint.startsWith('/'))]);
}

/** fstab(5) writes a blank as `\040`. */
export function unescapeBlanks(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

/** What stands in for a passphrase: a security chip or token, or a program that fetches the key. */
const UNLOCKS_ITSELF = /^(?:tpm2-device|fido2-device|pkcs11-uri|keyscript)=/;

/** crypttab(5): a volume without a key file is asked for. */
function askedForAtBoot(crypttab: string): string[] {
  return configWords(crypttab).flatMap(([name = '', , key = 'none', options = '']) => {
    const words = options.split(',');
    const isAsked = (key === 'none' || key === '-') && !words.some((word) => UNLOCKS_ITSELF.test(word));
    return isAsked && !words.includes('noauto') ? [name] : [];
  });
}
