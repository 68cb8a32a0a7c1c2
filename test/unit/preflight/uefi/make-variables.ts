/** Device path nodes and variables as the UEFI specification lays them out. */

export function node(type: number, subType: number, body: Buffer): Buffer {
  const head = Buffer.from([type, subType, 0, 0]);
  head.writeUInt16LE(4 + body.length, 2);
  return Buffer.concat([head, body]);
}

export const END = node(0x7f, 0xff, Buffer.alloc(0));

/** `PciRoot(0x0)` and whatever the controller is. */
export const CONTROLLER = Buffer.concat([node(2, 1, Buffer.alloc(8)), node(3, 18, Buffer.alloc(6))]);

export const PARTITION_ID = 'adf95135-f9a3-4a5c-a224-634e103a6866';
const PARTITION_BYTES = Buffer.from('3551f9ada3f95c4aa224634e103a6866', 'hex');

/** `HD(1,GPT,...)` */
export function partition({ signature = PARTITION_BYTES, type = 2, number = 1 } = {}): Buffer {
  const body = Buffer.alloc(38);
  body.writeUInt32LE(number, 0);
  signature.copy(body, 20);
  body[36] = 2;
  body[37] = type;
  return node(4, 1, body);
}

export function file(path: string): Buffer {
  return node(4, 4, Buffer.from(`${path}\0`, 'utf16le'));
}

export function loadOption(path: readonly Buffer[], { description = 'debian', attributes = 1 } = {}): Buffer {
  const list = Buffer.concat([...path, END]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(attributes, 0);
  head.writeUInt16LE(list.length, 4);
  return Buffer.concat([head, Buffer.from(`${description}\0`, 'utf16le'), list, Buffer.from('optional data')]);
}

/** BootOrder or BootCurrent. */
export function numbers(...values: readonly number[]): Buffer {
  return Buffer.from(Uint16Array.from(values).buffer);
}

/** Variables as a running Linux shows them: by the path of their files. */
export function efivars(variables: Readonly<Record<string, Buffer>>): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, data]) => [
      `/sys/firmware/efi/efivars/${name}-8be4df61-93ca-11d2-aa0d-00e098032b8c`,
      Buffer.concat([Buffer.from([7, 0, 0, 0]), data]),
    ]),
  );
}
