const FILE_ALIGNMENT = 0x200;
const HEADER_OFFSET = 0x80;
const OPTIONAL_BYTES = 0xf0;

/** IMAGE_DIRECTORY_ENTRY_SECURITY: where in the file its signatures stand. */
const SECURITY_DIRECTORY = 4;
const NATIVE = 1;

/**
 * A program for 64-bit Windows with one section that only returns, as inspectors take it for a kernel driver.
 * @param isSigned whether it has a table of certificates. What stands in it signs nothing.
 */
export function portableExecutable({ isSigned }: { readonly isSigned: boolean }): Buffer {
  const file = Buffer.alloc(2 * FILE_ALIGNMENT);
  file.write('MZ', 0, 'latin1');
  file.writeUInt32LE(HEADER_OFFSET, 0x3c);
  file.write('PE\0\0', HEADER_OFFSET, 'latin1');
  writeFileHeader(file.subarray(HEADER_OFFSET + 4));
  const optional = file.subarray(HEADER_OFFSET + 24);
  writeOptionalHeader(optional);
  writeSection(file.subarray(HEADER_OFFSET + 24 + OPTIONAL_BYTES));
  file.writeUInt8(0xc3, FILE_ALIGNMENT); // ret
  if (!isSigned) return file;
  const table = certificateTable();
  optional.writeUInt32LE(file.length, 0x70 + SECURITY_DIRECTORY * 8); // an offset in the file, unlike in the other entries
  optional.writeUInt32LE(table.length, 0x74 + SECURITY_DIRECTORY * 8);
  return Buffer.concat([file, table]);
}

function writeFileHeader(header: Buffer): void {
  header.writeUInt16LE(0x8664, 0); // x86-64
  header.writeUInt16LE(1, 2); // sections
  header.writeUInt16LE(OPTIONAL_BYTES, 16);
  header.writeUInt16LE(0x22, 18); // executable, large addresses
}

function writeOptionalHeader(header: Buffer): void {
  header.writeUInt16LE(0x20b, 0); // PE32+
  header.writeUInt32LE(FILE_ALIGNMENT, 4); // code
  header.writeUInt32LE(0x1000, 16); // entry point
  header.writeUInt32LE(0x1000, 20);
  header.writeBigUInt64LE(0x140000000n, 24);
  header.writeUInt32LE(0x1000, 32);
  header.writeUInt32LE(FILE_ALIGNMENT, 36);
  header.writeUInt16LE(6, 40); // for Windows 6.1 and later
  header.writeUInt16LE(1, 42);
  header.writeUInt16LE(6, 48);
  header.writeUInt16LE(1, 50);
  header.writeUInt32LE(0x2000, 56); // in memory
  header.writeUInt32LE(FILE_ALIGNMENT, 60);
  header.writeUInt16LE(NATIVE, 68);
  header.writeUInt32LE(16, 108); // directories
}

function writeSection(section: Buffer): void {
  section.write('.text', 0, 'latin1');
  section.writeUInt32LE(1, 8);
  section.writeUInt32LE(0x1000, 12);
  section.writeUInt32LE(FILE_ALIGNMENT, 16);
  section.writeUInt32LE(FILE_ALIGNMENT, 20);
  section.writeUInt32LE(0x60000020, 36); // code that may be read and run
}

/** One WIN_CERTIFICATE that says it is PKCS#7 data signed. */
function certificateTable(): Buffer {
  const signedData = Buffer.from('300b06092a864886f70d010702a00000', 'hex');
  const table = Buffer.alloc(8 + signedData.length);
  table.writeUInt32LE(table.length, 0);
  table.writeUInt16LE(0x200, 4);
  table.writeUInt16LE(2, 6);
  signedData.copy(table, 8);
  return table;
}
