import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shippedReader } from '../../../../../src/inspect/documents/registry.js';
import { readDocument } from '../../../../../src/inspect/documents/run-document.js';
import type { DocumentLimits } from '../../../../../src/inspect/documents/types.js';
import { watchProcessor } from '../../../../support/processor-time.js';
import { fixture, seeing } from './whole-message.js';

/*
 * Every format cut short at each twentieth of its length, and with bits turned: nothing throws, nothing takes long, and
 * what lost text isn't read.
 */

/** More than this for one file of a few kilobytes is a hang. */
const MAX_MS = 5000;
const LIMITS: DocumentLimits = {
  maxDepth: 8,
  maxEntries: 500,
  maxUnpacked: 30_000_000,
  maxRatio: 200,
  maxText: 3_000_000,
  maxPages: 5,
  maxPixels: 2_000_000,
};
const RUNS = Number(process.env.FUZZ_RUNS ?? 12);

/** Numbers that are the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One file of each kind is enough; bombs and the largest are left out. */
const FILES = [
  ...['text.pdf', 'form.pdf', 'attached.pdf', 'compressed.pdf', 'owner-password.pdf'].map(
    (name) => `pdf/${name}`,
  ),
  ...['letter.docx', 'list.xlsx', 'slides.pptx', 'letter.odt', 'list.ods', 'letter.doc', 'list.xls'].map(
    (name) => `office/${name}`,
  ),
  ...['letter.rtf', 'slides.emf', 'slides.wmf', 'list-encrypted.xls'].map((name) => `office/${name}`),
  ...[
    'macro.xlsm',
    'book.xlsb',
    'fonts.docx',
    'object.odt',
    'excel95.xls',
    'encapsulated-pdf.dcm',
    'nest.zip',
  ].map((name) => `formats/${name}`),
  ...['small.ttf', 'mails.mbox', 'page.xps', 'hybrid.pdf'].map((name) => `formats/${name}`),
  ...['words.png', 'words.jpg', 'words.gif', 'words.webp', 'words.bmp', 'words-lzw.tif', 'explicit.dcm'].map(
    (name) => `images/${name}`,
  ),
  ...readdirSync(new URL('../../../../fixtures/documents/archives/', import.meta.url))
    .filter((name) => /^(?:plain|streamed|lzma2|rar4|rar5|gnu|posix|note\.txt|blocks|names)\.\w/.test(name))
    .map((name) => `archives/${name}`),
];

async function read(bytes: Buffer) {
  const work = watchProcessor();
  const { parts } = await readDocument({ bytes }, LIMITS, { reader: shippedReader, ocr: seeing('words') });
  work.expectBelow(MAX_MS);
  expect(parts[0]?.path).toBe('');
  return parts;
}

/** All that was found, its parts in order: whether something is missing. */
const wordsOf = (parts: Awaited<ReturnType<typeof read>>) =>
  parts.flatMap(({ texts, entity }) => [
    ...texts.map(({ text }) => text),
    ...(entity === undefined ? [] : [Buffer.from(entity.bytes).toString('latin1')]),
  ]);
const UNDERSTOOD = new Set(['read', 'empty', 'no-text']);

describe.each(FILES)('%s', (file) => {
  it('is not read where it is cut short and text is lost', async () => {
    const whole = fixture(file);
    const all = wordsOf(await read(whole)).join('\n');
    for (let part = 1; part < 20; part++) {
      const bytes = whole.subarray(0, Math.floor((whole.length * part) / 20));
      const parts = await read(bytes);
      // What begins otherwise, or is a line of text, was never a document.
      if (!parts.every(({ status, oddities }) => UNDERSTOOD.has(status) && oddities.length === 0)) continue;
      if (parts[0]?.entity?.kind === 'text' || file.endsWith('.mbox')) continue;
      expect(wordsOf(parts).join('\n').length, `${part}/20`).toBeGreaterThanOrEqual(all.length);
    }
  });

  it('ends with a status where bits are turned', async () => {
    const whole = fixture(file);
    const random = seeded(whole.length);
    for (let run = 0; run < RUNS; run++) {
      const bytes = Buffer.from(whole);
      const turns = 1 + Math.floor(random() * 6);
      for (let turn = 0; turn < turns; turn++) {
        const at = Math.floor(random() * bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      await read(bytes);
    }
  });
});
