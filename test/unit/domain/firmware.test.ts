import { describe, expect, it } from '@jest/globals';
import { readFirmware } from '../../../src/domain/firmware.ts';

const TYPE = "<type arch='x86_64' machine='q35'>hvm</type>";

describe('what brings a guest up', () => {
  it.each([
    ['nothing else said', TYPE],
    ['a BIOS image', `${TYPE}<loader type='rom'>/usr/share/seabios/bios.bin</loader>`],
    ['firmware that libvirt chooses, as long as it is no UEFI', `${TYPE}<loader/>`],
  ])('is a BIOS with %s', (_, os) => {
    expect(readFirmware(definition(`<os>${os}</os>`))).toEqual({ kind: 'bios' });
  });

  it.each([
    ['firmware that libvirt chooses', `<os firmware='efi'>${TYPE}</os>`],
    ['a loader in flash', `<os>${TYPE}<loader readonly='yes' type='pflash'>/fw/CODE.fd</loader></os>`],
    ['variables alone', `<os>${TYPE}<nvram>/var/lib/libvirt/qemu/nvram/web1_VARS.fd</nvram></os>`],
    ['an image without variables', `<os>${TYPE}<loader type='rom'>/usr/share/OVMF/OVMF.fd</loader></os>`],
  ])('is UEFI with %s', (_, os) => {
    expect(readFirmware(definition(os))).toEqual({ kind: 'uefi', architecture: 'x86_64' });
  });

  it('is the host where it hands over a kernel, whatever the firmware', () => {
    const os = `<os firmware='efi'>${TYPE}<kernel>/boot/vmlinuz</kernel><cmdline>root=/dev/vda1</cmdline></os>`;
    expect(readFirmware(definition(os))).toEqual({
      kind: 'host kernel',
      path: '/boot/vmlinuz',
      cmdline: 'root=/dev/vda1',
    });
  });
});

function definition(os: string): string {
  return `<domain type='kvm'>${os}<devices/></domain>`;
}
