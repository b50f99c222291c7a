import { basename } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { fixture, isUnderstood, readAttached, seeing } from './whole-message.js';

/*
 * Every format that counts as read, in files that real programs wrote: the made-up identifiers in it are found in a part
 * that is read, and so they are inside an archive, under another name, and never where half of the file is gone.
 */

const SSN = '212-55-0187';
const MRN = '00-771-204';
/** What is recognised in every picture here; that real pictures are recognised is tested elsewhere. */
const SCAN = 'MRN 4471902';

interface Format {
  readonly file: string;
  readonly finds: readonly string[];
  /** Text of which a half is whole in itself. */
  readonly cutsClean?: true;
}

const text = (file: string, ...finds: string[]): Format => ({ file, finds, cutsClean: true });
const document = (file: string, ...finds: string[]): Format => ({ file, finds });

const FORMATS: readonly Format[] = [
  // PDF
  document('pdf/text.pdf', SSN, 'canary-keyword', 'Referral of Wilma'),
  document('pdf/compressed.pdf', SSN),
  document('pdf/linearized.pdf', SSN),
  document('pdf/rotated.pdf', MRN),
  document('pdf/form.pdf', 'canary'),
  document('pdf/annotated.pdf', 'canary-note', 'canary-freetext', 'canary-link', 'canary-outline'),
  document('pdf/attached.pdf', 'canary'),
  document('pdf/scanned.pdf', SCAN),
  document('pdf/owner-password.pdf', SSN),
  document('pdf/owner-password-rc4.pdf', SSN),
  document('formats/owner-password-256.pdf', SSN),
  document('formats/hybrid.pdf', SSN),
  document('formats/scan.pdf', SCAN),
  // Office Open XML
  document('office/letter.docx', SSN, MRN, 'canary-comment', 'canary-footnote', 'canary-header'),
  document('office/letter.docm', SSN, 'canary-property'),
  document('formats/word.docx', SSN, MRN, 'canary-header'),
  document('formats/fonts.docx', SSN),
  document('formats/object.docx', SSN),
  document('formats/scan.docx', SCAN),
  document('office/list.xlsx', SSN, 'canary-on-hidden-sheet', 'canary-comment', 'canary-property'),
  document('formats/macro.xlsm', SSN),
  document(
    'formats/book.xlsb',
    SSN,
    '212-55-0188',
    'canary-on-hidden-sheet',
    'canary-comment',
    'canary-property',
  ),
  document('formats/inline.xlsb', SSN, 'canary-hidden-column', 'canary-formula'),
  document(
    'formats/everything.xlsx',
    SSN,
    'canary-chart',
    'canary-series',
    'canary-header',
    'canary-choice',
    'canary-column',
    SCAN,
  ),
  document('office/slides.pptx', SSN, 'canary-speaker-note', 'canary-hidden-slide', 'canary-comment'),
  document('formats/slides.pptm', SSN),
  document('formats/chart.pptx', SSN, 'canary-series', 'canary-category'),
  // OpenDocument
  document('office/letter.odt', SSN, MRN, 'canary-comment', 'canary-deleted'),
  document('formats/fonts.odt', SSN),
  document('formats/object.odt', SSN),
  document('formats/scan.odt', SCAN),
  document('office/list.ods', SSN, 'canary-on-hidden-sheet'),
  document('formats/book.ods', SSN, 'canary-on-hidden-sheet'),
  document('formats/macro.ods', SSN),
  document('office/slides.odp', SSN, 'canary-speaker-note', 'canary-hidden-slide'),
  // Older Office, and RTF
  document('office/letter.doc', SSN, 'canary-comment', 'canary-footnote'),
  document('formats/object.doc', SSN),
  document('formats/scan.doc', SCAN),
  document('office/list.xls', SSN, 'canary-on-hidden-sheet'),
  document('formats/macro.xls', SSN),
  document('formats/excel95.xls', SSN, '212-55-0188', 'canary-on-hidden-sheet'),
  document('office/slides.ppt', SSN, 'canary-hidden-slide'),
  document('office/letter.rtf', SSN, 'canary-comment'),
  // Text
  text('formats/note.html', SSN),
  text('formats/page.html', SSN),
  text('formats/list.csv', SSN),
  text('formats/list.tsv', SSN),
  text('formats/note.md', SSN),
  text('formats/note.json', SSN),
  text('formats/note.xml', SSN),
  text('formats/word2003.xml', SSN),
  text('formats/drawing.svg', SSN, SCAN),
  text('formats/contact.vcf', SSN),
  text('formats/visit.ics', SSN),
  text('formats/result.hl7', SSN),
  text('formats/patient.fhir.json', SSN),
  text('formats/patient.fhir.xml', SSN),
  text('formats/summary.ccda.xml', SSN),
  // Mail
  text('formats/mail.eml', SSN),
  text('formats/mails.mbox', SSN),
  text('formats/base64.txt', SSN),
  // Pictures
  document('images/words.png', SCAN),
  document('images/text-chunks.png', SCAN),
  document('images/words.jpg', SCAN),
  document('images/words.gif', SCAN),
  document('images/words.webp', SCAN),
  document('images/words.bmp', SCAN),
  document('images/words-lzw.tif', SCAN),
  document('images/words-g4.tif', SCAN),
  document('images/words-jpeg.tif', SCAN),
  document('images/two-pages.tif', SCAN),
  document('office/slides.emf', '55'),
  document('office/slides.wmf', '55'),
  // DICOM
  document('formats/encapsulated-pdf.dcm', SSN),
  document('formats/encapsulated-cda.dcm', SSN),
  // Archives
  ...['plain.zip', 'stored.zip', 'streamed.zip', 'zip64.zip', 'lzma2.7z', 'ppmd.7z', 'copy.7z'].map((name) =>
    document(`archives/${name}`, '00123456'),
  ),
  ...['gnu.tar', 'posix.tar', 'v7.tar', 'plain.tar.gz', 'note.txt.gz', 'note.txt.bz2', 'note.txt.xz'].map(
    (name) => document(`archives/${name}`, '00123456'),
  ),
  document('archives/rar4.rar', 'example'),
  document('archives/rar5.rar', 'example'),
  document('formats/nest.zip', SSN),
  document('formats/rars.zip', 'example'),
  document('formats/book.epub', SSN),
  document('formats/small.ttf', 'Small Letters'),
];

