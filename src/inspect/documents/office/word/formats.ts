import { TooLarge } from '../../types.js';
import type { Place } from './file-information.js';

/** Formatting of a run of bytes of the WordDocument stream, as far as it matters to reading. */
export interface FormatRun {
  readonly from: number;
  readonly to: number;
  readonly hidden: boolean;
  readonly deleted: boolean;
  readonly inserted: boolean;
  /** A letter of a symbol font that stands for the character. */
  readonly symbol: number | undefined;
  /** The paragraph ends a row of a table. */
  readonly rowEnd: boolean;
  /** Where a picture is in the stream Data. */
  readonly picture: number | undefined;
  /** How its characters look, as a signature; empty for those of paragraphs. */
  readonly look: string;
}

/** Properties that say nothing about how characters look: languages, revisions, their authors and places of data. */
const NO_LOOKS: ReadonlySet<number> = new Set([
  0x0800, 0x0801, 0x0875, 0x286f, 0x4804, 0x485f, 0x4863, 0x4864, 0x486d, 0x486e, 0x4873, 0x4874, 0x6805,
  0x6815, 0x6816, 0x6817, 0x6863, 0x6864, 0x6a03,
]);
const PAGE = 512;
const MAX_RUNS = 2_000_000;
/** Half points. */
const SMALLEST = 4;

/**
 * Runs of characters with formatting that hides or marks them ([MS-DOC] 2.8.5, 2.9.33), in order of their place. What
 * is damaged is left out: the text itself is read in any case.
 * @throws TooLarge
 */
export function characterRuns(table: Buffer, place: Place, document: Buffer): readonly FormatRun[] {
  const looks = new Map<string, string>();
  return runs(table, place, document, looks, (page, count, index) => {
    const offset = (page[(count + 1) * 4 + index] ?? 0) * 2;
    if (offset === 0 || offset >= PAGE - 1) return undefined;
    return page.subarray(offset + 1, offset + 1 + (page[offset] ?? 0));
  });
}

/** Likewise of paragraphs (2.8.6, 2.9.174). @throws TooLarge */
export function paragraphRuns(table: Buffer, place: Place, document: Buffer): readonly FormatRun[] {
  return runs(table, place, document, undefined, (page, count, index) => {
    const offset = (page[(count + 1) * 4 + index * 13] ?? 0) * 2;
    if (offset === 0 || offset >= PAGE - 2) return undefined;
    const words = page[offset] ?? 0;
    const [start, length] =
      words === 0 ? [offset + 2, (page[offset + 1] ?? 0) * 2] : [offset + 1, words * 2 - 1];
    // The number of its style comes first.
    return page.subarray(start + 2, start + length);
  });
}

/** @param looks those of which runs are kept apart, each kept once; absent: none is */
function runs(
  table: Buffer,
  place: Place,
  document: Buffer,
  looks: Map<string, string> | undefined,
  properties: (page: Buffer, count: number, index: number) => Buffer | undefined,
): readonly FormatRun[] {
  const bins = table.subarray(place.at, place.at + place.length);
  const count = Math.max(0, Math.floor((bins.length - 4) / 8));
  const found: FormatRun[] = [];
  const seen = new Set<number>();
  for (let bin = 0; bin < count; bin++) {
    const number = bins.readUInt32LE((count + 1) * 4 + bin * 4) & 0x3fffff;
    // Its places are in it, so it says the same however often it is named.
    if (seen.has(number)) continue;
    seen.add(number);
    const page = document.subarray(number * PAGE, number * PAGE + PAGE);
    if (page.length < PAGE) continue;
    const inPage = page[PAGE - 1] ?? 0;
    if ((inPage + 1) * 4 >= PAGE) continue;
    for (let index = 0; index < inPage; index++) {
      const list = properties(page, inPage, index);
      if (list === undefined) continue;
      const run = readProperties(list, page.readUInt32LE(index * 4), page.readUInt32LE(index * 4 + 4), looks);
      if (run !== undefined) found.push(run);
    }
    if (found.length > MAX_RUNS) throw new TooLarge();
  }
  return found.sort((a, b) => a.from - b.from);
}

/** Sizes of operands by the upper bits of the code (2.2.5.1). */
const OPERANDS = [1, 1, 2, 4, 2, 2, undefined, 3] as const;

function readProperties(
  list: Buffer,
  from: number,
  to: number,
  looks: Map<string, string> | undefined,
): FormatRun | undefined {
  let hidden = false;
  let deleted = false;
  let inserted = false;
  let rowEnd = false;
  let symbol: number | undefined;
  let picture: number | undefined;
  let signature = '';
  for (let at = 0; at + 3 <= list.length; ) {
    const code = list.readUInt16LE(at);
    const size = OPERANDS[code >> 13] ?? operandSize(code, list, at + 2);
    const operand = list.subarray(at + 2, at + 2 + size);
    if (operand.length < size) break;
    const on = ((operand[0] ?? 0) & 0x7f) !== 0 || operand[0] === 0x81;
    if (looks !== undefined && !NO_LOOKS.has(code)) signature += list.toString('latin1', at, at + 2 + size);
    if (code === 0x083c) hidden ||= on;
    else if (code === 0x0800) deleted = on;
    else if (code === 0x0801) inserted = on;
    else if (code === 0x4a43) hidden ||= operand.readUInt16LE(0) <= SMALLEST;
    else if (code === 0x2a42) hidden ||= operand[0] === 8;
    else if (code === 0x6870) hidden ||= operand.readUInt32LE(0) === 0x00ffffff;
    else if (code === 0x6a09) symbol = operand.readUInt16LE(2);
    else if (code === 0x6a03) picture = operand.readUInt32LE(0);
    else if (code === 0x2417 || code === 0x244c) rowEnd = on;
    at += 2 + size;
  }
  const look = looks?.get(signature) ?? signature;
  looks?.set(look, look);
  const isPlain = !hidden && !deleted && !inserted && !rowEnd;
  if (isPlain && look === '' && symbol === undefined && picture === undefined) return undefined;
  return { from, to, hidden, deleted, inserted, symbol, rowEnd, picture, look };
}

function operandSize(code: number, list: Buffer, at: number): number {
  // Two codes have longer lists (2.6.1, 2.6.3).
  if (code === 0xd608) return at + 2 <= list.length ? list.readUInt16LE(at) + 1 : 1;
  return (list[at] ?? 0) + 1;
}

/** Finds the run at a place, where places mostly go up. */
export function runFinder(all: readonly FormatRun[]): (at: number) => FormatRun | undefined {
  return (at) => {
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle]?.from ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    const run = all[low - 1];
    return run !== undefined && at < run.to ? run : undefined;
  };
}
