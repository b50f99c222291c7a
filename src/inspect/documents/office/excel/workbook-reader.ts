import { decodePage, isKnownPage } from '../code-page.js';
import { bitmapFile } from '../compound/office-art.js';
import { printableRuns, printableText } from '../compound/printable.js';
import { CorruptDocument, type Findings } from '../findings.js';
import { type NumberFormat, numberFormat } from '../number-format.js';
import { rkNumber } from '../rk-number.js';
import { hiddenColumns, type SheetCell, type SheetRows, sheetRows } from '../sheet-rows.js';
import { styledReadings } from '../styled-text.js';
import { type BiffRecord, joined, readRecords } from './records.js';
import { type PieceReader, pieceReader, plainString, richString } from './unicode-string.js';

/** Records of [MS-XLS] 2.3 by number. */
const R = {
  formula: 0x06,
  eof: 0x0a,
  calcCount: 0x0c,
  protect: 0x12,
  header: 0x14,
  footer: 0x15,
  name: 0x18,
  note: 0x1c,
  date1904: 0x22,
  externName: 0x23,
  filePass: 0x2f,
  font: 0x31,
  codePage: 0x42,
  writeAccess: 0x5c,
  imData: 0x7f,
  colInfo: 0x7d,
  boundSheet: 0x85,
  mulRk: 0xbd,
  rString: 0xd6,
  xf: 0xe0,
  bkHim: 0xe9,
  drawingGroup: 0xeb,
  drawing: 0xec,
  sst: 0xfc,
  labelSst: 0xfd,
  extSst: 0xff,
  txo: 0x1b6,
  hyperlink: 0x1b8,
  number: 0x203,
  label: 0x204,
  string: 0x207,
  row: 0x208,
  window2: 0x23e,
  rk: 0x27e,
  style: 0x293,
  format: 0x41e,
  bof: 0x809,
} as const;
/** They hold numbers, colours and names of fonts and styles only. */
const NO_TEXT: ReadonlySet<number> = new Set([
  R.calcCount,
  R.font,
  R.extSst,
  R.style,
  R.drawing,
  R.drawingGroup,
  0x200,
  0x201,
  0xbe,
  0x92,
  0x99,
  0x867,
  0x87d,
  0x88e,
  0x892,
  0x896,
]);
const MAX_HIDDEN = 10_000;
const BITMAP = 9;

interface Sheet {
  readonly name: string;
  readonly hidden: boolean;
  readonly at: number;
}

export interface WorkbookStream {
  /** Data of drawings, without the borders of records. */
  readonly drawings: readonly Buffer[];
  readonly encrypted: boolean;
}

/**
 * Reads the stream of a workbook of Excel 97 to 2003, or of 5 and 95 (BIFF8 and BIFF5).
 * @throws CorruptDocument, TooLarge
 */
export function readWorkbookStream(stream: Buffer, found: Findings, maxText: number): WorkbookStream {
  const state = createState(found, maxText);
  try {
    for (const record of readRecords(stream)) {
      if (record.type === R.filePass) return { drawings: [], encrypted: true };
      state.takeWhole(record);
    }
  } finally {
    // What was read before the damage is kept.
    state.end();
  }
  return { drawings: state.drawings, encrypted: false };
}

