import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPdf } from '../../../../../src/inspect/documents/pdf/read-pdf.js';
import type { OcrImage, OcrResult } from '../../../../../src/inspect/documents/types.js';
import { watchProcessor } from '../../../../support/processor-time.js';
import { allText, fixture, readerContext, view } from '../ocr/reader-context.js';
import { onePage, pdfOf, streamObject } from './hand-made-pdf.js';

const read = (bytes: Buffer, ocr?: (image: OcrImage) => Promise<OcrResult>) =>
  readPdf({ bytes }, readerContext(ocr));
const seen = async (): Promise<OcrResult> => ({ status: 'read', text: 'seen by OCR' });

describe('the text layer of a PDF', () => {
  it('joins what is drawn letter by letter and out of order', async () => {
    const result = await read(fixture('pdf/text.pdf'));
    expect(result.status).toBe('read');
    expect(view(result, 'text')).toContain('Number: 212-55-0187');
    expect(view(result, 'text')).toContain('Second page of the letter');
    expect(view(result, 'content')).toContain('55-0187Number: 212-');
  });

  it('reads columns one after the other, and across', async () => {
    const result = await read(fixture('pdf/columns.pdf'));
    const text = view(result, 'text');
    expect(text.indexOf('A title')).toBeLessThan(text.indexOf('left line 0'));
    expect(text.indexOf('left line 7')).toBeLessThan(text.indexOf('right line 0'));
    expect(view(result, 'rows')).toContain('left line 3 of the text\tright line 3 of the text');
  });

  it('reads text that runs upwards or aslant', async () => {
    expect(view(await read(fixture('pdf/rotated.pdf')), 'text')).toBe(
      'Upwards: MRN 00-771-204\nAslant: canary slope',
    );
  });

  it.each(['compressed', 'linearized', 'attached', 'owner-password', 'owner-password-rc4'])(
    'reads it from %s.pdf',
    async (name) => {
      const result = await read(fixture(`pdf/${name}.pdf`));
      expect(result.status).toBe('read');
      expect(view(result, 'text')).toContain('212-55-0187');
    },
  );

  it('keeps a number apart that a gap parts from the next', async () => {
    const bytes = onePage('BT /F 12 Tf 1 0 0 1 72 700 Tm (12345) Tj 1 0 0 1 300 700 Tm (67890) Tj ET');
    expect(view(await read(bytes), 'text')).toBe('12345\t67890');
  });
});

