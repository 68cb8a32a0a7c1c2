/** Rows of pixels from the top, three bytes (red, green, blue) a pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

/** QEMU writes 15 bytes; comments have room, too. */
const MAX_HEADER_BYTES = 1024;

/** `P6 <width> <height> <maxval>` and one white space, with comments between (ppm(5)). */
const GAP = String.raw`(?:[ \t\r\n\v\f]|#[^\r\n]*[\r\n])+`;
const HEADER = new RegExp(String.raw`^P6${GAP}(\d{1,5})${GAP}(\d{1,5})${GAP}255[ \t\r\n\v\f]`);

/**
 * Parse a binary PPM of eight bits a colour. A size that the bytes do not bear out is no picture, so that nobody who
 * believes the header reserves memory for it.
 * @returns undefined where it is none, or cut short.
 */
export function parsePpm(bytes: Buffer): Picture | undefined {
  const header = HEADER.exec(bytes.toString('latin1', 0, MAX_HEADER_BYTES));
  if (header === null) return undefined;
  const [width, height] = [Number(header[1]), Number(header[2])];
  const data = bytes.subarray(header[0].length, header[0].length + width * height * 3);
  const isWhole = data.length === width * height * 3 && data.length > 0;
  return isWhole ? { width, height, data } : undefined;
}