function createState(found: Findings, maxText: number) {
  let wide = true;
  let begun = false;
  let page = 1252;
  let is1904 = false;
  let nested = 0;
  const codes = new Map<number, string>();
  const formatIds: number[] = [];
  const formats = new Map<number, NumberFormat>();
  const strings: string[] = [];
  const used = new Set<number>();
  const sheets: Sheet[] = [];
  const others: Buffer[] = [];
  const drawings: Buffer[] = [];
  let rows: SheetRows | undefined;
  let hiddenRows = new Set<number>();
  let columns = hiddenColumns();
  let current = -1;
  let cells: SheetCell[] = [];
  /** Where parts of the workbook begin. */
  const begins = new Set<number>();
  let formulaCell: { readonly row: number; readonly column: number } | undefined;

  const bytesText = (bytes: Buffer) => {
    const known = page === 0x8000 ? 10000 : page === 0x8001 ? 1252 : page;
    if (!isKnownPage(known)) found.oddity('unknown-code-page');
    return decodePage(bytes, known);
  };
  const text = (reader: PieceReader, lengthBytes: 1 | 2): string => {
    if (wide) return plainString(reader, lengthBytes);
    return bytesText(reader.bytes(lengthBytes === 1 ? reader.u8() : reader.u16()));
  };
  const endRow = () => {
    if (cells.length > 0) rows?.row(cells, { hidden: hiddenRows.has(current) });
    cells = [];
  };
  const put = (row: number, column: number, words: string) => {
    if (row !== current || rows === undefined) {
      endRow();
      // Cells outside of any sheet are read as well.
      if (rows === undefined) openSheet(-1);
      current = row;
    }
    if (words !== '') cells.push({ column, text: words });
  };
  const shown = (value: number, xf: number): string => {
    const id = formatIds[xf] ?? 0;
    const known = formats.get(id) ?? numberFormat(id, codes.get(id), is1904);
    formats.set(id, known);
    return known(value);
  };
  const openSheet = (at: number) => {
    endSheet();
    const sheet = sheets.find((one) => one.at === at);
    columns = hiddenColumns();
    hiddenRows = new Set();
    rows = sheetRows(found, {
      name: sheet?.name ?? '',
      hidden: sheet?.hidden === true,
      hiddenColumns: columns,
      maxText,
    });
  };
  const endSheet = () => {
    endRow();
    rows?.end();
    rows = undefined;
    current = -1;
  };
  const take = (record: BiffRecord): void => {
    const reader = pieceReader(record.pieces);
    switch (record.type) {
      case R.bof: {
        const version = reader.u16();
        begins.add(record.at);
        // Charts within say another version than the stream in which they are.
        if (!begun) wide = version === 0x600;
        begun = true;
        const isGlobal = reader.u16() === 5;
        // Charts have a stream of their own within that of their sheet.
        if (rows !== undefined) nested += 1;
        else if (!isGlobal) openSheet(record.at);
        return;
      }
      case R.eof:
        if (nested > 0) nested -= 1;
        else endSheet();
        return;
      case R.codePage:
        page = reader.u16();
        return;
      case R.date1904:
        is1904 = reader.u16() !== 0;
        return;
      case R.boundSheet: {
        const at = reader.u32();
        const hidden = (reader.u8() & 3) !== 0;
        reader.u8();
        sheets.push({ name: text(reader, 1), hidden, at });
        return;
      }
      case R.format: {
        const id = reader.u16();
        codes.set(id, text(reader, wide ? 2 : 1));
        return;
      }
      case R.xf:
        reader.u16();
        formatIds.push(reader.u16());
        return;
      case R.sst:
        readStrings(reader);
        return;
      case R.window2:
        if (nested === 0 && (reader.u16() & 0x40) !== 0) rows?.rightToLeft();
        return;
      case R.colInfo: {
        const first = reader.u16();
        const last = reader.u16();
        reader.skip(4);
        if ((reader.u16() & 1) !== 0) columns.hide(first, last);
        return;
      }
      case R.row: {
        const row = reader.u16();
        reader.skip(10);
        if ((reader.u32() & 0x20) !== 0 && hiddenRows.size < MAX_HIDDEN) hiddenRows.add(row);
        return;
      }
      case R.labelSst: {
        const [row, column] = [reader.u16(), reader.u16()];
        reader.u16();
        const index = reader.u32();
        const words = strings[index];
        // What a program shows there isn't known.
        if (words === undefined) found.fail('corrupt');
        else used.add(index);
        put(row, column, words ?? '');
        return;
      }
      case R.label:
      case R.rString: {
        const [row, column] = [reader.u16(), reader.u16()];
        reader.u16();
        put(row, column, text(reader, 2));
        return;
      }
      case R.rk: {
        const [row, column, xf] = [reader.u16(), reader.u16(), reader.u16()];
        put(row, column, shown(rkNumber(reader.u32()), xf));
        return;
      }
      case R.mulRk: {
        const row = reader.u16();
        const first = reader.u16();
        const count = Math.floor((joined(record).length - 6) / 6);
        for (let index = 0; index < count; index++) {
          const xf = reader.u16();
          put(row, first + index, shown(rkNumber(reader.u32()), xf));
        }
        return;
      }
      case R.number: {
        const [row, column, xf] = [reader.u16(), reader.u16(), reader.u16()];
        put(row, column, shown(reader.bytes(8).readDoubleLE(0), xf));
        return;
      }
      case R.formula:
        readFormula(reader, joined(record));
        return;
      case R.string:
        if (formulaCell === undefined) keepWords(record);
        else put(formulaCell.row, formulaCell.column, text(reader, 2));
        formulaCell = undefined;
        return;
      case R.header:
      case R.footer:
        if (!reader.done)
          found.text('headers', text(reader, wide ? 2 : 1).replace(/&(?:[LCR]|"[^"]*"|\d+)/g, ' '));
        return;
      case R.txo:
        readTextObject(record);
        return;
      case R.imData:
      case R.bkHim:
        readPicture(reader);
        return;
      case R.drawingGroup:
      case R.drawing:
        drawings.push(joined(record));
        return;
      case R.name:
        found.text('formulas', printableRuns(joined(record)));
        return;
      case R.writeAccess:
        found.text('metadata', text(reader, wide ? 2 : 1).trim());
        return;
      case R.hyperlink:
        found.text('links', printableRuns(joined(record)));
        return;
      default:
        if (!NO_TEXT.has(record.type)) keepWords(record);
    }
  };
  /** What can be read in a record of which nothing else is known. */
  const keepWords = (record: BiffRecord) => {
    for (const piece of record.pieces) others.push(piece);
  };
  const readStrings = (reader: PieceReader) => {
    reader.skip(4);
    // How many there are is said before them; cells may refer to what comes behind as well.
    reader.skip(4);
    while (!reader.done) {
      const { text: words, runs, extra } = richString(reader);
      strings.push(words);
      if (runs.length > 0) readLooks(words, runs);
      if (extra.length > 0) others.push(extra);
    }
  };
  /** A text in several fonts, without the pieces of each. */
  const readLooks = (words: string, runs: Buffer) => {
    const starts: number[] = [];
    // One after the other: pieces that overlap would be much text made of little.
    for (let at = 0; at < runs.length; at += 4)
      starts.push(Math.max(starts.at(-1) ?? 0, runs.readUInt16LE(at)));
    const pieces = starts.map((start, index) => ({
      text: words.slice(start, starts[index + 1]),
      style: String(runs.readUInt16LE(index * 4 + 2)),
    }));
    const { readings, tooMany } = styledReadings([{ text: words.slice(0, starts[0]), style: '' }, ...pieces]);
    for (const reading of readings) found.text('styled', reading);
    if (tooMany) found.oddity('styled-within-number');
  };
  /** Pictures of Excel 95, and behind the cells of a sheet (2.4.13). */
  const readPicture = (reader: PieceReader) => {
    const format = reader.u16();
    reader.skip(2);
    const bytes = reader.bytes(reader.u32());
    found.extracted(
      format === BITMAP
        ? { fileName: 'picture.bmp', bytes: bitmapFile(bytes) }
        : { fileName: 'picture', bytes },
    );
  };
  const readFormula = (reader: PieceReader, data: Buffer) => {
    const [row, column, xf] = [reader.u16(), reader.u16(), reader.u16()];
    const value = reader.bytes(8);
    formulaCell = undefined;
    // 2.5.133: a string follows in its own record.
    if (value.readUInt16LE(6) !== 0xffff) put(row, column, shown(value.readDoubleLE(0), xf));
    else if (value[0] === 0) formulaCell = { row, column };
    found.text('formulas', printableRuns(data.subarray(20)));
  };
  const readTextObject = (record: BiffRecord) => {
    const [first = Buffer.alloc(0), ...rest] = record.pieces;
    const count = first.length >= 12 ? first.readUInt16LE(10) : 0;
    if (count === 0) return;
    if (!wide) {
      found.text('comments', bytesText(Buffer.concat(rest).subarray(0, count)));
      return;
    }
    const [head, ...others2] = rest;
    if (head === undefined) return;
    const reader = pieceReader([head, ...others2]);
    const options = reader.u8();
    found.text('comments', reader.characters(count, (options & 1) !== 0));
  };
  const end = () => {
    endSheet();
    // Of an earlier version, or a sheet is somewhere within other records.
    if (!begun) found.fail('unsupported');
    if (sheets.some(({ at }) => !begins.has(at))) found.fail('corrupt');
    found.text('hidden', strings.filter((_, index) => !used.has(index)).join('\n'));
    found.text('strings', printableText(others));
  };
  const takeWhole = (record: BiffRecord) => {
    try {
      take(record);
    } catch (error) {
      if (!(error instanceof CorruptDocument)) throw error;
      // A broken format only changes how a number looks. What can be read of other records is, and the rest goes on.
      keepWords(record);
      if (record.type !== R.format) found.fail('corrupt');
    }
  };
  return { takeWhole, end, drawings };
}
