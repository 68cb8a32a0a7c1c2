import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { type FoundMenu, findBootMenus } from '../../../../src/preflight/linux/boot-menu.ts';
import { type Content, memoryFiles } from '../memory-files.ts';
import { debianGrub, fedoraHeader, grubEntry, grubEnvironment, grubHeader } from './grub-texts.ts';

describe("the boot loader's menu", () => {
  it.each([
    ['GRUB 2, as Debian has it', '/boot/grub/grub.cfg', debianGrub(['6.1'])],
    ['GRUB 2, as Red Hat and SUSE have it', '/boot/grub2/grub.cfg', debianGrub(['6.1'])],
    ['GRUB 2 on the EFI system partition', '/boot/efi/EFI/centos/grub.cfg', debianGrub(['6.1'])],
    ['GRUB 1', '/boot/grub/grub.conf', 'default=0\ntitle a\nkernel /vmlinuz-6.1 ro\n'],
    ['GRUB 1 with UEFI, as RHEL 6 has it', '/boot/efi/EFI/redhat/grub.conf', 'title a\nkernel /vmlinuz-6.1 ro\n'],
    ['GRUB 2 on the EFI system partition alone', '/efi/grub/grub.cfg', debianGrub(['6.1'])],
    ['GRUB 1 under its other name', '/boot/grub/menu.lst', 'title a\nkernel /vmlinuz-6.1 ro\n'],
    ['extlinux', '/boot/extlinux.conf', 'default a\nlabel a\nkernel /vmlinuz-6.1\n'],
    ['syslinux', '/boot/syslinux/syslinux.cfg', 'default a\nlabel a\nkernel /vmlinuz-6.1\n'],
  ])('is found for %s', async (_, file, text) => {
    const [menu, ...others] = await find({ [file]: text });
    expect(others).toEqual([]);
    expect(menu).toMatchObject({ file, isDefaultKnown: true, folder: file.replace(/\/[^/]*$/, '') });
    expect(menu?.entries.map(({ kernel }) => kernel)).toEqual(['/vmlinuz-6.1']);
  });

  it('is none where no boot loader is known', async () => {
    expect(await find({ '/boot/vmlinuz': 'x' })).toEqual([]);
  });

  it.each(['/etc/lilo.conf', '/boot/limine.conf', '/boot/efi/EFI/refind/refind.conf'])(
    'can not be told where there is also a loader that is not understood: %s',
    async (path) => {
      await expect(find({ '/boot/grub/grub.cfg': debianGrub(['6.1']), [path]: 'x' })).rejects.toThrow(path);
    },
  );

  it('has the default that grubenv beside it tells', async () => {
    const grub = debianGrub(['6.1', '5.10'], { wanted: 'saved' });
    const saved = grubEnvironment({ saved_entry: 'gnulinux-advanced>gnulinux-5.10-advanced' });
    const [menu] = await find({ '/boot/grub/grub.cfg': grub, '/boot/grub/grubenv': saved });
    expect(menu?.entries.map(({ kernel }) => kernel)).toEqual(['/vmlinuz-5.10']);
  });

  it('has all entries but those that start no Linux where the default can not be told', async () => {
    const others = 'menuentry "Memory test" {\nlinux16 /memtest86+.bin\n}\nmenuentry "Windows" {\nchainloader +1\n}\n';
    const [menu] = await find({
      '/boot/grub/grub.cfg': debianGrub(['6.1', '5.10'], { wanted: 'gone' }) + others,
    });
    expect(menu?.isDefaultKnown).toBe(false);
    expect(new Set(menu?.entries.map(({ kernel }) => kernel))).toEqual(new Set(['/vmlinuz-6.1', '/vmlinuz-5.10']));
  });

  it('has what the admin keeps in custom.cfg', async () => {
    const custom = `set default=own\n${grubEntry('Own', 'own', '9.9')}`;
    const [menu] = await find({ '/boot/grub/grub.cfg': debianGrub(['6.1']), '/boot/grub/custom.cfg': custom });
    expect(menu?.isDefaultKnown).toBe(false);
    expect(menu?.entries.map(({ kernel }) => kernel)).toContain('/vmlinuz-9.9');
  });

  it('is not told by an old one of another loader that lies beside it', async () => {
    const menus = await find({
      '/boot/grub/grub.cfg': debianGrub(['6.1']),
      '/boot/grub/menu.lst': 'title lenny\nkernel /vmlinuz-2.6.26\n',
    });
    expect(menus.map(({ file }) => file)).toEqual(['/boot/grub/grub.cfg']);
  });

  it('is that of the next loader where one has no entries', async () => {
    const files = {
      '/boot/grub/menu.lst': '# nothing\n',
      '/boot/extlinux.conf': 'default a\nlabel a\nkernel /vmlinuz\n',
    };
    expect((await find(files)).map(({ file }) => file)).toEqual(['/boot/extlinux.conf']);
  });

  it('is not looked for elsewhere where a grub.cfg is there that is not understood', async () => {
    const files = { '/boot/grub/grub.cfg': 'normal\n', '/boot/grub/menu.lst': 'title a\nkernel /vmlinuz\n' };
    await expect(find(files)).rejects.toThrow('/boot/grub/grub.cfg has no entry that is understood');
  });

  it('is two where the firmware decides between two', async () => {
    const menus = await find({
      '/boot/grub2/grub.cfg': debianGrub(['5.10']),
      '/boot/efi/EFI/centos/grub.cfg': debianGrub(['6.1']),
    });
    expect(menus.map(({ file }) => file)).toEqual(['/boot/grub2/grub.cfg', '/boot/efi/EFI/centos/grub.cfg']);
  });

  it('is one where both are the same, or one only leads to the other', async () => {
    const grub = debianGrub(['6.1']);
    const stub = 'search.fs_uuid 5f2c root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n';
    const same = { '/boot/grub2/grub.cfg': grub, '/boot/efi/EFI/centos/grub.cfg': grub };
    expect(await find(same)).toHaveLength(1);
    expect(await find({ '/boot/grub/grub.cfg': grub, '/boot/efi/EFI/debian/grub.cfg': stub })).toHaveLength(1);
  });

  it('is looked for under the names of known systems where folders can not be listed', async () => {
    const files = memoryFiles({ '/boot/efi/EFI/rocky/grub.cfg': debianGrub(['6.1']) }, { canList: false });
    expect(await findBootMenus(files)).toMatchObject([{ file: '/boot/efi/EFI/rocky/grub.cfg' }]);
  });

  it('can not be told where it is there and can not be read', async () => {
    const files = { '/boot/grub/grub.cfg': new UnreadableError('Permission denied') };
    await expect(find(files)).rejects.toThrow(new UnreadableError('Permission denied'));
  });
});

