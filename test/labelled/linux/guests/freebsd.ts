import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { writeFiles } from '../../../testbed/root-files.ts';
import type { LabelledGuest } from '../../labelled-guest.ts';
import { assembleDisk } from '../../partitioned-disk.ts';
import { guestDisks } from '../linux-guest.ts';
import type { LinuxStock } from '../linux-stock.ts';

const SIZE_MIB = 32;
const UFS = '516E7CB6-6ECF-11D6-8FF8-00022D09712B';

/** Nobody gets to see them: Linux finds no superblock where Debian's makefs puts it, so all that is told is `ufs`. */
const FILES = {
  '/etc/freebsd-update.conf': 'Components src world kernel\n',
  '/etc/fstab': '/dev/ada0p1\t/\tufs\trw\t1\t1\n',
};

/** A disk with FreeBSD's file system, whose fstab names the disk by its controller. */
export const freeBsd: LabelledGuest<LinuxStock> = {
  name: 'freebsd',
  machine: 'pc',
  label: { is: 'unknowable', known: 'by construction' },
  async build(folder) {
    const disk = join(folder, 'disk.raw');
    const draft = await mkdtemp(join(folder, 'draft-'));
    const [contents, volume] = [join(draft, 'contents'), join(draft, 'root.ufs')];
    await writeFiles(contents, FILES);
    await execa('makefs', ['-t', 'ffs', '-o', 'version=2', '-s', `${SIZE_MIB}m`, volume, contents]);
    await assembleDisk(disk, [{ image: volume, sizeMiB: SIZE_MIB, type: UFS }], 'gpt');
    await rm(draft, { recursive: true });
    return { disks: guestDisks('pc', [disk]) };
  },
};
