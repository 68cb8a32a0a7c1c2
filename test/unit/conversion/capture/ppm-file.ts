/** Two pixels. */
export const redAndBlue = Buffer.from([255, 0, 0, 0, 0, 255]);

/** A PPM of a header, its last white space included, and pixels. */
export function ppm(header: string, pixels: Buffer): Buffer {
  return Buffer.concat([Buffer.from(header), pixels]);
}
