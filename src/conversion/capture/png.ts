import { PNG } from 'pngjs';
import { parsePpm } from './ppm.ts';

const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** PNG's number for three colours and no transparency. */
const RGB = 2;

/**
 * Given a screenshot as libvirt delivers it, the PNG: its own to the letter, or what a PPM shows.
 * @returns undefined where it is neither.
 */
export function toPng(screenshot: Buffer): Buffer | undefined {
  if (screenshot.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return screenshot;
  const picture = parsePpm(screenshot);
  if (picture === undefined) return undefined;
  // Without PNG's filters, which take three times as long and gain next to nothing on a console.
  const options = { colorType: RGB, inputColorType: RGB, inputHasAlpha: false, filterType: 0 } as const;
  return PNG.sync.write(Object.assign(new PNG(), picture), options);
}
