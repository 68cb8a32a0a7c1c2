import type { DiskFormat } from './disk-image.ts';

type DiskBus = 'ide' | 'sata' | 'scsi' | 'usb' | 'virtio';

export interface GuestDisk {
  path: string;
  format: DiskFormat;
  bus: DiskBus;
  /** `hda`, `sda`, `vda` ... */
  target: string;
  device?: 'disk' | 'cdrom' | 'lun';
  /** The model of the bus's controller; default `lsilogic` for scsi and `qemu-xhci` for usb. The first disk of a bus counts. */
  controllerModel?: string;
  bootOrder?: number;
  /** Further attributes of `<driver>`, for example `{ cache: 'none' }`. */
  driver?: Record<string, string>;
  /** Further children of `<disk>`, as XML: `<serial>`, `<address>`, `<iotune>` ... */
  extra?: string;
}

export interface GuestXmlOptions {
  name: string;
  uuid?: string;
  machine: 'pc' | 'q35';
  /** Default: a BIOS. Secure Boot is on, with Microsoft's keys. Both take the machine `q35`. */
  firmware?: 'efi' | 'secure boot';
  /** The file with the firmware's variables; by default libvirt makes one at the first start. */
  nvram?: string;
  /** Default 192. */
  memoryMiB?: number;
  disks: GuestDisk[];
  /** Whether the machine has the guest agent's channel. */
  agent?: boolean;
  /** The file that gets what the guest writes to its first serial port; emptied at each start, unless it is kept. */
  serialLog?: string;
  keepsSerialLog?: boolean;
  /** Further children of `<devices>`, as XML. */
  extraDevices?: string;
  /** Further children of `<domain>`, as XML. */
  extra?: string;
  /** What becomes of a guest that powers itself off; default `destroy`. */
  onPoweroff?: string;
  /** A VNC server on a free port of the loopback interface. */
  graphics?: { password?: string };
}

/** Return the definition of a small guest under software emulation (type `qemu`), which boots from its first disk. */
export function guestXml(options: GuestXmlOptions): string {
  const { name, uuid, machine, memoryMiB = 192, onPoweroff = 'destroy', disks } = options;
  const ordered = disks.some((disk) => disk.bootOrder !== undefined);
  const hasSecureBoot = options.firmware === 'secure boot';
  return `<domain type='qemu'>
  <name>${escapeXml(name)}</name>
  ${uuid ? `<uuid>${uuid}</uuid>` : ''}
  <memory unit='MiB'>${memoryMiB}</memory>
  <vcpu>1</vcpu>
  <os${options.firmware ? " firmware='efi'" : ''}>
    <type arch='x86_64' machine='${machine}'>hvm</type>
    ${options.firmware ? firmwareFeatures(hasSecureBoot) : ''}
    ${options.nvram ? `<nvram>${escapeXml(options.nvram)}</nvram>` : ''}
    ${ordered ? '' : "<boot dev='hd'/>"}
  </os>
  <features><acpi/><apic/>${hasSecureBoot ? "<smm state='on'/>" : ''}</features>
  <clock offset='utc'/>
  <on_poweroff>${onPoweroff}</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    ${[...disks.map(diskXml), ...controllers(disks), ...otherDevices(options)].join('\n    ')}
  </devices>
  ${options.extra ?? ''}
</domain>
`;
}

function firmwareFeatures(hasSecureBoot: boolean): string {
  const enabled = hasSecureBoot ? 'yes' : 'no';
  const features = ['enrolled-keys', 'secure-boot'].map((name) => `<feature enabled='${enabled}' name='${name}'/>`);
  return `<firmware>${features.join('')}</firmware>`;
}

function diskXml(disk: GuestDisk): string {
  const driver = { name: 'qemu', type: disk.format, ...disk.driver };
  return [
    `<disk type='file' device='${disk.device ?? 'disk'}'>`,
    `<driver${attributes(driver)}/>`,
    `<source file='${escapeXml(disk.path)}'/>`,
    `<target dev='${disk.target}' bus='${disk.bus}'/>`,
    disk.device === 'cdrom' ? '<readonly/>' : '',
    disk.bootOrder === undefined ? '' : `<boot order='${disk.bootOrder}'/>`,
    disk.extra ?? '',
    '</disk>',
  ].join('');
}

/** libvirt adds the controllers of the other buses by itself, and a USB controller unless told not to. */
function controllers(disks: GuestDisk[]): string[] {
  const scsi = disks.find(({ bus }) => bus === 'scsi');
  const usb = disks.find(({ bus }) => bus === 'usb');
  const usbModel = usb ? (usb.controllerModel ?? 'qemu-xhci') : 'none';
  return [
    ...(scsi ? [`<controller type='scsi' index='0' model='${scsi.controllerModel ?? 'lsilogic'}'/>`] : []),
    `<controller type='usb' index='0' model='${usbModel}'/>`,
  ];
}

function otherDevices({ agent, serialLog, keepsSerialLog, graphics, extraDevices }: GuestXmlOptions): string[] {
  const append = keepsSerialLog ? " append='on'" : '';
  const password = graphics?.password === undefined ? '' : ` passwd='${escapeXml(graphics.password)}'`;
  return [
    ...(agent ? ["<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"] : []),
    ...(serialLog
      ? [`<serial type='file'><source path='${escapeXml(serialLog)}'${append}/><target port='0'/></serial>`]
      : []),
    ...(graphics ? [`<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'${password}/>`] : []),
    "<video><model type='vga'/></video>", // for screenshots
    "<memballoon model='none'/>",
    ...(extraDevices ? [extraDevices] : []),
  ];
}

function attributes(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}='${escapeXml(value)}'`)
    .join('');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;');
}