describe('what a PDF holds beside its text', () => {
  it('reads notes, links, outlines and scripts', async () => {
    const result = await read(fixture('pdf/annotated.pdf'));
    for (const canary of [
      'canary-note',
      'canary-freetext',
      'canary-link',
      'canary-outline',
      'canary-script',
    ]) {
      expect(allText(result)).toContain(canary);
    }
  });

  it('reads fields of a form with their names and values', async () => {
    const fields = view(await read(fixture('pdf/form.pdf')), 'fields');
    expect(fields).toContain('patient_name: Wilma canary-field');
    expect(fields).toContain('smoker: Yes');
    expect(fields).toContain('condition: canary-choice');
  });

  it('reads metadata, without the moments that programs note', async () => {
    const metadata = view(await read(fixture('pdf/text.pdf')), 'metadata');
    expect(metadata).toContain('Referral of Wilma Testperson');
    expect(metadata).toContain('canary-keyword');
    expect(metadata).not.toMatch(/\d{14}|uuid/);
  });

  /** A tagged PDF whose words are within so many elements; the innermost has another text. */
  const tagged = (depth: number): Buffer => {
    const element = (index: number): Buffer => {
      const up = index === 0 ? 6 : 6 + index;
      const within = index + 1 < depth ? `${8 + index} 0 R` : '0';
      const text = index + 1 < depth ? '' : '/Alt (canary-alternative)';
      return Buffer.from(`<< /Type /StructElem /S /Div /P ${up} 0 R /Pg 3 0 R /K ${within} ${text} >>`);
    };
    return pdfOf(
      [
        Buffer.from('<< /Type /Catalog /Pages 2 0 R /MarkInfo << /Marked true >> /StructTreeRoot 6 0 R >>'),
        Buffer.from('<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>'),
        Buffer.from(
          '<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 612 792 ] /Contents 5 0 R /StructParents 0 ' +
            '/Resources << /Font << /F 4 0 R >> >> >>',
        ),
        Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
        streamObject('', Buffer.from('/Div << /MCID 0 >> BDC BT /F 12 Tf 72 700 Td (Words) Tj ET EMC')),
        Buffer.from(
          `<< /Type /StructTreeRoot /K 7 0 R /ParentTree << /Nums [ 0 [ ${6 + depth} 0 R ] ] >> >>`,
        ),
        ...Array.from({ length: depth }, (_, index) => element(index)),
      ],
      1,
    );
  };

  it.each([1, 7, 20])('reads another text of what is within %i elements', async (depth) => {
    const result = await read(tagged(depth));
    expect(view(result, 'alternatives')).toContain('canary-alternative');
    expect(result.status).toBe('read');
  });

  it('reads the XML of many streams, and says so where there are too many', async () => {
    const withXml = (count: number) =>
      onePage(
        'BT /F 12 Tf 72 700 Td (Words) Tj ET',
        Array.from({ length: count }, (_, index) =>
          streamObject('/Type /Metadata', Buffer.from(`<x>canary-${index}</x>`)),
        ),
      );
    const some = await read(withXml(300));
    expect([some.status, allText(some).includes('canary-299')]).toEqual(['read', true]);
    expect((await read(withXml(10_001))).status).toBe('too-large');
  });

  it.each([
    ['as it stands', '', (xml: Buffer) => xml],
    ['packed', '/Filter /FlateDecode', deflateSync],
  ])('says so where XML is too large to be read: %s', async (_name, filter, pack) => {
    const xml = Buffer.from(`<x>${'much ado '.repeat(500_000)}canary</x>`);
    const result = await read(
      onePage('BT /F 12 Tf 72 700 Td (Words) Tj ET', [streamObject(`/Type /Metadata ${filter}`, pack(xml))]),
    );
    expect(result.status).toBe('too-large');
  });

  it('reads what it takes of a form in more packets than it takes', async () => {
    const count = 101;
    const packet = (index: number) => streamObject('', Buffer.from(`<p><name>canary-${index}</name></p>`));
    const names = Array.from({ length: count }, (_, index) => `(p${index}) ${6 + index} 0 R`);
    const bytes = onePage(
      'BT /F 12 Tf 72 700 Td (Words) Tj ET',
      Array.from({ length: count }, (_, index) => packet(index)),
      `/AcroForm << /Fields [] /XFA [ ${names.join(' ')} ] >>`,
    );
    const result = await read(bytes);
    expect(view(result, 'xfa')).toContain('canary-0');
    expect(result.status).toBe('too-large');
  });

  it('reads the pages, too, where an outline is nested more deeply than it is read', async () => {
    const count = 60;
    const entry = (index: number) => {
      const within = index + 1 < count ? `/First ${7 + index} 0 R /Last ${7 + index} 0 R /Count 1` : '';
      return Buffer.from(`<< /Title (Chapter ${index}) /Parent ${5 + index} 0 R ${within} >>`);
    };
    const bytes = pdfOf(
      [
        Buffer.from('<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>'),
        Buffer.from('<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>'),
        Buffer.from(
          '<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 612 792 ] /Contents 5 0 R ' +
            '/Resources << /Font << /F 4 0 R >> >> >>',
        ),
        Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
        streamObject('', Buffer.from('BT /F 12 Tf 72 700 Td (canary-page) Tj ET')),
        ...Array.from({ length: count }, (_, index) => entry(index)),
      ],
      1,
    );
    const result = await read(bytes);
    expect(view(result, 'text')).toContain('canary-page');
    expect(result.status).toBe('too-large');
  });

  it('gives embedded files once, with their names', async () => {
    const result = await read(fixture('pdf/attached.pdf'));
    expect(result.children).toHaveLength(1);
    expect(result.children[0]?.fileName).toBe('notes.txt');
    expect(result.children[0]?.bytes?.toString()).toContain('canary-attachment');
    expect(view(result, 'attachments')).toContain('canary-description');
  });

  it('finds an embedded file that nothing refers to', async () => {
    const bytes = onePage('BT /F 12 Tf 72 700 Td (Hello) Tj ET', [
      streamObject('/Type /EmbeddedFile /Filter /FlateDecode', deflateSync('canary-orphan')),
    ]);
    const result = await read(bytes);
    expect(result.children.map((child) => child.bytes?.toString())).toEqual(['canary-orphan']);
  });

  it('reads the XML of an XFA form', async () => {
    const xml =
      '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><patient><name>canary-xfa</name></patient></xdp:xdp>';
    const bytes = onePage(
      'BT /F 12 Tf 72 700 Td (Please wait) Tj ET',
      [streamObject('', Buffer.from(xml))],
      '/AcroForm << /Fields [] /XFA 6 0 R >>',
    );
    expect(allText(await read(bytes))).toContain('canary-xfa');
  });

  it('reads what a later revision deleted', async () => {
    const first = onePage('BT /F 12 Tf 72 700 Td (canary-deleted 212-55-0187) Tj ET');
    const at = first.length;
    const object = Buffer.concat([
      Buffer.from('5 0 obj\n'),
      streamObject('', Buffer.from('BT /F 12 Tf 72 700 Td (Nothing here) Tj ET')),
      Buffer.from('\nendobj\n'),
    ]);
    const before = /startxref\n(\d+)/.exec(first.toString('latin1'))?.[1];
    const table = `xref\n5 1\n${String(at).padStart(10, '0')} 00000 n \ntrailer << /Size 7 /Root 1 0 R /Prev ${before} >>\nstartxref\n${at + object.length}\n%%EOF\n`;
    const result = await read(Buffer.concat([first, object, Buffer.from(table)]));
    expect(result.status).toBe('read');
    expect(result.oddities).toEqual([]);
    expect(view(result, 'text')).toBe('Nothing here');
    expect(view(result, 'older')).toContain('canary-deleted 212-55-0187');
  });
});

