import { type ByteReader, byteReader } from '../../byte-reader.js';
import { printableRuns, printableText } from '../../compound/printable.js';
import { CorruptDocument, type Findings } from '../../findings.js';
import type { NumberFormat } from '../../number-format.js';
import { rkNumber } from '../../rk-number.js';
import { hiddenColumns, type SheetCell, sheetRows } from '../../sheet-rows.js';
import type { BinaryRecord } from './records.js';
import { richWideString, wideString } from './strings.js';

export interface BinarySheetContext {
  readonly name: string;
  readonly hidden: boolean;
  readonly strings: readonly string[];
  readonly formats: readonly NumberFormat[];
  /** Numbers of the shared strings that a cell shows. */
  readonly used: Set<number>;
  readonly maxText: number;
}

/** Records of [MS-XLSB] 2.3.2 by number. */
const ROW = 0;
const BLANK = 1;
const LAST_CELL = 11;
const SHORT_BLANK = 12;
const SHORT_ISST = 18;
const COLUMN = 60;
const RICH_CELL = 62;
const VIEW = 137;
const HEADER_FOOTER = 479;
const LINK = 494;
/** For each of the short cells the one that says the same with its column. */
const LONG: readonly number[] = [1, 2, 3, 4, 5, 6, 7];

/** Reads one sheet of a binary workbook. @throws TooLarge */
export function readBinarySheet(
  records: readonly BinaryRecord[],
  context: BinarySheetContext,
  found: Findings,
): void {
  const columns = hiddenColumns();
  const rows = sheetRows(found, { ...context, hiddenColumns: columns });
  let cells: SheetCell[] = [];
  let rowHidden = false;
  let column = -1;
  const others: Buffer[] = [];
  const endRow = () => {
    if (cells.length > 0) rows.row(cells, { hidden: rowHidden });
    cells = [];
    column = -1;
  };
  const take = ({ type, data }: BinaryRecord): void => {
    const reader = byteReader(data);
    if (type === ROW) {
      endRow();
      reader.skip(11);
      rowHidden = (reader.u8() & 0x10) !== 0;
    } else if ((type >= BLANK && type <= LAST_CELL) || type === RICH_CELL) {
      column = reader.u32();
      cell(type, reader, data);
    } else if (type >= SHORT_BLANK && type <= SHORT_ISST) {
      column += 1;
      cell(LONG[type - SHORT_BLANK] ?? BLANK, reader, data);
    } else if (type === COLUMN) {
      const [first, last] = [reader.u32(), reader.u32()];
      reader.skip(8);
      if ((reader.u16() & 1) !== 0) columns.hide(first, last);
    } else if (type === VIEW) {
      if ((reader.u16() & 0x20) !== 0) rows.rightToLeft();
    } else if (type === HEADER_FOOTER) {
      reader.skip(2);
      for (let index = 0; index < 6 && reader.left > 0; index++)
        found.text('headers', wideString(reader).replace(/&(?:[LCR]|"[^"]*"|\d+)/g, ' '));
    } else if (type === LINK) {
      reader.skip(16);
      for (let index = 0; index < 4 && reader.left > 0; index++) found.text('links', wideString(reader));
    } else if (data.length > 4) others.push(data);
  };
  const cell = (type: number, reader: ByteReader, data: Buffer): void => {
    const style = reader.u32() & 0xffffff;
    const text = value(type, reader, style);
    if (text !== '') cells.push({ column, text });
    // What is left of a cell is its formula.
    if (type > 7 && type <= LAST_CELL) found.text('formulas', printableRuns(data.subarray(reader.at)));
  };
  const value = (type: number, reader: ByteReader, style: number): string => {
    const number = (one: number) => context.formats[style]?.(one) ?? String(one);
    switch (type) {
      case 2:
        return number(rkNumber(reader.u32()));
      case 4:
      case 10:
        return reader.u8() === 0 ? 'FALSE' : 'TRUE';
      case 5:
      case 9:
        return number(reader.f64());
      case 6:
      case 8:
        return wideString(reader);
      case 7: {
        const index = reader.u32();
        context.used.add(index);
        return context.strings[index] ?? '';
      }
      case RICH_CELL:
        return richWideString(reader).text;
      default:
        return '';
    }
  };
  for (const record of records) {
    try {
      take(record);
    } catch (error) {
      if (!(error instanceof CorruptDocument)) throw error;
      others.push(record.data);
      found.fail('corrupt');
    }
  }
  endRow();
  rows.end();
  found.text('strings', printableText(others));
}
