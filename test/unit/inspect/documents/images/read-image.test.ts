import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { READERS } from '../../../../../src/inspect/documents/images/index.js';
import { writeChunk } from '../../../../../src/inspect/documents/images/png-chunk.js';
import { type OcrResult, type ReaderContext, TooLarge } from '../../../../../src/inspect/documents/types.js';
import { watchProcessor } from '../../../../support/processor-time.js';
import { allText, fixture, readerContext, view } from '../ocr/reader-context.js';

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  tif: 'image/tiff',
  webp: 'image/webp',
  bmp: 'image/bmp',
  dcm: 'application/dicom',
};

function read(extension: string, bytes: Buffer, ocr?: ReaderContext['ocr']) {
  const reader = READERS[TYPES[extension] ?? ''];
  if (reader === undefined) throw new Error(`no reader of ${extension}`);
  return reader({ bytes }, readerContext(ocr));
}

const seen = async (): Promise<OcrResult> => ({ status: 'read', text: 'seen by OCR' });
const nothing = async (): Promise<OcrResult> => ({ status: 'read', text: '' });
const extensionOf = (name: string) => name.split('.').at(-1) ?? '';

/** Pictures given to OCR, as their first bytes and size. */
async function pictures(name: string): Promise<readonly string[]> {
  const heads: string[] = [];
  await read(extensionOf(name), fixture(`images/${name}`), async ({ bytes }) => {
    heads.push(bytes.toString('latin1', 0, 10));
    return nothing();
  });
  return heads;
}