describe('an older revision that opens in no reader', () => {
  it('leaves the document unread', async () => {
    // Its catalogue came with the later one only.
    const whole = onePage('BT /F 12 Tf 72 700 Td (Something here) Tj ET').toString('latin1');
    const catalogue = /1 0 obj\s*(<<[\s\S]*?>>)\s*endobj/.exec(whole)?.[1] ?? '';
    const first = whole.replace(catalogue, 'null'.padEnd(catalogue.length));
    const before = /startxref\n(\d+)/.exec(first)?.[1];
    const object = `1 0 obj\n${catalogue}\nendobj\n`;
    const table = `xref\n1 1\n${String(first.length).padStart(10, '0')} 00000 n \ntrailer << /Size 7 /Root 1 0 R /Prev ${before} >>\nstartxref\n${first.length + object.length}\n%%EOF\n`;
    const result = await read(Buffer.from(`${first}${object}${table}`, 'latin1'));
    expect(view(result, 'text')).toBe('Something here');
    expect(result.status).toBe('unsupported');
  });
});

describe('pages that are pictures', () => {
  it.each(['scanned', 'tiny-page', 'outlines'])('asks for OCR of %s.pdf', async (name) => {
    const result = await read(fixture(`pdf/${name}.pdf`));
    expect(result).toMatchObject({ status: 'unsupported', needsOcr: true });
  });

  it.each(['scanned', 'tiny-page', 'outlines'])('draws %s.pdf for OCR', async (name) => {
    const images: Buffer[] = [];
    const result = await read(fixture(`pdf/${name}.pdf`), async ({ bytes }) => {
      images.push(bytes);
      return seen();
    });
    expect(result.status).toBe('read');
    expect(view(result, 'ocr')).toBe('seen by OCR');
    expect(images).toHaveLength(1);
    expect(images[0]?.toString('latin1', 0, 3)).toBe('P5\n');
  });

  it('asks for none of a page of text', async () => {
    expect((await read(fixture('pdf/form.pdf'))).needsOcr).toBeUndefined();
  });

  it('says when nothing was found, and when it was late', async () => {
    const bytes = fixture('pdf/scanned.pdf');
    expect((await read(bytes, async () => ({ status: 'read', text: ' \n' }))).status).toBe('no-text');
    expect((await read(bytes, async () => ({ status: 'timed-out' }))).status).toBe('timed-out');
  });

  it('recognises a picture that stands beside text, and not that text', async () => {
    const picture = streamObject(
      '/Type /XObject /Subtype /Image /Width 64 /Height 64 /BitsPerComponent 8 /ColorSpace /DeviceGray',
      Buffer.from(Array.from({ length: 64 * 64 }, (_, index) => (index % 7) * 30)),
    );
    const bytes = onePage('BT /F 12 Tf 72 700 Td (Words) Tj ET q 100 0 0 100 300 300 cm /P Do Q', [picture]);
    const images: Buffer[] = [];
    const result = await read(bytes, async (image) => {
      images.push(image.bytes);
      return seen();
    });
    expect(result.status).toBe('read');
    expect(view(result, 'text')).toBe('Words');
    const [, width, height] = /^P5\n(\d+) (\d+)/.exec(images[0]?.toString('latin1', 0, 30) ?? '') ?? [];
    // A hundred points at two hundred dots per inch.
    expect([Number(width), Number(height)]).toEqual([278, 278]);
  });

  it('shows pictures in a layer that is hidden at first', async () => {
    const picture = streamObject(
      '/Type /XObject /Subtype /Image /Width 64 /Height 64 /BitsPerComponent 8 /ColorSpace /DeviceGray /OC 7 0 R',
      Buffer.from(Array.from({ length: 64 * 64 }, (_, index) => (index % 7) * 30)),
    );
    const bytes = onePage(
      'q 100 0 0 100 300 300 cm /P Do Q',
      [picture, Buffer.from('<< /Type /OCG /Name (canary-layer) >>')],
      '/OCProperties << /OCGs [ 7 0 R ] /D << /OFF [ 7 0 R ] >> >>',
    );
    const result = await read(bytes, seen);
    expect(result.status).toBe('read');
    expect(view(result, 'ocr')).toBe('seen by OCR');
    expect(view(result, 'layers')).toBe('canary-layer');
  });
});

