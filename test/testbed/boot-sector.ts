import { writeFile } from 'node:fs/promises';

const SIZE_BYTES = 1024 * 1024;

/**
 * A program of one sector that the BIOS starts: it writes the second sector of its disk, waits for the next tick of the
 * clock (18 a second), and so on for ever. The tiniest system that uses its disk, on whatever bus.
 */
const WRITER = [
  [0x31, 0xc0], // xor ax, ax
  [0x8e, 0xd8], // mov ds, ax
  [0x8e, 0xc0], // mov es, ax
  [0xfb], // sti
  [0xbb, 0x00, 0x7e], // mov bx, 0x7e00
  [0xb8, 0x01, 0x03], // again: mov ax, 0x0301 (write one sector)
  [0xb9, 0x02, 0x00], // mov cx, 0x0002
  [0xb6, 0x00], // mov dh, 0
  [0x52], // push dx (dl: the disk that was booted from)
  [0xcd, 0x13], // int 0x13
  [0x5a], // pop dx
  [0xf4], // hlt
  [0xeb, 0xf1], // jmp again
].flat();

/** Make a raw disk that the BIOS boots from, and whose program writes to it for ever. */
export async function buildWriterDisk(path: string): Promise<void> {
  const disk = Buffer.alloc(SIZE_BYTES);
  disk.set(WRITER);
  disk.set([0x55, 0xaa], 510);
  await writeFile(path, disk);
}

/** Make a raw disk that nothing boots from. */
export async function buildBlankDisk(path: string): Promise<void> {
  await writeFile(path, Buffer.alloc(SIZE_BYTES));
}