describe('images', () => {
  it.each([
    'words.png',
    'words.jpg',
    'words.gif',
    'words.webp',
    'words.bmp',
    'words-none.tif',
    'words-lzw.tif',
    'words-zip.tif',
    'words-jpeg.tif',
    'words-g4.tif',
    'words-fax.tif',
    'words-packbits.tif',
  ])('are given to OCR: %s', async (name) => {
    const bytes = fixture(`images/${name}`);
    expect(await read(extensionOf(name), bytes)).toMatchObject({ status: 'unsupported', needsOcr: true });
    expect((await read(extensionOf(name), bytes, nothing)).status).toBe('no-text');
    const result = await read(extensionOf(name), bytes, seen);
    expect(result).toMatchObject({ status: 'read', oddities: [], children: [] });
    expect(view(result, 'ocr')).toBe('seen by OCR');
    expect((await read(extensionOf(name), bytes, async () => ({ status: 'timed-out' }))).status).toBe(
      'timed-out',
    );
  });

  it('are decoded here where the recogniser could not', async () => {
    for (const name of ['words.bmp', 'words-zip.tif', 'words-jpeg.tif']) {
      expect(await pictures(name)).toEqual(['P5\n620 90\n']);
    }
  });

  it('are drawn larger where their letters may be small', async () => {
    for (const name of ['words.png', 'text-chunks.png', 'words.jpg']) {
      const [first, second, ...more] = await pictures(name);
      expect(first, name).toMatch(/^P5\n1860 2/);
      // Nothing was found in it: then it is looked at as it is.
      expect(second, name).toMatch(/PNG|\xff\xd8/);
      expect(more, name).toEqual([]);
    }
  });

  it('are read frame by frame and page by page', async () => {
    expect(await pictures('animated.gif')).toHaveLength(2);
    expect(await pictures('animated.webp')).toHaveLength(2);
    // The first page is white all over.
    expect(await pictures('two-pages.tif')).toHaveLength(1);
  });

  const mirrorImage = (picture: Buffer): Buffer => {
    const [head = '', width = '0'] = /^P5\n(\d+) \d+\n255\n/.exec(picture.toString('latin1', 0, 32)) ?? [];
    const pixels = Buffer.from(picture.subarray(head.length));
    for (let at = 0; at < pixels.length; at += Number(width))
      pixels.subarray(at, at + Number(width)).reverse();
    return Buffer.concat([Buffer.from(head), pixels]);
  };
  const orientedJpeg = (orientation: number): Buffer => {
    const jpeg = fixture('images/words.jpg');
    const exif = Buffer.from(
      'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0.\0\0\0\0\0\0',
      'latin1',
    );
    exif[exif.indexOf('.')] = orientation;
    const segment = Buffer.concat([Buffer.of(0xff, 0xe1, 0, exif.length + 2), exif]);
    // Behind the Exif data that the picture has, before its frame.
    const frame = jpeg.lastIndexOf(Buffer.of(0xff, 0xdb));
    return Buffer.concat([jpeg.subarray(0, frame), segment, jpeg.subarray(frame)]);
  };
  const orientedTiff = (orientation: number): Buffer => {
    const tiff = Buffer.from(fixture('images/words-none.tif'));
    const at = tiff.indexOf(Buffer.of(0x12, 0x01, 3, 0, 1, 0, 0, 0), tiff.readUInt32LE(4));
    tiff.writeUInt16LE(orientation, at + 8);
    return tiff;
  };

  it.each([
    ['jpg', orientedJpeg],
    ['tif', orientedTiff],
  ] as const)('are not looked at in a mirror: %s', async (extension, oriented) => {
    const last = async (bytes: Buffer): Promise<Buffer> => {
      const given: Buffer[] = [];
      await read(extension, bytes, async (image) => {
        given.push(image.bytes);
        return nothing();
      });
      return given.at(-1) ?? Buffer.alloc(0);
    };
    const mirrored = await last(oriented(2));
    const turned = await last(oriented(4));
    expect(mirrored.length).toBeGreaterThan(1000);
    expect(turned.equals(mirrored)).toBe(false);
    if (extension === 'tif') expect(mirrorImage(await last(oriented(1))).equals(mirrored)).toBe(true);
    // Upside down is a mirror image that was turned by a half.
    const [head = ''] = /^P5\n\d+ \d+\n255\n/.exec(turned.toString('latin1', 0, 32)) ?? [];
    expect(Buffer.from(turned.subarray(head.length)).reverse().equals(mirrored.subarray(head.length))).toBe(
      true,
    );
  });

  /** Exif data with nothing but an orientation. */
  const exifOf = (orientation: number): Buffer =>
    Buffer.from([
      0x4d,
      0x4d,
      0,
      0x2a,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      orientation,
      0,
      0,
      0,
      0,
      0,
      0,
    ]);
  const orientedPng = (orientation: number, interlaced = 0): Buffer => {
    const png = fixture('images/words.png');
    const header = Buffer.from(png.subarray(16, 29));
    header[12] = interlaced;
    const chunks = [writeChunk('IHDR', header), writeChunk('eXIf', exifOf(orientation)), png.subarray(33)];
    return Buffer.concat([png.subarray(0, 8), ...chunks]);
  };
  const orientedWebp = (orientation: number): Buffer => {
    const picture = fixture('images/words.webp').subarray(12);
    const head = Buffer.from('VP8X\n\0\0\0\x08\0\0\0', 'latin1');
    const exif = exifOf(orientation);
    const size = picture.readUInt32LE(9);
    const canvas = Buffer.alloc(6);
    canvas.writeUIntLE(size & 0x3fff, 0, 3);
    canvas.writeUIntLE((size >>> 14) & 0x3fff, 3, 3);
    const chunk = Buffer.concat([Buffer.from('EXIF\0\0\0\0', 'latin1'), exif]);
    chunk.writeUInt32LE(exif.length, 4);
    const body = Buffer.concat([Buffer.from('WEBP'), head, canvas, picture, chunk]);
    const riff = Buffer.from('RIFF\0\0\0\0', 'latin1');
    riff.writeUInt32LE(body.length, 4);
    return Buffer.concat([riff, body]);
  };
  /** All that OCR is given of it. */
  const given = async (extension: string, bytes: Buffer): Promise<readonly Buffer[]> => {
    const images: Buffer[] = [];
    await read(extension, bytes, async (image) => {
      images.push(image.bytes);
      return nothing();
    });
    return images;
  };
  const sizeOf = (picture: Buffer | undefined): string =>
    /^P5\n(\d+ \d+)/.exec(picture?.toString('latin1', 0, 32) ?? '')?.[1] ?? '';

  it('are looked at as they are, and as their orientation says: png', async () => {
    const [, plain] = await given('png', orientedPng(1));
    const [large, stored, turned] = await given('png', orientedPng(6));
    expect(plain?.toString('latin1', 1, 4)).toBe('PNG');
    expect(sizeOf(large)).toMatch(/^1860 2\d\d$/);
    expect(sizeOf(stored)).toBe(sizeOf(large));
    expect(sizeOf(turned)).toBe(sizeOf(large).split(' ').reverse().join(' '));
    const mirrored = (await given('png', orientedPng(2))).at(-1);
    expect(large && mirrored && mirrorImage(large).equals(mirrored)).toBe(true);
    // Such pixels aren't turned here.
    expect((await read('png', orientedPng(6, 1), nothing)).status).toBe('unsupported');
    expect((await read('png', orientedPng(1, 1), nothing)).status).toBe('no-text');
  });

  it('are looked at as they are, and as their orientation says: webp', async () => {
    const [stored, turned, ...more] = await given('webp', orientedWebp(6));
    expect(more).toEqual([]);
    expect(stored?.includes('EXIF')).toBe(false);
    // The recogniser turns what says so in its first bytes.
    expect(turned?.subarray(0, 500).includes(Buffer.from([1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6]))).toBe(true);
    expect((await read('webp', orientedWebp(6), nothing)).status).toBe('no-text');
    // It knows no mirror.
    expect((await read('webp', orientedWebp(2), nothing)).status).toBe('unsupported');
    expect(await given('webp', orientedWebp(1))).toHaveLength(1);
  });

  /** A white bitmap with a black square, each pixel of 32 bits as the masks say. */
  const masked = (masks: readonly number[], white: number, black: number): Buffer => {
    const [width, height] = [48, 48];
    const bitmap = Buffer.alloc(14 + 108 + width * height * 4);
    bitmap.write('BM', 'latin1');
    bitmap.writeUInt32LE(bitmap.length, 2);
    bitmap.writeUInt32LE(14 + 108, 10);
    bitmap.writeUInt32LE(108, 14);
    bitmap.writeInt32LE(width, 18);
    bitmap.writeInt32LE(height, 22);
    bitmap.writeUInt16LE(1, 26);
    bitmap.writeUInt16LE(32, 28);
    bitmap.writeUInt32LE(3, 30);
    for (const [index, mask] of masks.entries()) bitmap.writeUInt32LE(mask, 54 + index * 4);
    for (let at = 0; at < width * height; at++) {
      const inside = at % width > 9 && at % width < 20 && at > width * 9 && at < width * 20;
      bitmap.writeUInt32LE(inside ? black : white, 14 + 108 + at * 4);
    }
    return bitmap;
  };
  const shades = (picture: Buffer | undefined): readonly number[] => [
    ...new Set(picture?.subarray(picture.indexOf('255\n') + 4)),
  ];

  it('have the colours that their masks say', async () => {
    // Red is the highest byte: without the mask, nothing differs but the opacity of the usual order.
    const red = masked([0xff000000, 0x00ff0000, 0x0000ff00, 0], 0xffffff00, 0x00ffff00);
    expect((await given('bmp', red)).map(shades)).toEqual([[255, 179]]);
    const few = masked([0xf800, 0x07e0, 0x001f, 0], 0xffff, 0);
    expect((await given('bmp', few)).map(shades)).toEqual([[255, 0]]);
    // All is black, and most of it isn't seen: plain pictures are given to nobody.
    const opaque = masked([0xff0000, 0xff00, 0xff, 0xff000000], 0, 0xff000000);
    expect((await given('bmp', opaque)).map(shades)).toEqual([[255, 0]]);
  });

  it('have more frames than are read: too large', async () => {
    const gif = fixture('images/words.gif');
    const body = gif.subarray(13 + 3 * 2 ** (((gif[10] ?? 0) & 7) + 1), gif.length - 1);
    const bytes = Buffer.concat([gif.subarray(0, gif.length - 1), body, body, body, Buffer.of(0x3b)]);
    expect((await read('gif', bytes, nothing)).status).toBe('too-large');
  });

  it('give the words that are kept beside the picture', async () => {
    const jpeg = allText(await read('jpg', fixture('images/words.jpg')));
    for (const canary of [
      'canary-exif Wilma',
      'canary-xpcomment',
      'canary-usercomment',
      'canary-xmp',
      'canary-iptc',
      'canary-comment',
    ]) {
      expect(jpeg).toContain(canary);
    }
    const png = allText(await read('png', fixture('images/text-chunks.png')));
    expect(png).toContain('canary-pngtext');
    expect(png).toContain('Title: canary-title');
  });

  it('are nothing to read when they are dots', async () => {
    expect(await read('gif', fixture('images/pixel.gif'), seen)).toMatchObject({
      status: 'no-text',
      texts: [],
    });
  });

  it('give what follows their end', async () => {
    const result = await read('png', fixture('images/trailing.png'), seen);
    expect(result.children.map((child) => child.bytes?.toString())).toEqual([
      'canary-attachment: Wilma Testperson\n',
    ]);
    expect(result.oddities).toEqual([]);
    for (const name of ['words.png', 'words.jpg', 'words.gif', 'words.webp', 'words.bmp', 'words-g4.tif']) {
      const bytes = Buffer.concat([fixture(`images/${name}`), Buffer.from('\n%PDF-1.7 and so on')]);
      const polyglot = await read(extensionOf(name), bytes, seen);
      expect(polyglot.oddities).toEqual(['data-after-image']);
      expect(polyglot.children[0]?.bytes?.toString('latin1')).toContain('%PDF-1.7');
    }
  });

  it('are not decoded when they are too large', async () => {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(50_000, 0);
    header.writeUInt32BE(50_000, 4);
    header.set([8, 0, 0, 0, 0], 8);
    const png = Buffer.concat([
      Buffer.from('89504e470d0a1a0a', 'hex'),
      writeChunk('IHDR', header),
      writeChunk('IDAT', deflateSync(Buffer.alloc(100_000))),
      writeChunk('IEND', Buffer.alloc(0)),
    ]);
    expect((await read('png', png, seen)).status).toBe('too-large');
    const bmp = Buffer.from(fixture('images/words.bmp'));
    bmp.writeInt32LE(50_000, 18);
    bmp.writeInt32LE(50_000, 22);
    expect((await read('bmp', bmp, seen)).status).toBe('too-large');
    const gif = Buffer.from(fixture('images/words.gif'));
    gif.writeUInt16LE(60_000, 6);
    gif.writeUInt16LE(60_000, 8);
    expect((await read('gif', gif, seen)).status).toBe('too-large');
  });

  it('are corrupt when they are cut off', async () => {
    for (const name of ['words.png', 'words.jpg', 'words.gif', 'words.webp', 'words.bmp']) {
      const bytes = fixture(`images/${name}`);
      const cut = bytes.subarray(0, Math.floor(bytes.length * 0.8));
      const status = await read(extensionOf(name), cut, seen).then(
        (result) => result.status,
        () => 'corrupt',
      );
      expect(status, name).toBe('corrupt');
    }
  });

  it('are unsupported when they are transparent in a way the decoder drops', async () => {
    expect((await read('webp', fixture('images/animated.webp'), seen)).status).toBe('unsupported');
  });

  it('never take long or end in surprise when bytes are changed', async () => {
    for (const name of [
      'words.jpg',
      'words.gif',
      'words.webp',
      'words.bmp',
      'words-fax.tif',
      'implicit.dcm',
    ]) {
      const whole = fixture(`images/${name}`);
      for (let round = 0; round < 40; round++) {
        const bytes = Buffer.from(whole);
        const at = (round * 131) % Math.min(bytes.length, 1500);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (round % 8));
        const result = await read(extensionOf(name), bytes, seen).catch((error: unknown) => error);
        expect(result).toSatisfy((one: unknown) => one instanceof Error || 'status' in Object(one));
      }
    }
  });
});

