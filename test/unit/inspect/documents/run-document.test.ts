import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../src/inspect/documents/kinds.js';
import { shippedReader } from '../../../../src/inspect/documents/registry.js';
import { type OcrSource, readDocument } from '../../../../src/inspect/documents/run-document.js';
import {
  type DocumentLimits,
  type FormatReader,
  type FormatResult,
  TooLarge,
} from '../../../../src/inspect/documents/types.js';

const LIMITS: DocumentLimits = {
  maxDepth: 3,
  maxEntries: 50,
  maxUnpacked: 1_000_000,
  maxRatio: 100,
  maxText: 10_000,
  maxPages: 5,
  maxPixels: 1_000_000,
};

function result(more: Partial<FormatResult> = {}): FormatResult {
  return { status: 'read', texts: [{ view: 'text', text: 'words' }], children: [], oddities: [], ...more };
}

/** Everything is a PDF, read by this. */
function run(reader: FormatReader, options: { ocr?: OcrSource; bytes?: Buffer; fileName?: string } = {}) {
  const { bytes = Buffer.from('%PDF-1.7'), fileName } = options;
  return readDocument({ bytes, ...(fileName && { fileName }) }, LIMITS, {
    reader: async (kind) => (kind === KINDS.pdf ? reader : undefined),
    ocr: options.ocr,
  });
}

const PDF = Buffer.from('%PDF-1.7');

