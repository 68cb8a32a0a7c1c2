import { describe, expect, it } from '@jest/globals';
import { cloneDefinition } from '../../../src/domain/clone.ts';
import { readDisks } from '../../../src/domain/disk.ts';
import { readDiskData } from '../../../src/domain/disk-data.ts';
import { parseDefinition, selectElements, selectText } from '../../../src/domain/xml.ts';
import { readGoldenCases, readGoldenDefinition } from '../../definitions/golden-cases.ts';

const ID = { name: 'clone', uuid: '00000000-0000-4000-8000-00000000c10e' };
const SCRATCH = { nvram: '/scratch/nvram.fd', console: '/scratch/console.log' };

function cloneOf(definition: string) {
  const targets = readDiskData(parseDefinition(definition)).map(({ target }) => target);
  const overlays = new Map(targets.map((target) => [target, `/scratch/${target}.qcow2`]));
  return cloneDefinition(definition, { ...ID, ...SCRATCH, overlays });
}

const guest = (devices: string, rest = ''): string =>
  `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>g</name><uuid>00000000-0000-4000-8000-000000000001</uuid><memory>1024</memory><os><type machine='q35'>hvm</type></os>${rest}<devices><disk type='file' device='disk'><source file='/images/g.qcow2'/><target dev='vda' bus='virtio'/></disk>${devices}</devices></domain>`;

const devicesOf = (text: string): string[] =>
  selectElements(parseDefinition(text), '/domain/devices/*').map(({ nodeName }) => nodeName);

