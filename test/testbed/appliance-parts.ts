import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What Debian's libguestfs makes its appliance of. */
const INSTALLED = '/usr/lib/x86_64-linux-gnu/guestfs/supermin.d';
const LENSES = '/usr/share/augeas/lenses/dist';

/** The formats that libguestfs reads while it looks for a system (fstab, mdadm.conf, sysconfig), and what these are built of. */
const READ: ReadonlySet<string> = new Set(
  ['fstab', 'mdadm_conf', 'shellvars', 'build', 'quote', 'rx', 'sep', 'util'].map((name) => `${name}.aug`),
);

/**
 * Fill a folder that libguestfs makes its appliance of, with all that is installed but the formats that it never reads. Augeas
 * compiles every one that it finds before it reads the first file, two hundred of them, which is a fifth of an inspection
 * under emulation.
 */
export async function linkApplianceParts(folder: string): Promise<void> {
  const parts = join(folder, 'supermin.d');
  await mkdir(parts, { recursive: true });
  for (const name of await readdir(INSTALLED)) await symlink(join(INSTALLED, name), join(parts, name));
  const idle = (await readdir(LENSES)).filter((name) => name.endsWith('.aug') && !READ.has(name));
  await writeFile(join(parts, 'idle-lenses'), idle.map((name) => `-${LENSES}/${name}\n`).join(''));
}