describe('readDocument', () => {
  it('gives what is inside its place, and text and mail back to be read elsewhere', async () => {
    const inside = [
      { fileName: 'a.txt', bytes: Buffer.from('plain words') },
      { fileName: 'b.eml', bytes: Buffer.from('From: a@b.example\nDate: x\nMIME-Version: 1.0\n\nhi\n') },
      { fileName: 'c.bin', bytes: Buffer.from([1, 0, 2, 0, 3]) },
      { fileName: 'd', bytes: Buffer.alloc(0) },
      { fileName: 'e.zip', status: 'encrypted' as const, size: 7 },
    ];
    const { parts } = await run(async () => result({ children: inside }));
    expect(parts.map((one) => [one.path, one.status, one.entity?.kind])).toEqual([
      ['', 'read', undefined],
      ['1', 'read', 'text'],
      ['2', 'read', 'message'],
      ['3', 'unsupported', undefined],
      ['4', 'empty', undefined],
      ['5', 'encrypted', undefined],
    ]);
    expect(parts[5]).toMatchObject({ size: 7, fileName: 'e.zip' });
  });

  it('goes down as far as is allowed and says so', async () => {
    const { parts } = await run(async () => result({ children: [{ bytes: PDF }] }));
    expect(parts.map((one) => [one.path, one.status])).toEqual([
      ['', 'read'],
      ['1', 'read'],
      ['1.1', 'read'],
      ['1.1.1', 'read'],
      ['1.1.1.1', 'too-deep'],
    ]);
  });

  it('takes no more parts than are allowed, whatever a reader finds', async () => {
    const many = Array.from({ length: 500 }, () => ({ bytes: Buffer.from('x') }));
    const { parts } = await run(async () => result({ children: many }));
    expect(parts).toHaveLength(LIMITS.maxEntries + 1);
    expect(parts[0]?.status).toBe('too-large');
  });

  it.each([
    ['too-large', new TooLarge('x')],
    ['corrupt', new Error('x')],
    ['corrupt', 'a string'],
  ])('calls it %s where a reader rejects with %s', async (status, reason) => {
    const { parts } = await run(() => Promise.reject(reason));
    expect(parts).toMatchObject([{ status, texts: [] }]);
  });

  it('shares one budget among all levels', async () => {
    const { parts } = await run(async (_input, { budget }) => {
      budget.takeUnpacked(600_000);
      return result({ children: [{ bytes: PDF }] });
    });
    expect(parts.map((one) => one.status)).toEqual(['read', 'too-large']);
  });

  it('counts what a few bytes unfold to', async () => {
    const bomb: FormatReader = async (_input, { budget }) => {
      for (;;) budget.takeUnpacked(10_000);
    };
    const tight = { ...LIMITS, maxUnpacked: 1e12 };
    const options = { reader: async () => bomb };
    const { parts } = await readDocument({ bytes: PDF }, tight, options);
    expect(parts).toMatchObject([{ status: 'too-large' }]);
  });

  describe('with pictures', () => {
    const picture: FormatReader = async (_input, { ocr }) => {
      if (ocr === undefined) return result({ status: 'no-text', texts: [], needsOcr: true });
      const read = await ocr({ bytes: PDF });
      return read.status === 'read'
        ? result({ texts: [{ view: 'ocr', text: read.text }] })
        : result({ status: 'timed-out' });
    };

    it('never calls them read without OCR, and asks nobody', async () => {
      const reading = await run(picture);
      expect(reading.parts[0]?.status).toBe('unsupported');
      expect(reading.needsOcr).toEqual([]);
    });

    it('names those whose text is not known', async () => {
      let asked = 0;
      const text = async () => {
        asked += 1;
        return { status: 'unknown' as const };
      };
      const twice: FormatReader = async (input, context) => {
        await picture(input, context);
        return result(await picture(input, context));
      };
      const reading = await run(twice, { ocr: { text } });
      expect(reading.needsOcr).toEqual(['']);
      expect(reading.parts[0]?.status).not.toBe('read');
      expect(asked).toBe(1);
    });

    it('takes what is known', async () => {
      const text = async () => ({ status: 'read' as const, text: 'logo' });
      const reading = await run(picture, { ocr: { text } });
      expect(reading).toMatchObject({ needsOcr: [], parts: [{ status: 'read', texts: [{ text: 'logo' }] }] });
    });
  });

  it.each([
    ['report.pdf', undefined],
    ['report.docx', ['type-mismatch']],
    ['report.txt', ['type-mismatch']],
    ['report', undefined],
    ['report.dat', undefined],
  ])('says whether the name %s disagrees with the bytes of a PDF', async (fileName, notes) => {
    const { parts } = await run(async () => result(), { fileName });
    expect(parts[0]?.notes).toEqual(notes);
  });

  it('reads what ends as a zip as that too, and calls it ambiguous', async () => {
    const zip = Buffer.from(zipSync({ 'note.txt': Buffer.from('in the zip') }));
    const { parts } = await readDocument({ bytes: Buffer.concat([PDF, Buffer.from('\n'), zip]) }, LIMITS, {
      reader: async (kind) => (kind === KINDS.pdf ? async () => result() : shippedReader(kind)),
    });
    expect(parts[0]).toMatchObject({ mediaType: KINDS.pdf, oddities: ['also-a-zip'] });
    expect(parts[1]).toMatchObject({ path: '1', mediaType: KINDS.zip });
  });

  it('reads a picture that is DICOM too as that, and calls it ambiguous', async () => {
    const tags = Buffer.from(
      '\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\0\x10\x00\x20\x00LO\x08\x00MRN-0099',
      'latin1',
    );
    const bytes = Buffer.concat([Buffer.from('II*\0'), Buffer.alloc(124), Buffer.from('DICM'), tags]);
    const { parts } = await readDocument({ bytes }, LIMITS, {
      reader: async (kind) => (kind === KINDS.tiff ? async () => result() : shippedReader(kind)),
    });
    expect(parts[0]).toMatchObject({ mediaType: KINDS.tiff, oddities: ['also-dicom'] });
    expect(parts[1]).toMatchObject({ path: '1', mediaType: KINDS.dicom, status: 'read' });
    expect(parts[1]?.texts[0]?.text).toContain('Patient ID: MRN-0099');
  });

  it.each([
    ['a JPEG', KINDS.jpeg, Buffer.from('\xff\xd8\xff\xfe\0\x20%PDF-1.7\n1 0 obj', 'latin1')],
    [
      'DICOM',
      KINDS.dicom,
      Buffer.concat([Buffer.from('%PDF-1.7\n1 0 obj'.padEnd(128)), Buffer.from('DICM')]),
    ],
  ])('reads %s that is a PDF too as that, and calls it ambiguous', async (_name, kind, bytes) => {
    const { parts } = await readDocument({ bytes }, LIMITS, { reader: async () => async () => result() });
    expect(parts).toMatchObject([
      { mediaType: kind, oddities: ['also-a-pdf'] },
      { path: '1', mediaType: KINDS.pdf },
    ]);
  });
});