describe('PDFs that are closed, damaged or hostile', () => {
  it('says that a password is needed', async () => {
    expect(await read(fixture('pdf/user-password.pdf'))).toEqual({
      status: 'encrypted',
      texts: [],
      children: [],
      oddities: [],
    });
  });

  it('never takes half a file for read', async () => {
    expect((await read(fixture('pdf/truncated.pdf'))).status).toBe('corrupt');
    expect((await read(Buffer.from('%PDF-1.7\nnothing more'))).status).toBe('corrupt');
  });

  it('says that a stream is damaged, though a reader would show the rest', async () => {
    const packed = deflateSync(Buffer.from('BT /F 12 Tf 72 700 Td (Words that are whole) Tj ET'.repeat(20)));
    packed.fill(0xff, 20, 40);
    const bytes = pdfOf([streamObject('/Filter /FlateDecode', packed)], 5);
    expect((await read(bytes)).status).toBe('corrupt');
  });

  it('measures a bomb before any reader unpacks it', async () => {
    const bomb = deflateSync(Buffer.alloc(200 * 1024 * 1024));
    const work = watchProcessor();
    const result = await read(onePage('', [streamObject('/Filter /FlateDecode', bomb)]));
    expect(result.status).toBe('too-large');
    work.expectBelow(5000);
  });

  it('measures a bomb within a bomb', async () => {
    const bomb = deflateSync(deflateSync(Buffer.alloc(200 * 1024 * 1024)));
    const result = await read(onePage('', [streamObject('/Filter [/FlateDecode /FlateDecode]', bomb)]));
    expect(result.status).toBe('too-large');
  });

  it('is not slowed down by beginnings of streams without an end', async () => {
    const work = watchProcessor();
    await read(Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from('<<>>stream\n'.repeat(100_000))]));
    work.expectBelow(10_000);
  });

  it('finds damage and files though the word for encryption stands in it', async () => {
    const bytes = onePage('BT /F 12 Tf 72 700 Td (about /Encrypt) Tj ET', [
      streamObject('/Type /EmbeddedFile', Buffer.from('canary-orphan')),
    ]);
    const result = await read(bytes);
    expect(result.status).toBe('read');
    expect(result.children.map((child) => child.bytes?.toString().trim())).toEqual(['canary-orphan']);
  });

  it('ends with pages that refer to one another in a ring', async () => {
    const bytes = pdfOf([Buffer.from('<< /Type /Pages /Kids [ 2 0 R 3 0 R ] /Count 100000 >>')], 2);
    expect((await read(bytes)).status).not.toBe('read');
  });

  it('reads no more pages than its limit', async () => {
    const kids = '3 0 R '.repeat(6000);
    const bytes = pdfOf([Buffer.from(`<< /Type /Pages /Kids [ ${kids}] /Count 6000 >>`)], 2);
    expect(['too-large', 'corrupt']).toContain((await read(bytes)).status);
  });

  it('always ends with a status when a byte is changed', async () => {
    const whole = fixture('pdf/attached.pdf');
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(whole);
      const at = (round * 7919) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (round % 8));
      const result = await read(bytes, seen);
      expect(['read', 'no-text', 'corrupt', 'encrypted', 'unsupported', 'too-large']).toContain(
        result.status,
      );
    }
  });
});