describe('DICOM', () => {
  it.each(['explicit.dcm', 'implicit.dcm'])(
    'gives the tags of %s, and says that its picture is unread',
    async (name) => {
      const result = await read('dcm', fixture(`images/${name}`));
      expect(result.status).toBe('read');
      expect(view(result, 'text')).toContain('Patient name: Testperson Wilma');
      expect(view(result, 'text')).toContain('Patient ID: MRN-4471902');
      expect(view(result, 'text')).toContain('Date of birth: 1964-02-29');
      expect(view(result, 'text')).toContain('canary-nested');
      expect(result.children).toEqual([{ fileName: 'pixel data', status: 'unsupported' }]);
    },
  );

  it('is corrupt where it breaks off', async () => {
    const whole = fixture('images/explicit.dcm');
    expect((await read('dcm', whole.subarray(0, whole.length - 3))).status).toBe('corrupt');
  });

  const element = (tag: number, kind: string, value: Buffer): Buffer => {
    const long = kind === 'SQ' || kind === '';
    const head = Buffer.alloc(kind === 'SQ' ? 12 : 8);
    head.writeUInt16LE(tag >>> 16, 0);
    head.writeUInt16LE(tag & 0xffff, 2);
    if (long) head.writeUInt32LE(value.length, head.length - 4);
    else head.writeUInt16LE(value.length, 6);
    head.write(kind, 4, 'latin1');
    return Buffer.concat([head, value]);
  };
  const endOfItem = element(0xfffee00d, '', Buffer.alloc(0));
  const hidden = Buffer.concat([endOfItem, element(0x00100020, 'LO', Buffer.from('MRN-0099'))]);
  const dicom = (...elements: readonly Buffer[]): Buffer =>
    Buffer.concat([
      Buffer.alloc(128),
      Buffer.from('DICM'),
      element(0x00020010, 'UI', Buffer.from('1.2.840.10008.1.2.1\0')),
      element(0x00100010, 'PN', Buffer.from('Testperson')),
      ...elements,
    ]);

  it.each([
    ['between tags', dicom(hidden)],
    ['within an item', dicom(element(0x00101002, 'SQ', element(0xfffee000, '', hidden)))],
    ['within a sequence', dicom(element(0x00101002, 'SQ', hidden))],
  ])('is corrupt where a stray mark of an end hides what follows it %s', async (_name, bytes) => {
    expect((await read('dcm', bytes)).status).toBe('corrupt');
  });

  const unknown = (tag: number, value: Buffer): Buffer => {
    const head = element(tag, 'SQ', value).subarray(0, 12);
    head.write('UN', 4, 'latin1');
    return Buffer.concat([head, value]);
  };
  const implicit = (tag: number, value: Buffer): Buffer => element(tag, '', value);
  const item = (value: Buffer): Buffer => implicit(0xfffee000, value);

  it.each([
    [
      'a sequence whose kind was lost',
      unknown(0x0040a730, item(implicit(0x0040a160, Buffer.from('MRN-0099')))),
    ],
    [
      'a sequence whose kind was lost, coded otherwise',
      unknown(0x0040a730, item(element(0x0040a160, 'LO', Buffer.from('MRN-0099')))),
    ],
    ['a short value with zeros in it', unknown(0x00110010, Buffer.from('\0\x01MRN-0099\0\0', 'latin1'))],
    ['a value in UTF-16', unknown(0x00110010, Buffer.from('MRN-0099', 'utf16le'))],
  ])('gives the words of %s', async (_name, bytes) => {
    const result = await read('dcm', dicom(bytes));
    expect(result.status).toBe('read');
    expect(view(result, 'text')).toContain('MRN-0099');
  });

  it.each([
    ['ISO_IR 144', '\xbf\xd5\xe2\xe0\xde\xd2^Wilma', 'Петров Wilma'],
    ['ISO_IR 192', Buffer.from('Müller^Wilma').toString('latin1'), 'Müller Wilma'],
    ['\\ISO 2022 IR 149', 'Hong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7', 'Hong 洪 吉洞'],
    ['\\ISO 2022 IR 87', 'Yamada=\x1b$B;3ED\x1b(B', 'Yamada 山田'],
    ['GB18030', '\xcd\xf5^Wilma ', '王 Wilma'],
  ])('gives names in the character set %s', async (charset, name, shown) => {
    const set = element(0x00080005, 'CS', Buffer.from(charset, 'latin1'));
    const patient = element(0x00100010, 'PN', Buffer.from(name, 'latin1'));
    expect(view(await read('dcm', dicom(set, patient)), 'text')).toContain(`Patient name: ${shown}`);
  });

  const charset = (name: string) => element(0x00080005, 'CS', Buffer.from(name, 'latin1'));
  const cyrillic = element(0x00100010, 'PN', Buffer.from('\xbf\xd5\xe2\xe0\xde\xd2^Wilma', 'latin1'));

  it.each([
    [
      'behind a sequence with another',
      [charset('ISO_IR 144'), element(0x00101002, 'SQ', item(charset('ISO_IR 192'))), cyrillic],
    ],
    ['of which there are several', [charset('ISO_IR 100'), cyrillic, charset('ISO_IR 144')]],
    ['that is the first of several', [charset('ISO_IR 144\\ISO_IR 192'), cyrillic]],
    ['that a sequence inherits', [charset('ISO_IR 144'), element(0x00101002, 'SQ', item(cyrillic))]],
  ])('gives names in a character set %s', async (_name, elements) => {
    expect(view(await read('dcm', dicom(...elements)), 'text')).toContain('Patient name: Петров Wilma');
  });

  it.each([
    ['an identifier', element(0x00080018, 'UI', Buffer.from('Testperson MRN-0099\0'))],
    ['several identifiers', element(0x00080018, 'UI', Buffer.from('1.2.840.10008.1.2\\MRN-0099'))],
    ['a kind that nobody knows', element(0x00110010, 'ZZ', Buffer.from('MRN-0099'))],
  ])('gives the words of %s', async (_name, bytes) => {
    const result = await read('dcm', dicom(bytes));
    expect([result.status, view(result, 'text')]).toEqual(['read', expect.stringContaining('MRN-0099')]);
  });

  it('gives the words before its beginning', async () => {
    const bytes = dicom(cyrillic);
    bytes.write('Testperson MRN-0099', 20, 'latin1');
    expect(view(await read('dcm', bytes), 'text')).toContain('MRN-0099');
  });

  it.each([
    ['identifiers', element(0x00080018, 'UI', Buffer.from('1.2.840.10008.1.2\\1.2.840.10008.1.2.1\0'))],
    ['a number', element(0x00280010, 'US', Buffer.of(0x34, 0x31))],
  ])('gives no words of %s', async (_name, bytes) => {
    expect(
      view(await read('dcm', dicom(bytes)), 'text')
        ?.split('\n')
        .at(-1),
    ).toBe('Patient name: Testperson');
  });

  it.each([0x7fe00008, 0x7fe00009])('says that a picture in floating point is unread: %i', async (tag) => {
    const value = unknown(tag, Buffer.alloc(16));
    value.write(tag === 0x7fe00008 ? 'OF' : 'OD', 4, 'latin1');
    expect((await read('dcm', dicom(value))).children).toEqual([
      { fileName: 'pixel data', status: 'unsupported' },
    ]);
  });

  it('gives names in no character set that only a sequence before it names', async () => {
    const inner = element(0x00101002, 'SQ', item(charset('ISO_IR 144')));
    expect(view(await read('dcm', dicom(inner, cyrillic)), 'text')).not.toContain('Петров');
  });
});

