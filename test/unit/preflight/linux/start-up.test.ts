import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { readStartUp } from '../../../../src/preflight/linux/start-up.ts';
import { type Content, memoryFiles } from '../memory-files.ts';

const UNREADABLE = new UnreadableError('no');

async function mountPoints(fstab: Content): Promise<string[] | undefined> {
  const { mountPoints: all } = await readStartUp(memoryFiles({ '/etc/fstab': fstab }));
  return all === undefined ? undefined : [...all];
}

async function askedFor(crypttab: Content): Promise<readonly string[] | undefined> {
  return (await readStartUp(memoryFiles({ '/etc/crypttab': crypttab }))).askedFor;
}

describe('what is mounted at boot', () => {
  it('is what fstab names, the root always, and neither swap nor what is mounted later', async () => {
    const fstab = [
      '# /etc/fstab: static file system information.',
      '',
      'UUID=a / ext4 errors=remount-ro 0 1',
      '\tUUID=b   /boot\text4 defaults 0 2',
      'UUID=c none swap sw 0 0',
      'UUID=c swap swap sw 0 0',
      '#UUID=d /old ext4 defaults 0 2',
      'UUID=e /mnt/usb ext4 defaults,noauto 0 0',
      'UUID=f /home xfs x-systemd.automount,nofail 0 0',
      'UUID=g /data xfs nofail',
      'UUID=h /srv',
    ].join('\n');
    expect(await mountPoints(fstab)).toEqual(['/', '/boot', '/data', '/srv']);
  });

  it('may have blanks in its name', async () => {
    expect(await mountPoints('UUID=a /srv/my\\040data\\011x\\134y ext4 defaults 0 0')).toEqual([
      '/',
      '/srv/my data\tx\\y',
    ]);
  });

  it('is the root alone where fstab is empty', async () => {
    expect(await mountPoints('')).toEqual(['/']);
  });

  it('can not be told where fstab is missing or unreadable', async () => {
    expect(await mountPoints(UNREADABLE)).toBeUndefined();
    expect((await readStartUp(memoryFiles({}))).mountPoints).toBeUndefined();
  });
});

describe('a passphrase is asked for', () => {
  it.each([
    ['with no key', 'data UUID=a', ['data']],
    ['with the key none', 'data UUID=a none luks,discard', ['data']],
    ['with the key -', 'data UUID=a - luks', ['data']],
    ['for each such volume', 'a UUID=a none\n# b UUID=b none\n\tc UUID=c none luks', ['a', 'c']],
    ['also where the boot goes on without it', 'data UUID=a none luks,nofail', ['data']],
  ])('%s', async (_, crypttab, expected) => {
    expect(await askedFor(crypttab)).toEqual(expected);
  });

  it.each([
    ['with a key file', 'data UUID=a /etc/keys/data.key luks'],
    ['with random keys for swap', 'swap /dev/vg/swap /dev/urandom swap,cipher=aes-xts-plain64'],
    ['with a program that fetches the key', 'data UUID=a none luks,keyscript=/lib/cryptsetup/scripts/x'],
    ['with a TPM', 'data UUID=a none luks,tpm2-device=auto'],
    ['with a security token', 'data UUID=a - fido2-device=auto'],
    ['with a smart card', 'data UUID=a - pkcs11-uri=auto'],
    ['that is not opened at boot', 'data UUID=a none luks,noauto'],
    ['in a comment', '# data UUID=a none'],
    ['in an empty file', ''],
  ])('by none %s', async (_, crypttab) => {
    expect(await askedFor(crypttab)).toEqual([]);
  });

  it('by none where there is no crypttab', async () => {
    expect((await readStartUp(memoryFiles({}))).askedFor).toEqual([]);
  });

  it('by who knows which where crypttab can not be read', async () => {
    expect(await askedFor(UNREADABLE)).toBeUndefined();
  });

  it('whether or not fstab can be read', async () => {
    const files = memoryFiles({ '/etc/fstab': UNREADABLE, '/etc/crypttab': 'data UUID=a none' });
    expect(await readStartUp(files)).toEqual({ mountPoints: undefined, askedFor: ['data'] });
  });
});