describe('what annotations of a PDF draw', () => {
  const looks = streamObject(
    '/Type /XObject /Subtype /Form /BBox [ 0 0 200 30 ] /Resources << /Font << /F 4 0 R >> >>',
    Buffer.from('BT /F 14 Tf 5 10 Td (MRN 00-771-204) Tj ET'),
  );
  const tick = streamObject(
    '/Type /XObject /Subtype /Form /BBox [ 0 0 20 20 ] /Resources << /Font << /F 8 0 R >> >>',
    Buffer.from('BT /F 14 Tf 2 2 Td (4) Tj ET'),
  );
  const dingbats = Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>');
  const page = Buffer.from(
    '<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 612 792 ] /Contents 5 0 R /Annots [ 6 0 R ] ' +
      '/Resources << /Font << /F 4 0 R >> >> >>',
  );
  const words = streamObject('', Buffer.from('BT /F 12 Tf 72 700 Td (Words) Tj ET'));
  const font = Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  const withAnnotation = (entries: string, form = '/AcroForm << /Fields [ 6 0 R ] >>', look = looks) =>
    pdfOf(
      [
        Buffer.from(`<< /Type /Catalog /Pages 2 0 R ${form} >>`),
        Buffer.from('<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>'),
        page,
        font,
        words,
        Buffer.from(`<< /Type /Annot /Rect [ 72 500 272 530 ] ${entries} >>`),
        look,
        dingbats,
      ],
      1,
    );
  const drawn = '/F 4 /AP << /N 7 0 R >>';
  const button = '/Subtype /Widget /FT /Btn /T (a) /AS /On /F 4 /AP << /N << /On 7 0 R >> >>';

  it.each([
    ['a square', `/Subtype /Square ${drawn}`],
    ['a marked place', `/Subtype /Highlight ${drawn}`],
    ['a watermark', `/Subtype /Watermark ${drawn}`],
    ['what stands over a redaction', `/Subtype /Redact ${drawn}`],
    ['a kind that nobody knows', `/Subtype /Other ${drawn}`],
    ['a box that is ticked', button],
    ['a button', `/Subtype /Widget /FT /Btn /Ff 65536 /T (a) ${drawn}`],
    ['a signature', `/Subtype /Widget /FT /Sig /T (a) ${drawn}`],
  ])('is recognised: %s', async (_name, entries) => {
    const result = await read(withAnnotation(entries), seen);
    expect(result.status).toBe('read');
    expect(view(result, 'ocr')).toBe('seen by OCR');
  });

  it.each([
    ['text that is read as such', `/Subtype /FreeText ${drawn}`, looks],
    ['a field whose text is read', `/Subtype /Widget /FT /Tx /T (a) ${drawn}`, looks],
    ['a tick', button, tick],
    ['what is hidden', '/Subtype /Square /F 2 /AP << /N 7 0 R >>', looks],
  ])('is not looked at: %s', async (_name, entries, look) => {
    const result = await read(withAnnotation(entries, undefined, look), seen);
    expect(result.status).toBe('read');
    expect(view(result, 'ocr')).toBe('');
  });

  it.each([
    ['on paper alone', '/Subtype /Square /F 36 /AP << /N 7 0 R >>', ''],
    ['as a field of no form', button, ''],
  ])('is unread where it is shown %s', async (_name, entries, form) => {
    expect((await read(withAnnotation(entries, form), seen)).status).toBe('unsupported');
  });

  it('goes through the fields of a form once for all its pages', async () => {
    const numbers = Array.from({ length: 1500 }, (_, index) => 6 + 2 * index);
    const bytes = pdfOf(
      [
        Buffer.from(
          `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [ ${numbers.map((one) => `${one + 1} 0 R`).join(' ')} ] >> >>`,
        ),
        Buffer.from(
          `<< /Type /Pages /Kids [ ${numbers.map((one) => `${one} 0 R`).join(' ')} ] /Count ${numbers.length} /MediaBox [ 0 0 612 792 ] >>`,
        ),
        looks,
        Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
        streamObject('', Buffer.from('BT ET')),
        ...numbers.flatMap((one) => [
          Buffer.from(`<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Annots [ ${one + 1} 0 R ] >>`),
          Buffer.from(
            `<< /Type /Annot /Subtype /Widget /FT /Tx /T (f${one}) /F 4 /Rect [ 72 500 272 530 ] /AP << /N 3 0 R >> >>`,
          ),
        ]),
      ],
      1,
    );
    const work = watchProcessor();
    const result = await read(bytes);
    expect(result.status).toBe('read');
    work.expectBelow(18_000);
  });
});

