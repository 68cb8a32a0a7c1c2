import { open } from 'node:fs/promises';

const METADATA_OFFSET = 0x10000;

/** INFORMATION_OFFSET_GUID, by which Windows 7 and later knows the boot sector for its own. */
const IDENTIFIER = Buffer.from('3bd667492e29d84a8399f6a339e3d001', 'hex');

/** Make a volume that libblkid takes for one that BitLocker has encrypted; nothing in it can be read. */
export async function makeBitLockerVolume(path: string, sizeMiB: number): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.truncate(sizeMiB * 1024 * 1024);
    await file.write(bootSector(), 0, 512, 0);
    await file.write(metadata(), 0, 512, METADATA_OFFSET);
  } finally {
    await file.close();
  }
}

function bootSector(): Buffer {
  const sector = Buffer.alloc(512);
  sector.set([0xeb, 0x58, 0x90]);
  sector.write('-FVE-FS-', 3, 'latin1');
  sector.writeUInt16LE(512, 0x0b);
  sector.writeUInt8(8, 0x0d);
  sector.writeUInt8(0xf8, 0x15);
  IDENTIFIER.copy(sector, 0xa0);
  for (const offset of [0xb0, 0xb8, 0xc0]) sector.writeBigUInt64LE(BigInt(METADATA_OFFSET), offset);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

function metadata(): Buffer {
  const block = Buffer.alloc(512);
  block.write('-FVE-FS-', 0, 'latin1');
  block.writeUInt16LE(64, 8);
  block.writeUInt16LE(2, 10); // version
  return block;
}
