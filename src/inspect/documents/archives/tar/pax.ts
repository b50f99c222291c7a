import { CorruptArchive } from '../listing.js';

/** One record of an extended header; order and repetition matter. */
export interface PaxRecord {
  readonly key: string;
  readonly value: Buffer;
}

const MAX_RECORDS = 10_000;

/** Extended header records, `length key=value\n` (POSIX.1-2001 pax). @throws CorruptArchive */
export function readPax(data: Buffer): readonly PaxRecord[] {
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < data.length && data[at] !== 0) {
    const blank = data.indexOf(0x20, at);
    const digits = blank < 0 || blank - at > 10 ? '' : data.toString('latin1', at, blank);
    const end = at + Number(digits);
    const equals = data.indexOf(0x3d, blank);
    if (
      !/^\d+$/.test(digits) ||
      end > data.length ||
      equals < 0 ||
      equals >= end ||
      data[end - 1] !== 0x0a ||
      records.length >= MAX_RECORDS
    ) {
      throw new CorruptArchive('a record of a pax header is malformed');
    }
    records.push({
      key: data.toString('utf8', blank + 1, equals),
      value: data.subarray(equals + 1, end - 1),
    });
    at = end;
  }
  return records;
}

/** The last value of a key: later records override earlier ones. */
export function paxValue(records: readonly PaxRecord[], key: string): Buffer | undefined {
  return records.findLast((record) => record.key === key)?.value;
}

/** @throws CorruptArchive */
export function paxNumber(value: Buffer): number {
  const text = value.toString('latin1');
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new CorruptArchive('a number of a pax header is malformed');
  return number;
}
