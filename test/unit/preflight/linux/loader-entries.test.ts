import { describe, expect, it } from '@jest/globals';
import { readLoaderEntries } from '../../../../src/preflight/linux/loader-entries.ts';

const id = 'ffa1b2-4.18.0-425.el8.x86_64';

describe('an entry of the Boot Loader Specification', () => {
  it("has RHEL 8's variables filled in", () => {
    const variables = new Map([['kernelopts', 'root=/dev/mapper/rhel-root ro crashkernel=auto ']]);
    expect(readLoaderEntries(new Map([[id, rhel8]]), { variables, wanted: undefined }).entries).toEqual([
      {
        id,
        kernel: '/vmlinuz-4.18.0-425.el8.x86_64',
        initramfs: ['/initramfs-4.18.0-425.el8.x86_64.img'],
        args: 'root=/dev/mapper/rhel-root ro crashkernel=auto',
      },
    ]);
  });

  it('has the images that tuned adds', () => {
    const variables = new Map([['tuned_initrd', '/tuned-initrd.img']]);
    const { entries } = readLoaderEntries(new Map([[id, rhel8]]), { variables, wanted: undefined });
    expect(entries[0]?.initramfs).toEqual(['/initramfs-4.18.0-425.el8.x86_64.img', '/tuned-initrd.img']);
  });

  it("has all its images and options, as systemd-boot's may have several", () => {
    const text =
      'linux\t/vmlinuz-linux\ninitrd /amd-ucode.img\ninitrd /initramfs.img\noptions root=UUID=1\noptions rw\n';
    expect(readEntries({ arch: text }).entries).toEqual([
      { id: 'arch', kernel: '/vmlinuz-linux', initramfs: ['/amd-ucode.img', '/initramfs.img'], args: 'root=UUID=1 rw' },
    ]);
  });

  it('has no kernel where it starts an EFI program', () => {
    expect(readEntries({ shell: 'title Shell\nefi /shell.efi\n' }).entries).toMatchObject([{ kernel: '' }]);
  });

  it('is not made longer than a boot loader takes by its variables', () => {
    const variables = new Map([['a', 'x'.repeat(4000)]]);
    const files = new Map([['e', `linux /vmlinuz\noptions ${'$a '.repeat(1000)}`]]);
    expect(() => readLoaderEntries(files, { variables, wanted: undefined })).toThrow('longer line');
  });
});

describe('the default of the Boot Loader Specification', () => {
  it.each([
    ['its id', 'old'],
    ['its title', 'Red Hat Enterprise Linux (4.18.0-80.el8.x86_64) 8.0'],
  ])('is found by %s', (_, wanted) => {
    const title = 'title Red Hat Enterprise Linux (4.18.0-80.el8.x86_64) 8.0\n';
    expect(readEntries({ new: 'linux /new', old: `${title}linux /old` }, wanted).defaults).toMatchObject([
      { kernel: '/old' },
    ]);
  });

  it.each([undefined, '0', 'gone'])('can not be told for %j', (wanted) => {
    expect(readEntries({ new: 'linux /new', old: 'linux /old' }, wanted).defaults).toEqual([]);
  });
});

const rhel8 = `title Red Hat Enterprise Linux (4.18.0-425.el8.x86_64) 8.7 (Ootpa)
version 4.18.0-425.el8.x86_64
linux /vmlinuz-4.18.0-425.el8.x86_64
initrd /initramfs-4.18.0-425.el8.x86_64.img $tuned_initrd
options $kernelopts $tuned_params
id rhel-20221003-4.18.0-425.el8.x86_64
grub_users $grub_users
grub_arg --unrestricted
grub_class kernel
`;

function readEntries(texts: Readonly<Record<string, string>>, wanted?: string) {
  return readLoaderEntries(new Map(Object.entries(texts)), { variables: new Map(), wanted });
}
