import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../../../src/config/schema.js';
import { documentLimits } from '../../../../../src/inspect/documents/pool.js';
import { shippedReader } from '../../../../../src/inspect/documents/registry.js';
import { readDocument } from '../../../../../src/inspect/documents/run-document.js';
import type { PartStatus } from '../../../../../src/model/inspection.js';
import { fixture, seeing } from './whole-message.js';

/*
 * Each limit of `inspect.documents` on what is read: what is within is read, and what is beyond says so. Deadlines and
 * memory are the processes' matter, and tested with them.
 */

type Settings = Readonly<Record<string, unknown>>;

async function statuses(bytes: Buffer, documents: Settings, inspect: Settings = {}) {
  const limits = documentLimits(configSchema.shape.inspect.parse({ ...inspect, documents }));
  const reading = await readDocument({ bytes }, limits, { reader: shippedReader, ocr: seeing('words') });
  return Object.fromEntries(reading.parts.map(({ path, status }) => [path, status]));
}

const entries = (count: number) =>
  Buffer.from(
    zipSync(Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.txt`, Buffer.from('x')]))),
  );
/** As large packed as unpacked. */
const noise = Buffer.from(
  zipSync({
    'noise.txt': Buffer.from(Array.from({ length: 60_000 }, (_, i) => `${(i * 7919) % 99_991}`).join(' ')),
  }),
);
const zeros = gzipSync(Buffer.alloc(20 * 1024 * 1024));

describe('a limit', () => {
  it.each<[string, Buffer, Settings, Settings, string, PartStatus]>([
    ['max_depth', fixture('formats/nest.zip'), { max_depth: 8 }, { max_depth: 3 }, '1.1.1.1', 'too-deep'],
    ['max_entries', entries(40), { max_entries: 40 }, { max_entries: 30 }, '', 'too-large'],
    ['max_unpacked', noise, { max_unpacked: '1MB' }, { max_unpacked: '100KB' }, '', 'too-large'],
    ['max_ratio', zeros, { max_ratio: 2000 }, { max_ratio: 200 }, '', 'too-large'],
    ['max_pages', fixture('images/two-pages.tif'), { max_pages: 2 }, { max_pages: 1 }, '', 'too-large'],
    [
      'max_pixels',
      fixture('images/words.png'),
      { max_pixels: 60_000 },
      { max_pixels: 50_000 },
      '',
      'too-large',
    ],
  ])('%s', async (_, bytes, within, beyond, path, status) => {
    expect(new Set(Object.values(await statuses(bytes, within)))).toSatisfy((all: Set<PartStatus>) =>
      [...all].every((one) => ['read', 'empty', 'no-text', 'unsupported'].includes(one)),
    );
    expect(await statuses(bytes, beyond)).toMatchObject({ [path]: status });
  });

  it('max_part_text', async () => {
    const sheet = fixture('formats/word.docx');
    expect(await statuses(sheet, {}, { max_part_text: '1MB' })).toMatchObject({ '': 'read' });
    expect(await statuses(sheet, {}, { max_part_text: '1KB' })).toMatchObject({ '': 'too-large' });
  });

  it('has a default that a letter never meets, and a bomb does', async () => {
    expect(await statuses(fixture('formats/word.docx'), {})).toMatchObject({ '': 'read' });
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024));
    expect(await statuses(bomb, {})).toMatchObject({ '': 'too-large' });
  });
});
