import { chmod, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { EMULATED_KERNEL_ARGS } from './emulated-kernel.ts';
import { emptyEnvironmentBlock, grubConfiguration } from './grub.ts';
import { guestAgentFolder } from './guest-agent.ts';
import type { GuestRecipe } from './guest-image.ts';
import { inittab, powerButton, rcS, shutdown } from './guest-scripts.ts';
import type { GuestKernel } from './kernel-files.ts';

const drivers = 'virtio_console button evdev isofs';

/** A system without anything that boots it. */
export interface UserlandOptions {
  recipe: Pick<GuestRecipe, 'fstab' | 'agent' | 'agentBlockedRpcs' | 'acpid' | 'writer'>;
  rootUuid: string;
  kernel: Pick<GuestKernel, 'version' | 'modulesFolder'>;
  busybox: string;
}

interface RootFilesOptions extends UserlandOptions {
  recipe: GuestRecipe;
  kernel: GuestKernel;
  initramfs: Buffer;
}

/** Fill a folder with the root file system of a small Debian: merged /usr, busybox as its userland, one kernel. */
export async function writeRootFiles(folder: string, options: RootFilesOptions): Promise<void> {
  const { recipe, kernel } = options;
  await writeUserland(folder, options);
  await writeFiles(folder, { ...debianFiles(options), ...(recipe.extraFiles ?? {}) });
  await writeFiles(folder, { [`/boot/initrd.img-${kernel.version}`]: options.initramfs });
  await cp(kernel.image, join(folder, 'boot', `vmlinuz-${kernel.version}`));
}

/** The same without /boot, and without saying what distribution it is. */
export async function writeUserland(folder: string, options: UserlandOptions): Promise<void> {
  const { recipe, kernel } = options;
  await makeMergedUsr(folder);
  await installBusybox(folder, options.busybox);
  await cp(kernel.modulesFolder, join(folder, 'usr/lib/modules', kernel.version), { recursive: true });
  if (recipe.agent) await cp(await guestAgentFolder(), folder, { recursive: true });
  await writeFiles(folder, systemFiles(options));
  for (const mountPoint of mountPoints(recipe.fstab ?? [])) await mkdir(join(folder, mountPoint), { recursive: true });
}

/** Write files given by absolute path within `folder`. What begins as a script does (`#!`) becomes executable. */
export async function writeFiles(folder: string, files: Record<string, string | Buffer>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    if (content.slice(0, 2).toString() === '#!') await chmod(file, 0o755);
  }
}

async function makeMergedUsr(folder: string): Promise<void> {
  const empty = ['dev', 'mnt', 'proc', 'root', 'run', 'sys', 'tmp', 'var/log'];
  for (const name of empty) await mkdir(join(folder, name), { recursive: true });
  await symlink('/run', join(folder, 'var/run'));
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(folder, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(folder, name));
  }
}

async function installBusybox(folder: string, busybox: string): Promise<void> {
  await cp(busybox, join(folder, 'usr/bin/busybox'));
  const { stdout } = await execa(busybox, ['--list']);
  const applets = stdout.split('\n').filter((applet) => applet !== 'busybox');
  await Promise.all(applets.map((applet) => symlink('busybox', join(folder, 'usr/bin', applet))));
  await symlink('../bin/busybox', join(folder, 'usr/sbin/init'));
}

/** What makes it a Debian that GRUB starts. */
function debianFiles({ recipe, rootUuid, kernel }: RootFilesOptions): Record<string, string> {
  const commandLine = kernelCommandLine(recipe, rootUuid);
  const { grubSavesEnvironment: savesEnvironment = false } = recipe;
  return {
    '/boot/grub/grub.cfg': grubConfiguration({
      kernelVersion: kernel.version,
      rootUuid,
      commandLine,
      savesEnvironment,
    }),
    ...(savesEnvironment ? { '/boot/grub/grubenv': emptyEnvironmentBlock } : {}),
    '/etc/default/grub': 'GRUB_DEFAULT=0\nGRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX=""\n',
    '/etc/os-release': debianRelease,
  };
}

function systemFiles({ recipe, rootUuid }: UserlandOptions): Record<string, string> {
  return {
    '/etc/acpi/PWRF/00000080': powerButton,
    '/etc/default/testbed': testbedSettings(recipe),
    '/etc/fstab': fstab(recipe, rootUuid),
    '/etc/group': 'root:x:0:\n',
    '/etc/hostname': 'testbed\n',
    '/etc/init.d/rcS': rcS,
    '/etc/inittab': inittab,
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
    '/usr/sbin/shutdown': shutdown,
  };
}

function kernelCommandLine(recipe: GuestRecipe, rootUuid: string): string {
  const root = recipe.root ?? `UUID=${rootUuid}`;
  // On a busy host a disk may take far longer than the usual 10 s to be there; one that never comes is no test's here.
  const patience = recipe.virtioBlk && recipe.root === undefined ? 'rootdelay=120' : undefined;
  const usual = `root=${root} ro quiet console=ttyS0 ${EMULATED_KERNEL_ARGS}`;
  return [usual, patience, recipe.kernelArgs].filter(Boolean).join(' ');
}

function testbedSettings({
  agent,
  agentBlockedRpcs = [],
  acpid = true,
  writer = false,
}: UserlandOptions['recipe']): string {
  return [
    `DRIVERS="${drivers}"`,
    `AGENT=${Number(agent)}`,
    `AGENT_BLOCKED="${agentBlockedRpcs.join(',')}"`,
    `ACPID=${Number(acpid)}`,
    `WRITER=${Number(writer)}`,
    '',
  ].join('\n');
}

/** The root's line is ours unless the recipe brings one. */
function fstab({ fstab: lines = [] }: UserlandOptions['recipe'], rootUuid: string): string {
  const hasRoot = lines.some((line) => line.split(/\s+/)[1] === '/');
  return [
    '# /etc/fstab: static file system information.',
    '#',
    '# <file system> <mount point>   <type>  <options>       <dump>  <pass>',
    '# / was on /dev/sda1 during installation',
    ...(hasRoot ? [] : [`UUID=${rootUuid} /               ext4    errors=remount-ro 0       1`]),
    ...lines,
    '',
  ].join('\n');
}

function mountPoints(fstabLines: readonly string[]): string[] {
  return fstabLines
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split(/\s+/)[1] ?? '')
    .filter((mountPoint) => mountPoint.startsWith('/'));
}

/** /etc/os-release of Debian 12. */
export const debianRelease = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`;