describe('words beside a picture', () => {
  const withChunk = (type: string, data: Buffer): Buffer => {
    const png = fixture('images/words.png');
    const end = png.length - 12;
    return Buffer.concat([png.subarray(0, end), writeChunk(type, data), png.subarray(end)]);
  };
  const packed = deflateSync(Buffer.from(`canary-caption ${'words '.repeat(200)}`));
  const caption = (data: Buffer) => Buffer.concat([Buffer.from('Comment\0\0'), data]);

  it('are read where they are packed', async () => {
    const result = await read('png', withChunk('zTXt', caption(packed)), nothing);
    expect(result.oddities).toEqual([]);
    expect(allText(result)).toContain('canary-caption');
  });

  it.each([
    ['cut short', packed.subarray(0, packed.length - 8)],
    ['packed in another way', Buffer.from('canary-caption as it stands')],
  ])('are told of where they are %s', async (_name, data) => {
    const result = await read('png', withChunk('zTXt', caption(data)), nothing);
    expect(result.oddities).toEqual(['unread-picture-text']);
    expect(allText(result)).toContain('canary-caption');
  });

  it.each([
    ['no such data', Buffer.from('MM\0\x07 canary-exif')],
    [
      'data that point beyond the end',
      Buffer.from('II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\x40\0\0\0\xff\xff\0\0\0\0\0\0canary-exif', 'latin1'),
    ],
  ])('are read by their letters in %s', async (_name, data) => {
    expect(allText(await read('png', withChunk('eXIf', data), nothing))).toContain('canary-exif');
  });

  /** A TIFF whose directory has one more entry, pointing behind the end. */
  const tiffWith = (tag: number, type: number, count: number, behind: Buffer): Buffer => {
    const tiff = fixture('images/words-none.tif');
    const at = tiff.readUInt32LE(4);
    const entries = tiff.readUInt16LE(at);
    const added = Buffer.alloc(12);
    added.writeUInt16LE(tag, 0);
    added.writeUInt16LE(type, 2);
    added.writeUInt32LE(count, 4);
    const directory = Buffer.concat([
      Buffer.of(entries + 1, 0),
      tiff.subarray(at + 2, at + 2 + entries * 12),
      added,
      Buffer.alloc(4),
    ]);
    const head = Buffer.from(tiff.subarray(0, 8));
    head.writeUInt32LE(tiff.length, 4);
    directory.writeUInt32LE(tiff.length + directory.length, directory.length - 8);
    return Buffer.concat([head, tiff.subarray(8), directory, behind]);
  };
  /** A directory of Exif with one comment, to stand at an offset. */
  const exifAt = (offset: number): Buffer => {
    const comment = Buffer.from('ASCII\0\0\0canary-comment');
    const directory = Buffer.from('\x01\0\x86\x92\x07\0....----\0\0\0\0', 'latin1');
    directory.writeUInt32LE(comment.length, 6);
    directory.writeUInt32LE(offset + directory.length, 10);
    return Buffer.concat([directory, comment]);
  };

  /** A TIFF of one directory, behind other bytes, in which an entry stands so many times. */
  const tiffOfEntries = (entry: Buffer, times: number, before: Buffer): Buffer => {
    const head = Buffer.from('II*\0....', 'latin1');
    head.writeUInt32LE(head.length + before.length, 4);
    const count = Buffer.alloc(2);
    count.writeUInt16LE(times);
    return Buffer.concat([head, before, count, ...Array<Buffer>(times).fill(entry), Buffer.alloc(4)]);
  };
  const entryOf = (tag: number, type: number, values: number, at: number): Buffer => {
    const entry = Buffer.alloc(12);
    entry.writeUInt16LE(tag, 0);
    entry.writeUInt16LE(type, 2);
    entry.writeUInt32LE(values, 4);
    entry.writeUInt32LE(at, 8);
    return entry;
  };

  it.each([
    ['offsets of directories', tiffOfEntries(entryOf(330, 4, 50_000, 8), 500, Buffer.alloc(200_000))],
    ['values', tiffOfEntries(entryOf(0x8773, 7, 2_000_008, 8), 500, Buffer.alloc(2_000_000, 'a'))],
    ['offsets of Exif data', tiffOfEntries(entryOf(0x8769, 4, 50_000, 8), 500, Buffer.alloc(200_000))],
    [
      'directories',
      (() => {
        // Each entry ends as a directory begins: with the number of the entries behind it.
        const entries = Buffer.concat(Array<Buffer>(40_000).fill(entryOf(1, 1, 1, 20_000 * 0x10000)));
        const offsets = Buffer.alloc(4000);
        for (let at = 0; at < 1000; at++) offsets.writeUInt32LE(8 + offsets.length + 10 + at * 12, at * 4);
        return tiffOfEntries(entryOf(330, 4, 1000, 8), 1, Buffer.concat([offsets, entries]));
      })(),
    ],
  ])('are too large where %s of a TIFF lie over each other', async (_, tiff) => {
    const work = watchProcessor();
    await expect(read('tif', tiff, nothing)).rejects.toBeInstanceOf(TooLarge);
    work.expectBelow(3000);
  });

  /** Directories without a value, of which each says where the next one is: as a page, or as Exif data. */
  const manyDirectories = (count: number, by: 'page' | 'exif'): Buffer => {
    const size = 2 + 12 + 4;
    const directories = Array.from({ length: count }, (_, index) => {
      const next = index + 1 < count ? 8 + (index + 1) * size : 0;
      const directory = Buffer.alloc(size);
      directory.writeUInt16LE(1, 0);
      entryOf(by === 'exif' ? 0x8769 : 0x0100, 4, 1, by === 'exif' ? next : 0).copy(directory, 2);
      directory.writeUInt32LE(by === 'page' ? next : 0, 14);
      return directory;
    });
    return Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), ...directories]);
  };

  it.each([
    ['directories of a TIFF', () => read('tif', manyDirectories(10_001, 'page'), nothing)],
    ['directories of Exif data in a TIFF', () => read('tif', manyDirectories(70, 'exif'), nothing)],
    [
      'directories of Exif data in a PNG',
      () => read('png', withChunk('eXIf', manyDirectories(70, 'exif')), nothing),
    ],
  ])('are too large where there are too many %s', async (_, reading) => {
    await expect(reading()).rejects.toBeInstanceOf(TooLarge);
  });

  it('are read in the Exif data of a TIFF', async () => {
    const behind = tiffWith(0x8769, 4, 1, Buffer.alloc(0)).length;
    const result = await read('tif', tiffWith(0x8769, 4, 1, exifAt(behind)), nothing);
    expect(allText(result)).toContain('canary-comment');
    expect(result.oddities).toEqual([]);
  });

  it.each([
    ['in UTF-8 (Exif 3.0)', 0x010e, 129, 'Müller canary-words'],
    ['as bytes', 0x010e, 1, 'canary-words\0'],
    ['in no type', 0x010e, 7, 'canary-words\0\0'],
    ['of a place', 0x001c, 7, 'ASCII\0\0\0canary-words'],
    [
      'of a place in UTF-16',
      0x001b,
      7,
      `UNICODE\0${Buffer.from('canary-words', 'utf16le').toString('latin1')}`,
    ],
  ])('are read in an entry of a TIFF %s', async (_name, tag, type, words) => {
    const value = Buffer.from(words, words.startsWith('UNICODE') ? 'latin1' : 'utf8');
    expect(allText(await read('tif', tiffWith(tag, type, value.length, value), nothing))).toContain(
      'canary-words',
    );
  });

  it('are read in a TIFF as far as there are any', async () => {
    const words = Buffer.from('canary-words');
    expect(allText(await read('tif', tiffWith(0x010e, 2, 1000, words), nothing))).toContain('canary-words');
  });

  /** Exif data of two directories: of the picture, and of its thumbnail. */
  const withThumbnail = (next: number): Buffer => {
    const words = Buffer.from('canary-words\0');
    const directory = (entry: Buffer, behind: number) => {
      const bytes = Buffer.alloc(18);
      bytes.writeUInt16LE(1, 0);
      entry.copy(bytes, 2);
      bytes.writeUInt32LE(behind, 14);
      return bytes;
    };
    return Buffer.concat([
      Buffer.from('II*\0\x08\0\0\0', 'latin1'),
      directory(entryOf(0x0112, 3, 1, 1), next),
      directory(entryOf(0x010e, 2, words.length, 44), 0),
      words,
    ]);
  };

  const jpegWith = (...segments: readonly (readonly [marker: number, data: Buffer])[]): Buffer => {
    const jpeg = fixture('images/words.jpg');
    const added = segments.map(([marker, data]) => {
      const head = Buffer.of(0xff, marker, 0, 0);
      head.writeUInt16BE(data.length + 2, 2);
      return Buffer.concat([head, data]);
    });
    return Buffer.concat([jpeg.subarray(0, 2), ...added, jpeg.subarray(2)]);
  };

  it('are put together of the segments of a JPEG', async () => {
    const xmp = Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>canary-extended</a></x:xmpmeta>');
    const piece = (from: number, to: number): readonly [number, Buffer] => {
      const head = Buffer.alloc(40, 'A');
      head.writeUInt32BE(xmp.length, 32);
      head.writeUInt32BE(from, 36);
      const name = Buffer.from('http://ns.adobe.com/xmp/extension/\0');
      return [0xe1, Buffer.concat([name, head, xmp.subarray(from, to)])];
    };
    const caption = Buffer.from('\x1c\x02\x78\0\x0ecanary-caption', 'latin1');
    const resource = Buffer.concat([
      Buffer.from('8BIM\x04\x04\0\0\0\0\0', 'latin1'),
      Buffer.of(caption.length),
      caption,
      Buffer.alloc(caption.length & 1),
    ]);
    const part = (from: number, to?: number): readonly [number, Buffer] => [
      0xed,
      Buffer.concat([Buffer.from('Photoshop 3.0\0'), resource.subarray(from, to)]),
    ];
    const bytes = jpegWith(piece(45, xmp.length), piece(0, 45), part(0, 22), part(22));
    const text = allText(await read('jpg', bytes, nothing));
    expect(text).toContain('canary-extended');
    expect(text).toContain('canary-caption');
  });

  it('are none in a profile that many entries share', async () => {
    const entries = tiffOfEntries(entryOf(0x8773, 7, 200_000, 8), 500, Buffer.alloc(200_000));
    expect(await read('png', withChunk('eXIf', entries), nothing)).toMatchObject({
      status: 'no-text',
      texts: [],
    });
  });

  it('are read in the Exif data of the thumbnail', async () => {
    expect(allText(await read('png', withChunk('eXIf', withThumbnail(26)), nothing))).toContain(
      'canary-words',
    );
    const none = await read('png', withChunk('eXIf', withThumbnail(0xffff)), nothing);
    expect(allText(none)).not.toContain('canary-words');
  });

  it('are read however long they are', async () => {
    const xmp = Buffer.from(
      `<x:xmpmeta xmlns:x="adobe:ns:meta/">${'<a>b</a>'.repeat(130_000)}canary-xmp</x:xmpmeta>`,
    );
    const result = await read('tif', tiffWith(0x02bc, 1, xmp.length, xmp), nothing);
    expect(allText(result)).toContain('canary-xmp');
  });

  it('are read in each record, however many there are and however long', async () => {
    const record = (text: string): Buffer => {
      const head = Buffer.from('\x1c\x02\x19\x80\x04....', 'latin1');
      head.writeUInt32BE(text.length, 5);
      return Buffer.concat([head, Buffer.from(text)]);
    };
    const keyword = Buffer.from('\x1c\x02\x19\0\x04ward', 'latin1');
    const records = Buffer.concat([
      record('x'.repeat(40_000)),
      ...new Array<Buffer>(3000).fill(keyword),
      record('canary-iptc'),
    ]);
    const result = await read('tif', tiffWith(0x83bb, 1, records.length, records), nothing);
    expect(allText(result)).toContain('canary-iptc');
  });

  it('are too many where entries point to the same ones again and again', async () => {
    const [count, length] = [3000, 60_000];
    const directory = Buffer.alloc(2 + count * 12 + 4);
    directory.writeUInt16LE(count, 0);
    for (let at = 2; at + 12 <= directory.length; at += 12) {
      directory.writeUInt16LE(0x010e, at);
      directory.writeUInt16LE(2, at + 2);
      directory.writeUInt32LE(length, at + 4);
      directory.writeUInt32LE(8 + directory.length, at + 8);
    }
    const head = Buffer.from('II*\0\x08\0\0\0', 'latin1');
    const exif = Buffer.concat([head, directory, Buffer.alloc(length, 'a')]);
    await expect(read('png', withChunk('eXIf', exif), nothing)).rejects.toThrow(TooLarge);
  });

  it('are read in the image resources of a TIFF', async () => {
    const caption = Buffer.from('\x1c\x02\x78\0\x0ecanary-caption', 'latin1');
    const resources = Buffer.concat([
      Buffer.from('8BIM\x04\x04\0\0\0\0\0', 'latin1'),
      Buffer.of(caption.length),
      caption,
    ]);
    const result = await read('tif', tiffWith(0x8649, 1, resources.length, resources), nothing);
    expect(result.oddities).toEqual([]);
    expect(allText(result)).toContain('canary-caption');
  });
});
