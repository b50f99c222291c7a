import { describe, expect, it } from 'vitest';
import { characterRuns } from '../../../../../src/inspect/documents/office/word/formats.js';
import { TooLarge } from '../../../../../src/inspect/documents/types.js';

const RUNS = 80;
const BOLD = [0x35, 0x08, 1];

/** A page of as many runs as there are, all of them with the same properties. */
function page(): Buffer {
  const bytes = Buffer.alloc(512);
  const list = 500;
  bytes[511] = RUNS;
  for (let run = 0; run <= RUNS; run++) bytes.writeUInt32LE(run, run * 4);
  bytes.fill(list / 2, (RUNS + 1) * 4, (RUNS + 1) * 4 + RUNS);
  bytes.set([BOLD.length, ...BOLD], list);
  return bytes;
}

function table(pages: readonly number[]): Buffer {
  const bytes = Buffer.alloc(pages.length * 8 + 4);
  for (const [at, number] of pages.entries()) bytes.writeUInt32LE(number, (pages.length + 1 + at) * 4);
  return bytes;
}

function runsOf(pages: readonly number[], document: Buffer) {
  const bins = table(pages);
  return characterRuns(bins, { at: 0, length: bins.length }, document);
}

describe('runs of characters of a Word document', () => {
  it('are read once, however often their page is named', () => {
    const runs = runsOf(new Array<number>(30_000).fill(0), page());
    expect(runs).toHaveLength(RUNS);
    expect(runs[0]?.look).toBe(Buffer.from(BOLD).toString('latin1'));
  });

  it('make the document too large where there are too many', () => {
    const pages = Array.from({ length: 26_000 }, (_, number) => number);
    expect(() => runsOf(pages, Buffer.concat(pages.map(page)))).toThrow(TooLarge);
  });
});
