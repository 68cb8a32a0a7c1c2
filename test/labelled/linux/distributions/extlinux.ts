import type { Distribution } from '../linux-system.ts';
import { debian } from './debian.ts';

/** Debian started by extlinux, which needs no partitions. */
export const debianWithExtlinux: Distribution = {
  identity: debian.identity,
  kernelName: debian.kernelName,
  initramfsName: debian.initramfsName,
  menuFiles: ({ entries, chosen }) => ({
    'extlinux/extlinux.conf': [
      `default l${entries.indexOf(chosen)}`,
      'prompt 0',
      'timeout 0',
      ...entries.map(
        ({ version, kernel, initramfs, args }, index) =>
          `\nlabel l${index}\n\tmenu label Debian GNU/Linux, kernel ${version}\n\tlinux ${kernel}\n\tinitrd ${initramfs}\n\tappend ${args}`,
      ),
      '',
    ].join('\n'),
  }),
};
