import { describe, expect, it } from '@jest/globals';
import { kernelRelease, versionInName } from '../../../../src/preflight/linux/kernel-image.ts';
import { kernelImage } from './linux-system.ts';

describe('a kernel image', () => {
  it.each(['6.1.0-13-amd64', '3.10.0-1160.el7.x86_64', '5.14.0-362.el9.x86_64+debug', '6.6.7-arch1-1', '6.1.0~rc1'])(
    'says which modules are its own: %s',
    (release) => {
      expect(kernelRelease(kernelImage(release))).toBe(release);
    },
  );

  it.each([
    ['without the mark of x86', Buffer.alloc(0x1000)],
    ['too short', kernelImage('6.1').subarray(0, 0x20f)],
    ['that was cut before its version', kernelImage('6.1').subarray(0, 0x3000)],
    ['without a version', withVersionAt(0)],
    ['whose version is beyond its end', withVersionAt(0xffff)],
    ['whose version is a path', kernelImage('../../etc/passwd')],
    ['whose version is empty', kernelImage('')],
    ['whose version has no end', kernelImage('6'.repeat(90))],
    ['compressed whole, as on other machines', Buffer.from([0x1f, 0x8b, 8, 0])],
  ])('does not say it %s', (_, image) => {
    expect(kernelRelease(image)).toBeUndefined();
  });

  function withVersionAt(offset: number): Buffer {
    const image = kernelImage('6.1');
    image.writeUInt16LE(offset, 0x20e);
    return image;
  }

  it.each([
    ['/boot/vmlinuz-6.1.0-13-amd64', '6.1.0-13-amd64'],
    ['/vmlinuz-4.18.0-425.el8.x86_64', '4.18.0-425.el8.x86_64'],
    ['/boot/vmlinux-5.3.18-default', '5.3.18-default'],
    ['/boot/kernel-5.10.27-gentoo', '5.10.27-gentoo'],
    ['/boot/Image-5.14.21', '5.14.21'],
    ['vmlinuz-6.1', '6.1'],
    ['/boot/vmlinuz-linux', undefined],
    ['/boot/vmlinuz-lts', undefined],
    ['/boot/vmlinuz', undefined],
    ['/vmlinuz-0-rescue-5f2c', undefined],
    ['/boot/vmlinuz-6.1/../../etc', undefined],
    ['/boot/vmlinuz-6.1 $(reboot)', undefined],
    ['/xen-4.17.gz', undefined],
  ])('may tell it by its name: %s', (path, version) => {
    expect(versionInName(path)).toBe(version);
  });
});
