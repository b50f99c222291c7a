import { TooLarge } from '../../../types.js';

/** One record of a part of a binary workbook ([MS-XLSB] 2.1.4). */
export interface BinaryRecord {
  readonly type: number;
  readonly data: Buffer;
}

/** Bytes in which the number of a record and its length are written at most, seven bits each. */
const TYPE_BYTES = 2;
const LENGTH_BYTES = 4;
const MAX_RECORDS = 4_000_000;

/** All records of a part; undefined where it doesn't consist of them. @throws TooLarge */
export function binaryRecords(bytes: Buffer): readonly BinaryRecord[] | undefined {
  const records: BinaryRecord[] = [];
  let at = 0;
  const number = (most: number): number | undefined => {
    let value = 0;
    for (let index = 0; index < most; index++) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) return value;
    }
    // The length ends with its fourth byte, whatever that says.
    return value;
  };
  while (at < bytes.length) {
    const type = number(TYPE_BYTES);
    const length = number(LENGTH_BYTES);
    if (type === undefined || length === undefined || at + length > bytes.length) return undefined;
    if (records.length === MAX_RECORDS) throw new TooLarge('too many records');
    records.push({ type, data: bytes.subarray(at, at + length) });
    at += length;
  }
  return records;
}