describe.each(FORMATS)('$file', ({ file, finds, cutsClean }) => {
  const ocr = seeing(SCAN);

  it('is read in full, with what is hidden in it', async () => {
    const reading = await readAttached(fixture(file), { name: basename(file), ocr });
    expect(reading.statuses).toSatisfy(() => isUnderstood(reading));
    for (const words of finds) expect(reading.where(words), words).toContain('read');
    expect(reading.ambiguities.map(({ name }) => name)).not.toContain('type-mismatch');
  });

  it('is read in an archive', async () => {
    const archive = Buffer.from(zipSync({ [basename(file)]: fixture(file) }));
    const reading = await readAttached(archive, { name: 'archive.zip', ocr });
    expect(reading.statuses).toSatisfy(() => isUnderstood(reading));
    for (const words of finds) expect(reading.where(words), words).toContain('read');
  });

  it('is read under another name and type, which is noted', async () => {
    const isPdf = file.endsWith('.pdf');
    const disguise = isPdf
      ? { name: 'x.png', type: 'image/png' }
      : { name: 'x.pdf', type: 'application/pdf' };
    const reading = await readAttached(fixture(file), { ...disguise, ocr });
    expect(reading.statuses).toSatisfy(() => isUnderstood(reading));
    for (const words of finds) expect(reading.where(words), words).toContain('read');
    expect(reading.ambiguities.map(({ name }) => name)).toContain('type-mismatch');
  });

  it.skipIf(cutsClean)('is not read where the end is missing', async () => {
    const whole = fixture(file);
    // A tar ends with zeros that nobody misses.
    const length = whole.length - (/\0*$/.exec(whole.toString('latin1'))?.[0].length ?? 0);
    for (const share of [0.3, 0.6, 0.9]) {
      const cut = whole.subarray(0, Math.floor(length * share));
      const reading = await readAttached(cut, { name: basename(file), ocr });
      expect(reading.statuses, `${share}`).not.toSatisfy(() => isUnderstood(reading));
    }
  });
});
