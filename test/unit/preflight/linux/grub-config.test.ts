import { describe, expect, it } from '@jest/globals';
import { readGrubConfig, readGrubEnvironment } from '../../../../src/preflight/linux/grub-config.ts';
import { debianGrub, fedoraHeader, grubEntry, grubEnvironment, grubHeader } from './grub-texts.ts';

describe('what an entry of grub.cfg starts', () => {
  it('is its kernel, its command line and its initramfs images', () => {
    const text = `menuentry 'Debian' {
      load_video
      if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
      search --no-floppy --fs-uuid --set=root 5f2c
      linux\t/boot/vmlinuz-6.1.0-13-amd64 root=UUID=5f2c ro  quiet
      initrd\t/boot/intel-ucode.img /boot/initrd.img-6.1.0-13-amd64
    }`;
    expect(readGrubConfig(text, noEnvironment).entries).toEqual([
      {
        id: 'Debian',
        kernel: '/boot/vmlinuz-6.1.0-13-amd64',
        initramfs: ['/boot/intel-ucode.img', '/boot/initrd.img-6.1.0-13-amd64'],
        args: 'root=UUID=5f2c ro quiet',
      },
    ]);
  });

  it.each(['linux', 'linux16', 'linuxefi'])('is read from %s', (command) => {
    const initrd = command.replace('linux', 'initrd');
    const text = `menuentry "RHEL" { \n ${command} /vmlinuz-3.10 root=/dev/sda2\n ${initrd} /initramfs-3.10.img\n}`;
    expect(readGrubConfig(text, noEnvironment).entries).toMatchObject([
      { kernel: '/vmlinuz-3.10', args: 'root=/dev/sda2', initramfs: ['/initramfs-3.10.img'] },
    ]);
  });

  it('has no disk in front of its paths', () => {
    const text = entryOf('linux ($root)/vmlinuz ro\ninitrd (hd0,msdos1)/initrd.img');
    expect(readGrubConfig(text, noEnvironment).entries).toMatchObject([
      { kernel: '/vmlinuz', initramfs: ['/initrd.img'] },
    ]);
  });

  it('has the values of variables, and nothing for those that are not set', () => {
    const text = `set opts="root=UUID=5f2c rw"\n${entryOf(`linux /vmlinuz $opts \${vt_handoff} quiet`)}`;
    expect(readGrubConfig(text, noEnvironment).entries).toMatchObject([{ args: 'root=UUID=5f2c rw quiet' }]);
  });

  it('keeps the name of a variable whose value depends on what only GRUB sees', () => {
    const text = `if [ "$grub_platform" = "efi" ]; then set disk=/dev/sda2; else set disk=/dev/sda1; fi
      ${entryOf('linux /vmlinuz root=$disk')}`;
    expect(readGrubConfig(text, noEnvironment).entries).toMatchObject([{ args: 'root=$disk' }]);
  });

  it('is what Ubuntu tries first: without an initramfs, until that has failed', () => {
    const text = entryOf(`if [ "\${initrdfail}" = 1 ]; then
        linux /boot/vmlinuz-5.4.0-kvm root=PARTUUID=f6c3
        initrd /boot/initrd.img-5.4.0-kvm
      else
        linux /boot/vmlinuz-5.4.0-kvm root=PARTUUID=f6c3 panic=-1
      fi
      initrdfail`);
    expect(readGrubConfig(text, noEnvironment).defaults).toMatchObject([{ initramfs: [] }]);
    const failed = new Map([['initrdfail', '1']]);
    expect(readGrubConfig(text, failed).defaults).toMatchObject([{ initramfs: ['/boot/initrd.img-5.4.0-kvm'] }]);
  });

  it('is one of two where a condition inside decides that only GRUB can tell', () => {
    const text = entryOf('if [ -e /boot/new ]; then linux /vmlinuz-2\n else linux /vmlinuz-1\n fi');
    expect(readGrubConfig(text, noEnvironment).defaults.map(({ kernel }) => kernel)).toEqual([
      '/vmlinuz-2',
      '/vmlinuz-1',
    ]);
  });

  it('is nothing that is Linux where it loads another boot loader', () => {
    const text = `${entryOf('chainloader +1', 'Windows')}\n${entryOf('linux /vmlinuz')}`;
    expect(readGrubConfig(text, noEnvironment).defaults).toMatchObject([{ id: 'Windows', kernel: '' }]);
  });

  it('is not what a comment says', () => {
    const text = `# menuentry 'old' {\n${entryOf('# linux /vmlinuz-old root=/dev/sda1\nlinux /vmlinuz-6.1 ro # quiet')}`;
    expect(readGrubConfig(text, noEnvironment).entries).toMatchObject([{ kernel: '/vmlinuz-6.1', args: 'ro' }]);
  });

  it('goes on in the next line after a backslash', () => {
    const text = entryOf('linux /vmlinuz-6.1 \\\n  root=UUID=5f2c \\\n  ro');
    expect(readGrubConfig(text, noEnvironment).entries).toMatchObject([{ args: 'root=UUID=5f2c ro' }]);
  });
});

