import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type FormatResult,
  type ReaderContext,
  TooLarge,
} from '../../../../../src/inspect/documents/types.js';

/** The bytes of a fixture, e.g. `pdf/text.pdf`. */
export function fixture(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`../../../../fixtures/documents/${name}`, import.meta.url)));
}

/** A context with limits small enough for bombs to meet them. */
export function readerContext(ocr?: ReaderContext['ocr']): ReaderContext {
  const limits = {
    maxDepth: 5,
    maxEntries: 100,
    maxUnpacked: 64 * 1024 * 1024,
    maxRatio: 1000,
    maxText: 8 * 1024 * 1024,
    maxPages: 3,
    maxPixels: 20_000_000,
  };
  const used = { unpacked: 0, entries: 0, text: 0 };
  const take = (name: keyof typeof used, amount: number, most: number) => {
    used[name] += amount;
    if (used[name] > most) throw new TooLarge(name);
  };
  return {
    limits,
    budget: {
      takeUnpacked: (bytes) => take('unpacked', bytes, limits.maxUnpacked),
      takeEntry: () => take('entries', 1, limits.maxEntries),
      takeText: (bytes) => take('text', bytes, limits.maxText),
    },
    ...(ocr && { ocr }),
  };
}

/** All readings of one view. */
export function view(result: FormatResult, name: string): string {
  return result.texts
    .filter((text) => text.view === name)
    .map((text) => text.text)
    .join('\n');
}

export function allText(result: FormatResult): string {
  return result.texts.map((text) => text.text).join('\n');
}
