import { UnreadableError } from '../guest-files.ts';

/** How much of a driver's file its headers take at most. */
export const PE_HEAD_BYTES = 4096;

export type Architecture = 'x86' | 'amd64' | 'arm64';

export interface PeImage {
  /** Undefined for a processor that no Windows guest has. */
  readonly architecture: Architecture | undefined;
  /** Whether it carries a certificate table; what the signature is worth is not checked. */
  readonly isSigned: boolean;
}

const MACHINES: Readonly<Record<number, Architecture>> = { 332: 'x86', 34404: 'amd64', 43620: 'arm64' };

/** Offsets of the data directories in the optional header, by its magic (PE Format, Optional Header). */
const DIRECTORIES: Readonly<Record<number, number>> = { 267: 96, 523: 112 };
const SECURITY_DIRECTORY = 4;

/**
 * Given the first bytes of a Windows program (Microsoft, PE Format), what its headers say; undefined where it is none.
 * @throws UnreadableError where the headers lie beyond what was read.
 */
export function readPeImage(head: Buffer): PeImage | undefined {
  if (head.length < 0x40 || head.toString('latin1', 0, 2) !== 'MZ') return undefined;
  const start = head.readUInt32LE(0x3c);
  if (start >= PE_HEAD_BYTES - 256) throw new UnreadableError('its headers are not where those of drivers are');
  if (start + 26 > head.length || head.toString('latin1', start, start + 4) !== 'PE\0\0') return undefined;
  const optionalHeader = start + 24;
  const directories = DIRECTORIES[head.readUInt16LE(optionalHeader)];
  if (directories === undefined) return undefined;
  const countAt = optionalHeader + directories - 4;
  const security = optionalHeader + directories + SECURITY_DIRECTORY * 8;
  if (security + 8 > head.length) return undefined;
  const hasDirectory = head.readUInt32LE(countAt) > SECURITY_DIRECTORY;
  return {
    architecture: MACHINES[head.readUInt16LE(start + 4)],
    isSigned: hasDirectory && head.readUInt32LE(security) > 0 && head.readUInt32LE(security + 4) > 0,
  };
}