describe('the entry that GRUB starts by itself', () => {
  const menu = [
    grubEntry('Debian', 'simple', '6.1'),
    'submenu "Advanced options for Debian" $menuentry_id_option "gnulinux-advanced" {',
    grubEntry('Debian, with Linux 6.1', 'gnulinux-6.1-advanced', '6.1'),
    grubEntry('Debian, with Linux 5.10', 'gnulinux-5.10-advanced', '5.10'),
    '}',
    grubEntry('Rescue', 'rescue', '4.19'),
  ].join('\n');

  it.each([
    ['the first entry, by its number', '0', '/vmlinuz-6.1'],
    ['a later entry, with a submenu counted as one', '2', '/vmlinuz-4.19'],
    ['an entry of a submenu, by numbers', '1>1', '/vmlinuz-5.10'],
    ['an entry by its title', 'Rescue', '/vmlinuz-4.19'],
    ['an entry by its id', 'rescue', '/vmlinuz-4.19'],
    ['an entry of a submenu by titles', 'Advanced options for Debian>Debian, with Linux 5.10', '/vmlinuz-5.10'],
    ['an entry of a submenu by ids', 'gnulinux-advanced>gnulinux-5.10-advanced', '/vmlinuz-5.10'],
    ['the first entry of a submenu that is named alone', 'gnulinux-advanced', '/vmlinuz-6.1'],
    ['the first one where none is named', '', '/vmlinuz-6.1'],
  ])('is %s', (_, wanted, kernel) => {
    const { defaults } = readGrubConfig(grubHeader(wanted) + menu, noEnvironment);
    expect(defaults.map((entry) => entry.kernel)).toEqual([kernel]);
  });

  it.each([
    ['a title that no entry has (GRUB starts the first one, unless a file that was not read has it)', 'Gone'],
    ['an entry of a submenu without the submenu, which GRUB does not find', 'gnulinux-5.10-advanced'],
    ['a number beyond the menu', '7'],
    ['a name that begins with a digit, which some versions take for a number', '2nd'],
    ['a number in a notation of its own', '0x1'],
  ])('can not be told for %s', (_, wanted) => {
    expect(readGrubConfig(grubHeader(wanted) + menu, noEnvironment).defaults).toEqual([]);
  });

  it('is the saved one', () => {
    const { defaults } = readGrubConfig(grubHeader('saved') + menu, new Map([['saved_entry', 'rescue']]));
    expect(defaults).toMatchObject([{ kernel: '/vmlinuz-4.19' }]);
  });

  it('is the first one where none was saved', () => {
    expect(readGrubConfig(grubHeader('saved') + menu, noEnvironment).defaults).toMatchObject([
      { kernel: '/vmlinuz-6.1' },
    ]);
  });

  it.each([
    ['another one is due for the next boot only', 'next_entry', 'rescue'],
    ['the saved one is for the next boot only', 'prev_saved_entry', 'simple'],
    ['the environment is kept in a place of its own (btrfs on SUSE)', 'env_block', '512+1'],
  ])('can not be told where %s', (_, variable, value) => {
    const environment = new Map([
      ['saved_entry', 'simple'],
      [variable, value],
    ]);
    expect(readGrubConfig(grubHeader('saved') + menu, environment).defaults).toEqual([]);
  });

  it('is the first one where the default is unset again', () => {
    const text = `${grubHeader('rescue')}unset default\n${menu}`;
    expect(readGrubConfig(text, noEnvironment).defaults).toMatchObject([{ kernel: '/vmlinuz-6.1' }]);
  });

  it('is what is set last', () => {
    const text = `${grubHeader('0')}set default="rescue"\n${menu}`;
    expect(readGrubConfig(text, noEnvironment).defaults).toMatchObject([{ kernel: '/vmlinuz-4.19' }]);
  });

  it('can not be told where it is set under a condition that only GRUB can tell', () => {
    const text = `${grubHeader('0')}if cmostest 1:2; then\n  set default="rescue"\nfi\n${menu}`;
    expect(readGrubConfig(text, noEnvironment).defaults).toEqual([]);
  });

  it('can not be told where it is set in a loop', () => {
    const text = `${grubHeader('0')}for one in a rescue; do\n  set default=$one\ndone\n${menu}`;
    expect(readGrubConfig(text, noEnvironment).defaults).toEqual([]);
  });

  it("is not what EL7 and Debian set where the default is a title with an 'x' in front", () => {
    const text = `${grubHeader('saved')}${menu}
      if [ "x$default" = 'Debian' ]; then default='Advanced options for Debian>Debian'; fi;`;
    const { defaults } = readGrubConfig(text, new Map([['saved_entry', 'Debian']]));
    expect(defaults).toMatchObject([{ id: 'simple' }]);
  });

  it("is Fedora's second entry only once its boot counter has run out", () => {
    const text = fedoraHeader + grubEntry('new', 'new', '6.5') + grubEntry('old', 'old', '6.4');
    const start = (...environment: [string, string][]) =>
      readGrubConfig(text, new Map(environment)).defaults.map(({ kernel }) => kernel);
    expect(start()).toEqual(['/vmlinuz-6.5']);
    expect(start(['boot_success', '0'])).toEqual(['/vmlinuz-6.5']);
    expect(start(['boot_success', '0'], ['boot_counter', '0'])).toEqual(['/vmlinuz-6.4']);
  });

  it('is counted without a submenu that is there for snapshots only (openSUSE)', () => {
    const text = `${grubHeader('0')}
      if [ -n "$extra_cmdline" ]; then
        submenu "Bootable snapshot #$snapshot_num" {
          menuentry "If OK, run 'snapper rollback' and reboot." { true; }
        }
      fi
      ${menu}`;
    expect(readGrubConfig(text, noEnvironment).defaults).toMatchObject([{ kernel: '/vmlinuz-6.1' }]);
  });

  it('can be told by name, but not by number, behind an entry that may or may not be there', () => {
    const text = `if [ "$grub_platform" = "efi" ]; then\n${grubEntry('Firmware', 'fw', '1')}\nfi\n${menu}`;
    expect(readGrubConfig(`${grubHeader('0')}${text}`, noEnvironment).defaults).toEqual([]);
    expect(readGrubConfig(`${grubHeader('0')}${menu}\n${text}`, noEnvironment).defaults).toHaveLength(1);
    expect(readGrubConfig(`${grubHeader('rescue')}${text}`, noEnvironment).defaults).toHaveLength(1);
  });

  it('may come from a file that grub.cfg reads in turn', () => {
    const text = `${grubHeader('mine')}${menu}\nif [ -f \${config_directory}/custom.cfg ]; then
      source \${config_directory}/custom.cfg\nfi`;
    const { sources } = readGrubConfig(text, noEnvironment);
    expect(sources).toEqual(['$config_directory/custom.cfg']);
    const custom = new Map([[sources[0] ?? '', `set default=own\n${grubEntry('Own', 'own', '9.9')}`]]);
    const read = readGrubConfig(text, noEnvironment, custom);
    expect(read.entries.map(({ kernel }) => kernel)).toContain('/vmlinuz-9.9');
    expect(read.defaults).toEqual([]);
  });
});