describe('words of a PDF that are no objects of its page', () => {
  const words = Buffer.from('BT /F 14 Tf 5 10 Td (MRN 00-771-204) Tj ET');
  const font = '/Resources << /Font << /F 4 0 R >> >>';
  const tile = (paint: number) =>
    streamObject(
      `/Type /Pattern /PatternType 1 /PaintType ${paint} /TilingType 1 /BBox [ 0 0 612 792 ] /XStep 612 /YStep 792 ${font}`,
      words,
    );
  const mask = streamObject(
    `/Type /XObject /Subtype /Form /BBox [ 0 0 612 792 ] /Group << /S /Transparency /CS /DeviceGray >> ${font}`,
    Buffer.concat([Buffer.from('1 g '), words]),
  );
  const group = streamObject(
    '/Type /XObject /Subtype /Form /BBox [ 0 0 612 792 ] /Group << /S /Transparency >>',
    Buffer.from('0 g 0 0 200 30 re f'),
  );
  const withResources = (content: string, resources: string, more: readonly Buffer[]) =>
    pdfOf(
      [
        Buffer.from(
          '<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 612 792 ] /Contents 5 0 R ' +
            `/Resources << /Font << /F 4 0 R >> ${resources} >> >>`,
        ),
        Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
        streamObject('', Buffer.from(`BT /F 12 Tf 72 700 Td (Words) Tj ET ${content}`)),
        ...more,
      ],
      3,
    );
  const masked = '/ExtGState << /M << /SMask << /Type /Mask /S /Luminosity /G 6 0 R >> >> >>';

  it.each([
    ['in a pattern', '/Pattern cs /P scn 0 0 200 30 re f', '/Pattern << /P 6 0 R >>', [tile(1)]],
    [
      'in a line with a pattern',
      '/Pattern CS /P SCN 30 w 0 15 m 200 15 l S',
      '/Pattern << /P 6 0 R >>',
      [tile(1)],
    ],
    [
      'in a stencil',
      '/C cs 0 /P scn 0 0 200 30 re f',
      '/ColorSpace << /C [ /Pattern /DeviceGray ] >> /Pattern << /P 6 0 R >>',
      [tile(2)],
    ],
    ['in a mask', '/M gs 0 g 0 0 200 30 re f', masked, [mask]],
    ['in the mask of a group', '/M gs /X Do', `${masked} /XObject << /X 7 0 R >>`, [mask, group]],
  ])('are recognised: %s', async (_name, content, resources, more) => {
    const result = await read(withResources(content, resources, more), seen);
    expect(result.status).toBe('read');
    expect(view(result, 'ocr')).toBe('seen by OCR');
  });

  it.each([
    ['a path', '0.749 g 0 0 200 30 re f', '', []],
    ['a path that lets something through', '/T gs 0 0 200 30 re f', '/ExtGState << /T << /ca 0.5 >> >>', []],
    ['a group', '/X Do', '/XObject << /X 6 0 R >>', [group]],
  ])('are not looked for in %s', async (_name, content, resources, more) => {
    const result = await read(withResources(content, resources, more), seen);
    expect(result.status).toBe('read');
    expect(view(result, 'ocr')).toBe('');
  });
});

