import { CorruptArchive } from '../listing.js';
import { BLOCK, tarNumber } from './header.js';
import { type PaxRecord, paxNumber, paxValue } from './pax.js';

/** A file with holes: its real size, and which of its places the data in the archive fill. */
export interface SparseMap {
  readonly realSize: number;
  readonly pieces: readonly { readonly offset: number; readonly length: number }[];
  /** Where in the archive the data begin, after header blocks that continue the map. */
  readonly dataAt: number;
}

const MAX_PIECES = 100_000;

/** GNU's old form: four pieces in the header, more in the blocks after it. @throws CorruptArchive */
export function oldSparseMap(bytes: Buffer, header: Buffer, after: number): SparseMap {
  const pieces: { offset: number; length: number }[] = [];
  const take = (block: Buffer, start: number, slots: number) => {
    for (let slot = 0; slot < slots; slot++) {
      const at = start + slot * 24;
      if (block[at] === 0) return;
      pieces.push({
        offset: tarNumber(block.subarray(at, at + 12)),
        length: tarNumber(block.subarray(at + 12, at + 24)),
      });
    }
  };
  take(header, 386, 4);
  let extended = header[482] !== 0;
  let dataAt = after;
  while (extended) {
    if (dataAt + BLOCK > bytes.length || pieces.length > MAX_PIECES) {
      throw new CorruptArchive('a sparse map is cut short');
    }
    const block = bytes.subarray(dataAt, dataAt + BLOCK);
    take(block, 0, 21);
    extended = block[504] !== 0;
    dataAt += BLOCK;
  }
  return { realSize: tarNumber(header.subarray(483, 495)), pieces, dataAt };
}

/** GNU's forms 0.0, 0.1 and 1.0 in pax records; undefined where the file isn't sparse. @throws CorruptArchive */
export function paxSparseMap(
  records: readonly PaxRecord[],
  bytes: Buffer,
  dataAt: number,
): SparseMap | undefined {
  const size = paxValue(records, 'GNU.sparse.realsize') ?? paxValue(records, 'GNU.sparse.size');
  if (size === undefined) return undefined;
  const realSize = paxNumber(size);
  if (paxValue(records, 'GNU.sparse.major')?.toString() === '1') return mapInData(realSize, bytes, dataAt);
  const map = paxValue(records, 'GNU.sparse.map');
  const numbers =
    map === undefined
      ? records
          .filter(({ key }) => /^GNU\.sparse\.(?:offset|numbytes)$/.test(key))
          .map(({ value }) => paxNumber(value))
      : map
          .toString('latin1')
          .split(',')
          .map((text) => paxNumber(Buffer.from(text)));
  return { realSize, pieces: inPairs(numbers), dataAt };
}

/** Form 1.0: decimal numbers, one a line, in blocks of their own before the data. */
function mapInData(realSize: number, bytes: Buffer, start: number): SparseMap {
  let at = start;
  const next = (): number => {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0 || end - at > 20) throw new CorruptArchive('a sparse map is malformed');
    const number = paxNumber(bytes.subarray(at, end));
    at = end + 1;
    return number;
  };
  const count = next();
  if (count > MAX_PIECES) throw new CorruptArchive('a sparse map has too many pieces');
  const numbers = Array.from({ length: count * 2 }, next);
  return { realSize, pieces: inPairs(numbers), dataAt: start + Math.ceil((at - start) / BLOCK) * BLOCK };
}

function inPairs(numbers: readonly number[]): SparseMap['pieces'] {
  const pieces = [];
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    pieces.push({ offset: numbers[index] ?? 0, length: numbers[index + 1] ?? 0 });
  }
  return pieces;
}

/** The file with its holes as zeros; its size must have been allowed before. @throws CorruptArchive */
export function fillSparse(map: SparseMap, data: Buffer): Buffer {
  const whole = Buffer.alloc(map.realSize);
  let at = 0;
  for (const { offset, length } of map.pieces) {
    if (offset + length > map.realSize || at + length > data.length) {
      throw new CorruptArchive('a sparse map goes beyond its file');
    }
    data.copy(whole, offset, at, at + length);
    at += length;
  }
  return whole;
}
