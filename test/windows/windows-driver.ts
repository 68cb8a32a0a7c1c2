/** The machine numbers of a program's header (Microsoft, PE Format). */
const MACHINES = { x86: 0x14c, amd64: 0x8664, arm64: 0xaa64 } as const;

const HEADERS_AT = 0x80;

/** The head of a Windows driver as far as anybody looks at it: its processor, and whether it carries a signature. */
export function windowsDriver({
  architecture = 'amd64',
  isSigned = true,
}: {
  architecture?: keyof typeof MACHINES;
  isSigned?: boolean;
} = {}): Buffer {
  const file = Buffer.alloc(1024);
  file.write('MZ');
  file.writeUInt32LE(HEADERS_AT, 0x3c);
  file.write('PE\0\0', HEADERS_AT, 'latin1');
  file.writeUInt16LE(MACHINES[architecture], HEADERS_AT + 4);
  const optional = HEADERS_AT + 24;
  const directories = architecture === 'x86' ? 96 : 112;
  file.writeUInt16LE(architecture === 'x86' ? 0x10b : 0x20b, optional);
  file.writeUInt32LE(16, optional + directories - 4);
  if (isSigned) {
    file.writeUInt32LE(0x400, optional + directories + 4 * 8);
    file.writeUInt32LE(0x100, optional + directories + 4 * 8 + 4);
  }
  return file;
}
