import { afterAll, describe, expect, it } from 'vitest';
import { READERS } from '../../../../../src/inspect/documents/images/index.js';
import { turnImage } from '../../../../../src/inspect/documents/images/turn.js';
import { createRecogniser } from '../../../../../src/inspect/documents/ocr/recognise.js';
import { readPdf } from '../../../../../src/inspect/documents/pdf/read-pdf.js';
import { fixture, readerContext, view } from './reader-context.js';

const WORDS = 'Patient canary MRN 4471902';

describe('the recogniser', () => {
  const recogniser = createRecogniser({ deadlinePerPageMs: 25_000 });
  afterAll(() => recogniser.close());

  it.each(['words.png', 'words.jpg', 'words.webp', 'words.gif'])('reads %s', async (name) => {
    const result = await recogniser.recognise(fixture(`images/${name}`));
    expect(result).toMatchObject({ status: 'read', text: expect.stringContaining(WORDS) });
  });

  it('reads a picture that stands on its head', async () => {
    const turned = turnImage(fixture('images/words.png'), 2);
    const result = await recogniser.recognise(turned ?? Buffer.alloc(0));
    expect(result).toMatchObject({ status: 'read', text: expect.stringContaining(WORDS) });
  });

  it('reads a fax and a scanned PDF', async () => {
    const context = readerContext(({ bytes }) => recogniser.recognise(bytes));
    const fax = await READERS['image/tiff']?.({ bytes: fixture('images/two-pages.tif') }, context);
    expect(fax && view(fax, 'ocr')).toContain(WORDS);
    const scan = await readPdf({ bytes: fixture('pdf/scanned.pdf') }, context);
    expect(view(scan, 'ocr')).toContain(WORDS);
  });

  it('reads a small table across its rules', async () => {
    const context = readerContext(({ bytes }) => recogniser.recognise(bytes));
    const result = await READERS['image/png']?.({ bytes: fixture('images/table.png') }, context);
    expect(result && view(result, 'ocr')).toMatch(
      /Testperson, Wilma 2 \W*MRN 447192 \W*1964-02-2 \W*hypertension/,
    );
  });

  it('refuses what is no image, and reads on', async () => {
    await expect(recogniser.recognise(Buffer.from('no image'))).rejects.toThrow('could not be decoded');
    expect((await recogniser.recognise(fixture('images/words.png'))).status).toBe('read');
  });
});

describe('a recogniser that is late', () => {
  it('says so', async () => {
    const recogniser = createRecogniser({ deadlinePerPageMs: 1 });
    expect(await recogniser.recognise(fixture('images/words.png'))).toEqual({ status: 'timed-out' });
    await recogniser.close();
  });
});