describe('the clone of a guest', () => {
  it.each([
    ['a network card', "<interface type='bridge'><source bridge='br0'/></interface>", '1 network card'],
    ['a passed-through device', "<hostdev mode='subsystem' type='pci'/>", '1 passed-through device'],
    [
      'a shared folder',
      "<filesystem type='mount'><source dir='/srv'/><target dir='srv'/></filesystem>",
      '1 shared folder',
    ],
    ['shared memory', "<shmem name='other'/>", '1 shmem'],
    ['a socket to another', "<vsock model='virtio'><cid auto='yes'/></vsock>", '1 vsock'],
    [
      'a channel with a fixed socket',
      "<channel type='unix'><source path='/run/x'/><target type='virtio' name='org.x'/></channel>",
      '1 channel',
    ],
    [
      'memory in a file',
      "<memory model='nvdimm'><source><path>/tmp/nvdimm</path></source></memory>",
      '1 memory device',
    ],
    ["the host's keyboard", "<input type='evdev'><source dev='/dev/input/event1'/></input>", '1 input device'],
    [
      "the host's TPM",
      "<tpm model='tpm-crb'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>",
      '1 passed-through TPM',
    ],
    ['something that nobody knows yet', "<teleporter target='production'/>", '1 teleporter'],
  ])('goes without %s, and says so', (_, device, told) => {
    const { definition, leftOut } = cloneOf(guest(device));
    expect(devicesOf(definition)).toEqual(['disk']);
    expect(leftOut).toEqual([told]);
  });

  it('goes without a screen that others could reach, and without its password', () => {
    const { definition, leftOut } = cloneOf(
      guest("<graphics type='vnc' port='5901' passwd='secret'/><video><model type='qxl' ram='65536'/></video>"),
    );
    expect(devicesOf(definition)).toEqual(['disk', 'video']);
    expect(definition).not.toContain('secret');
    expect(definition).toContain('<model type="vga"/>');
    expect(leftOut).toEqual([]);
  });

  it('writes its first console to the scratch folder, and no other one anywhere', () => {
    const ports = ['serial', 'serial', 'console'].map(
      (name) =>
        `<${name} type='tcp'><source host='10.0.0.1' service='4555'/><log file='/var/log/x'/><target type='isa-serial'/></${name}>`,
    );
    const { definition } = cloneOf(guest(ports.join('')));
    const document = parseDefinition(definition);
    expect(selectElements(document, '//@type[. = "file"]/..').map(({ nodeName }) => nodeName)).toEqual([
      'disk',
      'serial',
    ]);
    expect(selectText(document, '/domain/devices/serial[1]/source/@path')).toBe('/scratch/console.log');
    expect(selectText(document, '/domain/devices/serial[2]/@type')).toBe('null');
    expect(definition).not.toMatch(/10\.0\.0\.1|\/var\/log/);
  });

  it('keeps its agent, on a socket of its own', () => {
    const channel = `<channel type='unix'><source mode='bind' path='/var/lib/x.sock'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>`;
    const { definition } = cloneOf(guest(channel));
    expect(devicesOf(definition)).toEqual(['disk', 'channel']);
    expect(definition).not.toContain('x.sock');
  });

  it('has its own variables, also where its guest has none yet', () => {
    for (const os of [
      "<os firmware='efi'><type machine='q35'>hvm</type></os>",
      "<os><type machine='q35'>hvm</type><loader type='pflash'>/OVMF</loader><nvram type='file'><source file='/vars'/></nvram></os>",
    ]) {
      const { definition } = cloneOf(guest('').replace(/<os>.*<\/os>/, os));
      expect(
        selectElements(parseDefinition(definition), '/domain/os/nvram').map(({ textContent }) => textContent),
      ).toEqual([SCRATCH.nvram]);
      expect(definition).not.toContain('/vars');
    }
    expect(cloneOf(guest('')).definition).not.toContain('nvram');
  });

  it('has a TPM without keys', () => {
    const { definition } = cloneOf(
      guest(
        "<tpm model='tpm-crb'><backend type='emulator' persistent_state='yes'><encryption secret='x'/></backend></tpm>",
      ),
    );
    expect(definition).not.toMatch(/persistent_state|encryption/);
  });

  it('has one screen, whatever it was for', () => {
    const screens = "<video><driver name='vhostuser'/><model type='qxl'/></video><video><model type='qxl'/></video>";
    const { definition } = cloneOf(guest(screens));
    expect(devicesOf(definition)).toEqual(['disk', 'video']);
    expect(definition).not.toMatch(/vhostuser|qxl/);
  });

  it('keeps nothing of a disk or of how it starts that is not known to stay within it', () => {
    const os = "<os><type machine='q35'>hvm</type><varstore path='/vars'/><teleporter/></os>";
    const text = guest(
      '',
      "<sysinfo type='smbios'><system><entry name='uuid'>u</entry><entry name='sku'>s</entry></system></sysinfo>",
    );
    const disk =
      '<throttlefilters/><iotune><group_name>all</group_name></iotune><teleporter/><serial>S1</serial><target';
    const { definition } = cloneOf(text.replace(/<os>.*<\/os>/, os).replace('<target', disk));
    expect(definition).not.toMatch(/varstore|teleporter|throttlefilters|group_name|name="uuid"/);
    expect(definition).toMatch(/<serial>S1<\/serial>/);
    expect(definition).toMatch(/<iotune><write_bytes_sec>\d+/);
    expect(definition).toContain('sku');
  });

  it('keeps no raw QEMU arguments, no tuning, and none of its actions against the host', () => {
    const { definition } = cloneOf(
      guest(
        "<watchdog model='i6300esb' action='dump'/>",
        "<on_crash>coredump-destroy</on_crash><memoryBacking><hugepages/></memoryBacking><cputune><vcpupin vcpu='0' cpuset='1'/></cputune><qemu:commandline><qemu:arg value='-chardev'/></qemu:commandline><seclabel type='static'/>",
      ),
    );
    expect(definition).not.toMatch(/coredump|hugepages|vcpupin|-chardev|static|dump/);
    expect(selectText(parseDefinition(definition), '/domain/on_crash')).toBe('preserve');
  });
});

describe.each(readGoldenCases().map((one) => [one.name, readGoldenDefinition(one, 'in')] as const))(
  'the clone of a real definition: %s',
  (_, text) => {
    it('has each hard disk, on its overlay, and nothing of where its guest keeps anything', () => {
      const { definition } = cloneOf(text);
      const before = parseDefinition(text);
      const after = parseDefinition(definition);
      const shape = (document: typeof after) =>
        readDisks(document)
          .filter(({ device }) => device === 'disk')
          .map(({ target, bus }) => [target, bus]);
      const withData = new Set(readDiskData(before).map(({ target }) => target));
      const expected = readDisks(before).filter(({ target }) => withData.has(target));
      expect(shape(after)).toEqual(expected.map(({ target, bus }) => [target, bus]));
      const sources = selectElements(after, '/domain/devices//source').flatMap(({ attributes }) =>
        Array.from(attributes).map(({ value }) => value),
      );
      expect(sources.filter((value) => !value.startsWith('/scratch/'))).toEqual([]);
      expect(definition).not.toMatch(/passwd=|<interface|<hostdev|<filesystem|<graphics|<auth/);
      expect(selectText(after, '/domain/name')).toBe(ID.name);
      expect(selectText(after, '/domain/uuid')).toBe(ID.uuid);
    });
  },
);
