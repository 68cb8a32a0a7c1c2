import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianKernel } from '../testbed/debian-kernel.ts';
import { buildGuestImage } from '../testbed/guest-image.ts';
import { inittab } from '../testbed/guest-scripts.ts';
import { guestXml } from '../testbed/guest-xml.ts';

/** Where the image lies on the playground's hypervisor. */
const IMAGES = '/var/lib/libvirt/images';
const NAME = 'web1';

/** Make the guest of docker/compose.yml: its disk and its definition, with a shell on its console, which needs no password. */
async function buildPlaygroundGuest(folder: string): Promise<void> {
  await buildGuestImage({
    path: join(folder, `${NAME}.qcow2`),
    format: 'qcow2',
    kernel: await debianKernel(),
    virtioBlk: true,
    agent: true,
    extraFiles: { '/etc/hostname': `${NAME}\n`, '/etc/inittab': `${inittab}ttyS0::respawn:-/bin/sh\n` },
  });
  const xml = guestXml({
    name: NAME,
    machine: 'pc',
    disks: [{ path: join(IMAGES, `${NAME}.qcow2`), format: 'qcow2', bus: 'ide', target: 'hda' }],
    agent: true,
    extraDevices: "<serial type='pty'/><console type='pty'/>",
  });
  await writeFile(join(folder, `${NAME}.xml`), xml);
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: playground-guest FOLDER');
await buildPlaygroundGuest(folder);
