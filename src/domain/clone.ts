import { cloneDevices } from './clone-devices.ts';
import {
  attribute,
  childElement,
  childElements,
  type Document,
  type Element,
  parseDefinition,
  removeElement,
  selectElements,
  serializeDefinition,
} from './xml.ts';

/** What a clone has instead of what its guest has. */
export interface CloneParts {
  readonly name: string;
  readonly uuid: string;
  /** The qcow2 overlay of each hard disk, by target name. A disk without one is left out. */
  readonly overlays: ReadonlyMap<string, string>;
  /** The file for its UEFI variables, where the guest has such. */
  readonly nvram: string;
  /** The file that its first serial port or console is written to. */
  readonly console: string;
}

/** A guest's definition made over for a throw-away clone. */
export interface Clone {
  readonly definition: string;
  /** What the clone goes without, for people: `2 network cards`. */
  readonly leftOut: readonly string[];
}

/**
 * All that a clone keeps of `<domain>`. What is not named here (tuning, backing of its memory, raw QEMU arguments, shared
 * resources, whatever libvirt learns in years to come) may reach something on the host, or be taken by its guest alone.
 */
const KEPT: ReadonlySet<string> = new Set([
  'name',
  'uuid',
  'genid',
  'memory',
  'currentMemory',
  'maxMemory',
  'vcpu',
  'vcpus',
  'iothreads',
  'iothreadids',
  'sysinfo',
  'os',
  'features',
  'cpu',
  'clock',
  'pm',
  'devices',
]);

/**
 * Given the definition that a guest is to boot from, that of a throw-away clone: on overlays of its disks, and with nothing
 * that reaches beyond it: no network, no device or folder of the host, no port, no password. Pure.
 * @throws VirtioizeError `definition-unreadable`
 */
export function cloneDefinition(text: string, parts: CloneParts): Clone {
  const definition = parseDefinition(text);
  const domain = definition.documentElement as Element;
  for (const element of childElements(domain)) if (!KEPT.has(element.nodeName)) removeElement(element);
  for (const name of ['id', 'xmlns:qemu']) domain.removeAttribute(name);
  setText(domain, 'name', parts.name);
  setText(domain, 'uuid', parts.uuid);
  endOnce(domain);
  cloneFirmware(definition, parts.nvram);
  // Its memory is its own, whatever backs that of its guest.
  for (const cell of selectElements(definition, '/domain/cpu/numa/cell')) cell.removeAttribute('memAccess');
  for (const info of childElements(domain, 'sysinfo')) if (attribute(info, 'type') === 'fwcfg') removeElement(info);
  // "UUID mismatch between <uuid> and <sysinfo>"
  for (const entry of selectElements(definition, "/domain/sysinfo/system/entry[@name='uuid']")) removeElement(entry);
  const devices = childElement(domain, 'devices');
  const leftOut = devices === undefined ? [] : cloneDevices(devices, parts);
  return { definition: serializeDefinition(definition), leftOut };
}

/** One that ends is over; one that crashes still shows its screen; one that reboots itself goes on. */
function endOnce(domain: Element): void {
  setText(domain, 'on_poweroff', 'destroy');
  setText(domain, 'on_reboot', 'restart');
  setText(domain, 'on_crash', 'preserve');
}

/** Files that are named in these are only read. */
const KEPT_OF_OS: ReadonlySet<string> = new Set([
  'type',
  'firmware',
  'loader',
  'nvram',
  'boot',
  'bootmenu',
  'smbios',
  'bios',
  'kernel',
  'initrd',
  'cmdline',
  'dtb',
  'acpi',
]);

/** A guest that was never started may have no file of variables yet: libvirt would make one, and leave it behind. */
function cloneFirmware(definition: Document, nvram: string): void {
  for (const element of selectElements(definition, '/domain/os/*'))
    if (!KEPT_OF_OS.has(element.nodeName)) removeElement(element);
  const os = selectElements(definition, "/domain/os[@firmware='efi' or loader/@type='pflash' or nvram]")[0];
  if (os === undefined || selectElements(os, "loader[@stateless='yes']").length > 0) return;
  setText(os, 'nvram', nvram);
  childElement(os, 'nvram')?.removeAttribute('type'); // else libvirt looks for a <source>
}

function setText(parent: Element, name: string, text: string): void {
  let element = childElement(parent, name);
  if (element === undefined) {
    element = (parent.ownerDocument as Document).createElement(name);
    parent.appendChild(element);
  }
  element.textContent = text;
}
