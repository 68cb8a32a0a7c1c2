import { readFile, writeFile } from 'node:fs/promises';
import { EFI_VARIABLES } from './boot-on.ts';

/** gEfiAuthenticatedVariableGuid: the head of a store of variables (EDK II, MdeModulePkg's AuthenticatedVariableFormat.h). */
const STORE = guid('aaf32c78-947b-439a-a180-2e144ec37792');
const STORE_HEADER_BYTES = 28;
const GLOBAL_VARIABLE = guid('8be4df61-93ca-11d2-aa0d-00e098032b8c');
const NON_VOLATILE_AT_BOOT_AND_RUN_TIME = 7;

/** Where a boot entry leads to: a file on a partition of a GPT. */
export interface BootFile {
  readonly path: string;
  readonly partition: {
    readonly number: number;
    readonly uuid: string;
    readonly startMiB: number;
    readonly sizeMiB: number;
  };
  /** Whether the entry names the controller that the disk hangs on, as the firmware's own entries do. */
  readonly isByController: boolean;
}

/** Write UEFI variables with one boot entry, as an operating system's installer leaves them. */
export async function writeBootEntry(nvram: string, description: string, file: BootFile): Promise<void> {
  const store = await readFile(EFI_VARIABLES);
  const start = store.indexOf(STORE) + STORE_HEADER_BYTES;
  if (store.readUInt16LE(start) !== 0xffff) throw new Error(`${EFI_VARIABLES} has variables already`);
  const variables = [variable('Boot0007', bootEntry(description, file)), variable('BootOrder', Buffer.from([7, 0]))];
  Buffer.concat(variables).copy(store, start);
  await writeFile(nvram, store);
}

function variable(name: string, data: Buffer): Buffer {
  const nameBytes = Buffer.from(`${name}\0`, 'utf16le');
  const header = Buffer.alloc(60);
  header.writeUInt16LE(0x55aa, 0);
  header.writeUInt8(0x3f, 2); // it is there
  header.writeUInt32LE(NON_VOLATILE_AT_BOOT_AND_RUN_TIME, 4);
  header.writeUInt32LE(nameBytes.length, 36);
  header.writeUInt32LE(data.length, 40);
  GLOBAL_VARIABLE.copy(header, 44);
  const length = header.length + nameBytes.length + data.length;
  return Buffer.concat([header, nameBytes, data, Buffer.alloc((4 - (length % 4)) % 4, 0xff)]);
}

/** EFI_LOAD_OPTION (UEFI specification, 3.1.3). */
function bootEntry(description: string, file: BootFile): Buffer {
  const path = devicePath(file);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(1, 0); // active
  head.writeUInt16LE(path.length, 4);
  return Buffer.concat([head, Buffer.from(`${description}\0`, 'utf16le'), path]);
}

function devicePath({ path, partition, isByController }: BootFile): Buffer {
  return Buffer.concat([
    ...(isByController ? SATA_CONTROLLER : []),
    node(4, 1, partitionBytes(partition)),
    node(4, 4, Buffer.from(`${path.replaceAll('/', '\\')}\0`, 'utf16le')),
    node(0x7f, 0xff, Buffer.alloc(0)),
  ]);
}

/** `PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x0,0xFFFF,0x0)`: the first port of the controller that is part of a machine `q35`. */
const SATA_CONTROLLER = [
  node(2, 1, Buffer.from('d041030a00000000', 'hex')),
  node(1, 1, Buffer.from([0x02, 0x1f])),
  node(3, 18, Buffer.from('0000ffff0000', 'hex')),
];

function partitionBytes({ number, uuid, startMiB, sizeMiB }: BootFile['partition']): Buffer {
  const bytes = Buffer.alloc(38);
  bytes.writeUInt32LE(number, 0);
  bytes.writeBigUInt64LE(BigInt(startMiB) * 2048n, 4);
  bytes.writeBigUInt64LE(BigInt(sizeMiB) * 2048n, 12);
  guid(uuid).copy(bytes, 20);
  bytes.set([2, 2], 36); // a GPT, and its kind of signature
  return bytes;
}

function node(type: number, subtype: number, data: Buffer): Buffer {
  const head = Buffer.from([type, subtype, 0, 0]);
  head.writeUInt16LE(head.length + data.length, 2);
  return Buffer.concat([head, data]);
}

/** A GUID as EFI stores it: its first three parts with the lowest byte first. */
function guid(text: string): Buffer {
  const [first = '', second = '', third = '', ...rest] = text.split('-');
  const swapped = [first, second, third].map((part) => Buffer.from(part, 'hex').reverse());
  return Buffer.concat([...swapped, Buffer.from(rest.join(''), 'hex')]);
}
