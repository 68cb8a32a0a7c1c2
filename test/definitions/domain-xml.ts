/** What a test says of a disk; the rest is as libvirt prints it. */
export interface DiskSpec {
  readonly target: string;
  readonly bus: string;
  readonly device?: 'disk' | 'cdrom' | 'floppy' | 'lun';
  readonly source?: string;
  /** More children, e.g. `<wwn>..</wwn>`. */
  readonly inner?: string;
  /** More attributes of `<target>`. */
  readonly targetAttributes?: string;
  readonly driverAttributes?: string;
  /** The controller of a drive address. */
  readonly controller?: number;
  readonly unit?: number;
}

export interface DomainSpec {
  readonly name?: string;
  readonly uuid?: string;
  readonly type?: string;
  readonly machine?: string;
  readonly os?: string;
  readonly disks: readonly DiskSpec[];
  /** More children of `<devices>`. */
  readonly devices?: string;
  /** More children of `<domain>`. */
  readonly inner?: string;
}

/** A persistent definition as libvirt prints it, made of what matters to a test. */
export function domainXml({
  name = 'guest',
  uuid = '6f1ed5c8-3d02-4a6b-8f5c-000000000001',
  type = 'qemu',
  machine = 'pc-i440fx-7.2',
  os = "<boot dev='hd'/>",
  disks,
  devices = '',
  inner = '',
}: DomainSpec): string {
  return `<domain type='${type}'>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <memory unit='KiB'>65536</memory>
  <currentMemory unit='KiB'>65536</currentMemory>
  <vcpu placement='static'>1</vcpu>
  <os>
    <type arch='x86_64' machine='${machine}'>hvm</type>
    ${os}
  </os>
  <features>
    <acpi/>
  </features>${inner}
  <devices>
${disks.map((disk) => diskXml(disk)).join('\n')}${devices}
  </devices>
</domain>
`;
}

function diskXml(spec: DiskSpec): string {
  const { target, bus, device = 'disk', inner = '', targetAttributes = '', driverAttributes = '' } = spec;
  const source = spec.source ?? `/images/${target}.qcow2`;
  return `    <disk type='file' device='${device}'>
      <driver name='qemu' type='qcow2'${driverAttributes}/>
      <source file='${source}'/>
      <target dev='${target}' bus='${bus}'${targetAttributes}/>${inner}
      ${addressXml(spec)}
    </disk>`;
}

function addressXml({ bus, target, controller = 0, unit }: DiskSpec): string {
  const letter = target.charCodeAt(target.length - 1) - 97;
  if (bus === 'virtio')
    return `<address type='pci' domain='0x0000' bus='0x00' slot='0x${(letter + 8).toString(16).padStart(2, '0')}' function='0x0'/>`;
  if (bus === 'usb') return `<address type='usb' bus='0' port='${letter + 1}'/>`;
  const [bus_, unit_] = bus === 'ide' ? [Math.floor(letter / 2), letter % 2] : [0, letter];
  return `<address type='drive' controller='${controller}' bus='${bus_}' target='0' unit='${unit ?? unit_}'/>`;
}

export function scsiController(index: number, model: string): string {
  return `\n    <controller type='scsi' index='${index}' model='${model}'>\n      <address type='pci' domain='0x0000' bus='0x00' slot='0x${(index + 5).toString(16).padStart(2, '0')}' function='0x0'/>\n    </controller>`;
}