describe('a menu of the Boot Loader Specification', () => {
  const rhel8 = {
    '/boot/grub2/grub.cfg': `${fedoraHeader}if [ -z "\${kernelopts}" ]; then\n  set kernelopts="root=/dev/vg/fallback"\nfi\ninsmod blscfg\nblscfg\n`,
    '/boot/grub2/grubenv': grubEnvironment({
      saved_entry: 'id-5.14',
      kernelopts: 'root=/dev/vg/root ro',
      boot_success: '0',
    }),
    '/boot/loader/entries/id-5.14.conf':
      'title new\nlinux /vmlinuz-5.14\ninitrd /initramfs-5.14.img $tuned_initrd\noptions $kernelopts',
    '/boot/loader/entries/id-4.18.conf': 'title old\nlinux /vmlinuz-4.18\noptions $kernelopts',
  };

  it('starts the saved entry', async () => {
    expect(await find(rhel8)).toMatchObject([
      {
        isDefaultKnown: true,
        entries: [{ kernel: '/vmlinuz-5.14', initramfs: ['/initramfs-5.14.img'], args: 'root=/dev/vg/root ro' }],
      },
    ]);
  });

  it('has the saved entry even where folders can not be listed', async () => {
    const menus = await findBootMenus(memoryFiles(rhel8, { canList: false }));
    expect(menus).toMatchObject([{ isDefaultKnown: true, entries: [{ id: 'id-5.14' }] }]);
  });

  it.each([
    ['none is saved', { '/boot/grub2/grubenv': '' }],
    ['the saved one is gone', { '/boot/grub2/grubenv': grubEnvironment({ saved_entry: 'id-3.10' }) }],
    ['it is given by its number', { '/boot/grub2/grubenv': grubEnvironment({ saved_entry: '0' }) }],
    ['grub.cfg has a default of its own', { '/boot/grub2/grub.cfg': `${grubHeader('0')}blscfg\n` }],
    [
      'another one is due once',
      { '/boot/grub2/grubenv': grubEnvironment({ saved_entry: 'id-5.14', next_entry: 'id-4.18' }) },
    ],
  ])('may start any entry where %s', async (_, changed) => {
    const [menu] = await find({ ...rhel8, ...changed });
    expect(menu?.isDefaultKnown).toBe(false);
    expect(menu?.entries.map(({ id }) => id)).toEqual(['id-5.14', 'id-4.18']);
  });

  it('has no entry outside of its folder', async () => {
    const outside = {
      '/boot/loader/entries/../a.conf': 'linux /vmlinuz-9.9',
      '/boot/grub2/grubenv': grubEnvironment({ saved_entry: '../a' }),
    };
    const [menu] = await find({ ...rhel8, ...outside });
    expect(menu?.isDefaultKnown).toBe(false);
  });

  it('may start an entry of grub.cfg itself', async () => {
    const grub = `${fedoraHeader}blscfg\n${grubEntry('Own', 'own', '9.9')}`;
    const [menu] = await find({
      ...rhel8,
      '/boot/grub2/grub.cfg': grub,
      '/boot/grub2/grubenv': grubEnvironment({ saved_entry: 'own' }),
    });
    expect(menu).toMatchObject({ isDefaultKnown: true, entries: [{ kernel: '/vmlinuz-9.9' }] });
  });

  it('is not told where no entry is saved and folders can not be listed', async () => {
    const files = memoryFiles({ ...rhel8, '/boot/grub2/grubenv': '' }, { canList: false });
    await expect(findBootMenus(files)).rejects.toThrow("/boot/loader/entries can't be listed");
  });

  it('is not read where it has more entries than any system', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 101 }, (_, n) => [`/boot/loader/entries/${n}.conf`, 'linux /a']),
    );
    await expect(find({ ...many, '/boot/grub2/grub.cfg': 'blscfg\n' })).rejects.toThrow('too many entries');
  });

  it("is systemd-boot's without GRUB, with paths on its partition", async () => {
    expect(await find({ '/boot/efi/loader/entries/arch.conf': 'linux /vmlinuz-linux\n' })).toMatchObject([
      { isDefaultKnown: false, root: '/boot/efi', entries: [{ kernel: '/vmlinuz-linux' }] },
    ]);
  });

  it("is systemd-boot's or GRUB's where both are there", async () => {
    const files = {
      '/boot/grub/grub.cfg': debianGrub(['5.10']),
      '/boot/efi/loader/entries/debian.conf': 'linux /debian/6.1/linux\n',
    };
    expect((await find(files)).map(({ file }) => file)).toEqual(['/boot/grub/grub.cfg', '/boot/efi/loader/entries']);
  });

  it("is systemd-boot's or GRUB's where both are there, and share /boot", async () => {
    const files = {
      '/boot/grub/grub.cfg': debianGrub(['5.10']),
      '/boot/loader/entries/arch.conf': 'linux /vmlinuz-linux\n',
    };
    expect((await find(files)).map(({ file }) => file)).toEqual(['/boot/grub/grub.cfg']);
    expect((await find({ ...files, '/boot/loader/loader.conf': '' })).map(({ file }) => file)).toEqual([
      '/boot/grub/grub.cfg',
      '/boot/loader/entries',
    ]);
  });

  it('is not all there is where unified kernel images lie beside it', async () => {
    const files = { '/efi/loader/entries/a.conf': 'linux /vmlinuz', '/efi/EFI/Linux/arch.efi': 'MZ' };
    await expect(find(files)).rejects.toThrow('unified kernel images');
  });
});

function find(contents: Readonly<Record<string, Content>>): Promise<FoundMenu[]> {
  return findBootMenus(memoryFiles(contents));
}
