import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writeChunk } from '../../../../../src/inspect/documents/images/png-chunk.js';
import { drawPreview } from '../../../../../src/inspect/documents/preview/draw-preview.js';

const LIMITS = { maxPages: 20, maxPixels: 50_000_000 };
const WISH = { page: 0, maxWidth: 600, maxHeight: 850 };
const fixture = (name: string) =>
  readFileSync(new URL(`../../../../fixtures/documents/${name}`, import.meta.url));
const noDecoder = async (): Promise<Buffer> => {
  throw new Error('no decoder here');
};
const draw = (bytes: Buffer, wish = WISH, limits = LIMITS) => drawPreview(bytes, wish, limits, noDecoder);

describe('a preview', () => {
  it.each([
    ['pdf/text.pdf', 600, 849, 2],
    ['pdf/rotated.pdf', 600, 424, 1],
    ['images/words.png', 600, 87, 1],
    ['images/words.jpg', 600, 87, 1],
    ['images/words.bmp', 600, 87, 1],
    ['images/words-g4.tif', 600, 87, 1],
    ['images/two-pages.tif', 600, 87, 2],
  ])('is a PNG that fits: %s', async (name, width, height, pages) => {
    const preview = await draw(fixture(name));
    expect(preview).toMatchObject({ status: 'drawn', width, height, pages });
    if (preview.status !== 'drawn') return;
    const png = Buffer.from(preview.png);
    expect(png.toString('latin1', 1, 4)).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height]);
    // Drawn again, it is a picture like any other.
    expect(await draw(png)).toMatchObject({ status: 'drawn', width, height });
  });

  it('shows a picture once that other programs show turned', async () => {
    const png = fixture('images/words.png');
    const exif = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0', 'latin1');
    const turned = Buffer.concat([png.subarray(0, 33), writeChunk('eXIf', exif), png.subarray(33)]);
    expect(await draw(turned)).toMatchObject({ status: 'drawn', pages: 1 });
    expect(await draw(turned, { ...WISH, page: 1 })).toEqual({ status: 'no-page' });
  });

  it.each([
    ['a page too far', fixture('pdf/text.pdf'), { ...WISH, page: 2 }, LIMITS, 'no-page'],
    [
      'more pages than are drawn',
      fixture('pdf/text.pdf'),
      { ...WISH, page: 1 },
      { ...LIMITS, maxPages: 1 },
      'no-page',
    ],
    ['too many pixels', fixture('images/words.png'), WISH, { ...LIMITS, maxPixels: 1000 }, 'too-large'],
    ['a password', fixture('pdf/user-password.pdf'), WISH, LIMITS, 'encrypted'],
    ['a file that is cut off', fixture('pdf/text.pdf').subarray(0, 900), WISH, LIMITS, 'corrupt'],
    ['an image that is cut off', fixture('images/words.png').subarray(0, 20), WISH, LIMITS, 'corrupt'],
    ['hidden words behind transparency', fixture('images/animated.webp'), WISH, LIMITS, 'unsupported'],
    ['another kind', Buffer.from('just words'), WISH, LIMITS, 'unsupported'],
    ['HTML', Buffer.from('<html><script>alert(1)</script>'), WISH, LIMITS, 'unsupported'],
  ])('is refused: %s', async (_, bytes, wish, limits, status) => {
    expect(await draw(bytes, wish, limits)).toEqual({ status });
  });
});