describe('all entries of grub.cfg', () => {
  it('are those of its submenus too, and not the words of functions', () => {
    const { entries } = readGrubConfig(debianGrub(['6.1', '5.10']), noEnvironment);
    expect(entries.map(({ id }) => id)).toEqual([
      'gnulinux-simple',
      'gnulinux-6.1-advanced',
      'gnulinux-6.1-recovery',
      'gnulinux-5.10-advanced',
      'gnulinux-5.10-recovery',
      'uefi-firmware',
    ]);
  });

  it("may be the Boot Loader Specification's", () => {
    const text = `if [ -z "\${kernelopts}" ]; then\n  set kernelopts="root=/dev/vg/root ro"\nfi\nblscfg\n`;
    const config = readGrubConfig(text, noEnvironment);
    expect(config.usesLoaderEntries).toBe(true);
    expect(config.variables.get('kernelopts')).toBe('root=/dev/vg/root ro');
    expect(readGrubConfig(text, new Map([['kernelopts', 'ro']])).variables.get('kernelopts')).toBe('ro');
  });

  it.each([
    ['words without end', 'a'.repeat(1_000_000)],
    ['quotes without end', `"${'\\"'.repeat(500_000)}`],
    ['variables that double', `set a=xxxxxxxx\n${'set a=$a$a\n'.repeat(1000)}${entryOf('linux $a')}`],
    ['lines that a variable makes endless', `set a=${'x'.repeat(4000)}\n${entryOf(`linux ${'$a '.repeat(4000)}`)}`],
    ['menus without end', 'submenu a {\n'.repeat(80_000)],
    ['conditions without end', 'if [ a ]; then\n'.repeat(70_000)],
    ['negations without end', `if [ ${'! '.repeat(400_000)} ]; then`],
    ['entries without end', entryOf('linux /a').repeat(30_000)],
    ['files to read without end', 'source a b\nsource c\n'.repeat(40_000)],
  ])('are read or refused in little time, whatever a guest writes: %s', (_, text) => {
    const started = performance.now();
    const entries = entriesOrRefusal(text);
    expect(performance.now() - started).toBeLessThan(3000);
    expect(entries).toBeLessThan(2);
  });
});

describe("GRUB's environment", () => {
  it('is read up to its padding', () => {
    const text = grubEnvironment({ saved_entry: 'a=b', boot_success: '0', kernelopts: '', '# old': 'x' });
    expect([...readGrubEnvironment(text)].slice(0, 3)).toEqual([
      ['saved_entry', 'a=b'],
      ['boot_success', '0'],
      ['kernelopts', ''],
    ]);
    expect([...readGrubEnvironment(text).values()]).not.toContain('x');
  });

  it('is nothing, as for GRUB, without the line that it begins with', () => {
    expect(readGrubEnvironment('saved_entry=0\n').size).toBe(0);
    expect(readGrubEnvironment('').size).toBe(0);
  });
});

const noEnvironment = new Map<string, string>();

function entryOf(body: string, title = 'Linux'): string {
  return `menuentry '${title}' {\n${body}\n}\n`;
}

function entriesOrRefusal(text: string): number {
  try {
    return readGrubConfig(text, noEnvironment).entries.length;
  } catch (error) {
    expect(error).toMatchObject({ name: 'UnreadableError' });
    return 0;
  }
}