describe('what is filled into a form', () => {
  /** A page with these words, and a field of it. */
  const form = (words: string, field: string) =>
    pdfOf(
      [
        Buffer.from(
          '<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 612 792 ] /Contents 5 0 R /Annots [ 6 0 R ] /Resources << /Font << /F 4 0 R >> >> >>',
        ),
        Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
        streamObject('', Buffer.from(words)),
        Buffer.from(`<< /Type /Annot /P 3 0 R /F 4 ${field} >>`),
      ],
      3,
    );
  const words = (text: string, x: number, y: number) => `BT /F 12 Tf ${x} ${y} Td (${text}) Tj ET\n`;
  const box = '/Subtype /Widget /FT /Tx /Rect [ 72 300 200 320 ]';

  it('stands behind the words beside it', async () => {
    const page = words('MRN:', 20, 305) + words('asthma', 20, 200);
    const result = await read(form(page, `${box} /T (f1) /V (0048213)`));
    expect(view(result, 'filled-in')).toMatch(/^MRN:\s0048213\s+asthma$/);
  });

  it('stands below the words above it', async () => {
    const page = words('Date of birth', 72, 325) + words('asthma', 72, 200);
    const result = await read(form(page, `${box} /T (f1) /V (03/04/1958)`));
    expect(view(result, 'filled-in')).toMatch(/^Date of birth\s+03\/04\/1958\s+asthma$/);
  });

  it.each([
    ['by its name', '/T (form1[0].page1[0].MRN[0])'],
    ['by what is shown of it', '/T (f1) /TU (MRN)'],
  ])('is called %s', async (_name, entries) => {
    const result = await read(form(words('asthma', 20, 200), `${box} ${entries} /V (0048213)`));
    expect(view(result, 'annotations')).toContain('MRN: 0048213');
  });

  it.each(['Sound', 'Movie', 'Screen', '3D', 'RichMedia'])('is not read where it is %s', async (subtype) => {
    const result = await read(
      form(words('asthma', 20, 200), `/Subtype /${subtype} /Rect [ 72 300 200 320 ]`),
    );
    expect(result.status).toBe('unsupported');
  });
});
