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

/** By these, inspectors know it; no FreeBSD is in it. */
const FILES = {
  '/bin/freebsd-version': '#!/bin/sh\necho 14.0-RELEASE\n',
  '/boot/loader.conf': 'autoboot_delay="3"\n',
  '/etc/freebsd-update.conf': 'Components src world kernel\n',
  '/etc/fstab': '/dev/ada0p1\t/\tufs\trw\t1\t1\n',
  '/etc/master.passwd': 'root::0:0::0:0:Charlie &:/root:/bin/sh\n',
  '/etc/motd': 'FreeBSD 14.0-RELEASE (GENERIC)\n',
  '/etc/os-release':
    'NAME=FreeBSD\nVERSION="14.0-RELEASE"\nVERSION_ID="14.0"\nID=freebsd\nPRETTY_NAME="FreeBSD 14.0-RELEASE"\n',
  '/etc/rc.conf': 'hostname="testbed"\n',
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
