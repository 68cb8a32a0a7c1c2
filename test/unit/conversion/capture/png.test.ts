import { describe, expect, it } from '@jest/globals';
import { PNG } from 'pngjs';
import { toPng } from '../../../../src/conversion/capture/png.ts';
import { ppm, redAndBlue } from './ppm-file.ts';

describe('a PPM becomes a PNG of the same pixels', () => {
  it.each([
    ['as QEMU writes it', 'P6\n2 1\n255\n'],
    ['with comments', 'P6 # made by hand\n# 9 9\n2#width\n#\n 1\n#maxval: 15\n255\n'],
    ['with every kind of white space', 'P6\t\r\n2\v1\f255 '],
  ])('%s', (_, header) => {
    const { width, height, data } = PNG.sync.read(toPng(ppm(header, redAndBlue)) ?? Buffer.alloc(0));
    expect({ width, height, data: [...data] }).toEqual({
      width: 2,
      height: 1,
      data: [255, 0, 0, 255, 0, 0, 255, 255], // the last of each pixel: not transparent
    });
  });

  it('with pixels that look like white space and comments', () => {
    const { data } = PNG.sync.read(toPng(ppm('P6\n2 1\n255\n', Buffer.from('\n#\n \t#'))) ?? Buffer.alloc(0));
    expect([...data]).toEqual([0x0a, 0x23, 0x0a, 255, 0x20, 0x09, 0x23, 255]);
  });

  it('with something behind its pixels, as a PPM of several pictures has', () => {
    const alone = toPng(ppm('P6\n2 1\n255\n', redAndBlue));
    expect(alone).toBeDefined();
    expect(toPng(ppm('P6\n2 1\n255\n', Buffer.concat([redAndBlue, redAndBlue])))).toEqual(alone);
  });

  it('of a whole screen', () => {
    const pixels = Buffer.alloc(1024 * 768 * 3, 7);
    const { width, height } = PNG.sync.read(toPng(ppm('P6\n1024 768\n255\n', pixels)) ?? Buffer.alloc(0));
    expect({ width, height }).toEqual({ width: 1024, height: 768 });
  });
});

describe('no picture is', () => {
  it.each([
    ['nothing', ''],
    ['a PPM that is cut short by a byte', ppm('P6\n2 1\n255\n', redAndBlue.subarray(1))],
    ['a PPM that ends within its header', 'P6\n2 1\n2'],
    ['a PPM that says it is huge', ppm('P6\n99999 99999\n255\n', redAndBlue)],
    ['a PPM of more digits than any screen has', ppm('P6\n000002 1\n255\n', redAndBlue)],
    ['a PPM whose size overflows', ppm('P6\n18446744073709551618 1\n255\n', redAndBlue)],
    ['a PPM without pixels', 'P6\n0 0\n255\n'],
    ['a PPM of negative size', ppm('P6\n-2 -1\n255\n', redAndBlue)],
    ['a PPM of 16 bits a colour', ppm('P6\n2 1\n65535\n', Buffer.concat([redAndBlue, redAndBlue]))],
    ['a PPM of few colours', ppm('P6\n2 1\n15\n', redAndBlue)],
    ['a PPM with an endless comment', `P6\n#${'x'.repeat(100_000)}`],
    ['a PPM that is all comments', `P6${'\n#'.repeat(50_000)}`],
    ['a PPM in letters', 'P3\n2 1\n255\n255 0 0 0 0 255\n'],
    ['a PGM', ppm('P5\n2 1\n255\n', redAndBlue)],
    ['a PPM behind something else', ppm(' P6\n2 1\n255\n', redAndBlue)],
    ['the beginning of a PNG signature', Buffer.from('\x89PNG\r\n', 'latin1')],
    ['text', 'no screens to take screenshot from'],
  ])('%s', (_, bytes) => {
    expect(toPng(Buffer.from(bytes))).toBeUndefined();
  });
});

it('a PNG stays as it is, to the letter', () => {
  const png = PNG.sync.write(new PNG({ width: 3, height: 2 }));
  expect(toPng(png)).toBe(png);
});
