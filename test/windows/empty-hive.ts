const BLOCK_BYTES = 4096;
/** Where the cells of the first bin begin, counted from the end of the base block. */
const FIRST_CELL = 0x20;
const NONE = 0xffffffff;

/** The root may be read by everybody: the shortest security descriptor that there is. */
const SECURITY_DESCRIPTOR = Buffer.from('0100048000000000000000000000000000000000', 'hex');

/** A registry hive (regf) without anything but its root key, for hivexregedit to fill. */
export function emptyHive(): Buffer {
  const bin = Buffer.alloc(BLOCK_BYTES);
  bin.write('hbin', 0, 'latin1');
  bin.writeUInt32LE(BLOCK_BYTES, 8);
  const root = rootKey();
  const security = securityCell(FIRST_CELL + root.length);
  root.writeUInt32LE(FIRST_CELL + root.length, 4 + 0x2c);
  root.copy(bin, FIRST_CELL);
  security.copy(bin, FIRST_CELL + root.length);
  const rest = FIRST_CELL + root.length + security.length;
  bin.writeInt32LE(BLOCK_BYTES - rest, rest); // a free cell: its size is positive
  return Buffer.concat([baseBlock(), bin]);
}

/** Let a hive look as after a crash: Windows raises the first number before it writes, and the second one afterwards. */
export function makeDirty(hive: Buffer): Buffer {
  const dirty = Buffer.from(hive);
  dirty.writeUInt32LE(dirty.readUInt32LE(8) + 1, 4);
  dirty.writeUInt32LE(checksum(dirty), 0x1fc);
  return dirty;
}

function baseBlock(): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write('regf', 0, 'latin1');
  block.writeUInt32LE(1, 4); // the two sequence numbers are equal: it was written completely
  block.writeUInt32LE(1, 8);
  block.writeUInt32LE(1, 0x14); // version 1.3
  block.writeUInt32LE(3, 0x18);
  block.writeUInt32LE(1, 0x20);
  block.writeUInt32LE(FIRST_CELL, 0x24);
  block.writeUInt32LE(BLOCK_BYTES, 0x28);
  block.writeUInt32LE(1, 0x2c);
  block.writeUInt32LE(checksum(block), 0x1fc);
  return block;
}

function checksum(block: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < 0x1fc; offset += 4) sum ^= block.readUInt32LE(offset);
  return sum >>> 0;
}

function rootKey(): Buffer {
  const name = '$$$PROTO.HIV'; // what Windows' own installer calls it
  const key = cell(0x4c + name.length);
  key.write('nk', 4, 'latin1');
  key.writeUInt16LE(0x2c, 6); // root, may not be deleted, name in Latin 1
  for (const offset of [0x10, 0x1c, 0x20, 0x28, 0x30]) key.writeUInt32LE(NONE, 4 + offset);
  key.writeUInt16LE(name.length, 4 + 0x48);
  key.write(name, 4 + 0x4c, 'latin1');
  return key;
}

function securityCell(offset: number): Buffer {
  const security = cell(0x14 + SECURITY_DESCRIPTOR.length);
  security.write('sk', 4, 'latin1');
  security.writeUInt32LE(offset, 8); // a list of one
  security.writeUInt32LE(offset, 12);
  security.writeUInt32LE(1, 16);
  security.writeUInt32LE(SECURITY_DESCRIPTOR.length, 20);
  SECURITY_DESCRIPTOR.copy(security, 24);
  return security;
}

/** A cell in use: its size, negative and a multiple of eight, stands in front. */
function cell(bytes: number): Buffer {
  const size = Math.ceil((4 + bytes) / 8) * 8;
  const buffer = Buffer.alloc(size);
  buffer.writeInt32LE(-size, 0);
  return buffer;
}
