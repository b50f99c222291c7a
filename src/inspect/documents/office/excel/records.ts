import { CorruptDocument } from '../findings.js';

/** One record of the stream of a workbook, with the records that continue it ([MS-XLS] 2.1.4). */
export interface BiffRecord {
  readonly type: number;
  /** Where it is in the stream. */
  readonly at: number;
  /** Its data and those of each continuation. */
  readonly pieces: readonly Buffer[];
}

const CONTINUE = 0x3c;

/** @throws CorruptDocument where the stream ends within a record */
export function* readRecords(stream: Buffer): Generator<BiffRecord> {
  let current: { type: number; at: number; pieces: Buffer[] } | undefined;
  let at = 0;
  while (at + 4 <= stream.length) {
    const type = stream.readUInt16LE(at);
    const length = stream.readUInt16LE(at + 2);
    // The rest of the last sector; some programs write such records between others as well.
    if (type === 0 && length === 0) {
      at += 4;
      continue;
    }
    if (at + 4 + length > stream.length) {
      if (current !== undefined) yield current;
      throw new CorruptDocument('a record is cut short');
    }
    const data = stream.subarray(at + 4, at + 4 + length);
    if (type === CONTINUE && current !== undefined) current.pieces.push(data);
    else {
      if (current !== undefined) yield current;
      current = { type, at, pieces: [data] };
    }
    at += 4 + length;
  }
  if (current !== undefined) yield current;
}

/** All data of a record; continuations of text have a byte of their own at their beginning, which this doesn't know. */
export function joined(record: BiffRecord): Buffer {
  const [first = Buffer.alloc(0)] = record.pieces;
  return record.pieces.length === 1 ? first : Buffer.concat(record.pieces);
}
