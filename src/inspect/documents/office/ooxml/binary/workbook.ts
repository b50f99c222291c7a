import type { ReaderContext } from '../../../types.js';
import { byteReader } from '../../byte-reader.js';
import { printableRuns, printableText } from '../../compound/printable.js';
import { CorruptDocument, type Findings } from '../../findings.js';
import { type NumberFormat, numberFormat } from '../../number-format.js';
import type { PackagePart } from '../../package.js';
import type { Relations } from '../relationships.js';
import { type BinaryRecord, binaryRecords } from './records.js';
import { readBinarySheet } from './sheet.js';
import { richWideString, wideString } from './strings.js';

/** With which record the kinds of parts begin; they end with the one after it ([MS-XLSB] 2.1.7, 2.3.2). */
const BEGINS = {
  sheet: 129,
  book: 131,
  strings: 159,
  styles: 278,
  metadata: 332,
  table: 343,
  comments: 628,
} as const;
/** Records of [MS-XLSB] 2.3.2 by number. */
const STRING_ITEM = 19;
const FORMAT = 44;
const STYLE = 47;
const BOOK_PROPERTIES = 153;
const SHEET = 156;
const BEGIN_CELL_STYLES = 617;
const END_CELL_STYLES = 618;
const COMMENT_AUTHOR = 632;
const COMMENT_TEXT = 637;
/** Parts that only say in which order, or where, something is computed. */
const NUMBERS_ONLY = /(?:^|\/)(?:calcchain|binaryindex\d*)\.bin$/;

interface BinaryPart {
  readonly name: string;
  readonly records: readonly BinaryRecord[];
}

interface BookSheet {
  readonly part: string;
  readonly name: string;
  readonly hidden: boolean;
}

/**
 * Reads the parts of a binary workbook ([MS-XLSB]) that hold text, and gives back the others: of those that consist of
 * records too, the words are found, but numbers in them aren't.
 * @throws TooLarge
 */
export function readBinaryWorkbook(
  parts: readonly PackagePart[],
  relations: Relations,
  context: ReaderContext,
  found: Findings,
): readonly PackagePart[] {
  const read: Record<keyof typeof BEGINS, BinaryPart[]> = {
    sheet: [],
    book: [],
    strings: [],
    styles: [],
    metadata: [],
    table: [],
    comments: [],
  };
  const rest: PackagePart[] = [];
  for (const part of parts) {
    if (NUMBERS_ONLY.test(part.name) && binaryRecords(part.bytes) !== undefined) continue;
    const records = part.name.endsWith('.bin') ? binaryRecords(part.bytes) : undefined;
    const kind = kindOfPart(records?.[0]?.type);
    if (records !== undefined && kind !== undefined) {
      read[kind].push({ name: part.name, records });
      if (records.at(-1)?.type !== BEGINS[kind] + 1) found.fail('corrupt');
    } else {
      if (records !== undefined) found.text('strings', printableText(records.map(({ data }) => data)));
      rest.push(part);
    }
  }
  if (read.book.length === 0) found.fail('corrupt');
  const is1904 = read.book.some(({ records }) => first(records, BOOK_PROPERTIES, is1904Book) ?? false);
  const sheets = read.book.flatMap((part) => bookSheets(part, relations, found));
  if (sheets.some(({ part }) => !read.sheet.some(({ name }) => name === part))) found.fail('corrupt');
  const strings = read.strings.flatMap(({ records }) => sharedStrings(records, found));
  const formats = read.styles.flatMap(({ records }) => cellFormats(records, is1904));
  const used = new Set<number>();
  const rank = ({ name }: BinaryPart) => (sheets.findIndex((sheet) => sheet.part === name) + 1e6) % 1e6;
  for (const part of read.sheet.toSorted((a, b) => rank(a) - rank(b))) {
    const about = sheets.find((sheet) => sheet.part === part.name) ?? { name: '', hidden: false };
    const { maxText } = context.limits;
    readBinarySheet(part.records, { ...about, strings, formats, used, maxText }, found);
  }
  found.text('hidden', strings.filter((_, index) => !used.has(index)).join('\n'));
  for (const { records } of read.comments) addComments(records, found);
  for (const { records } of [...read.book, ...read.table, ...read.metadata])
    found.text('strings', printableText(records.map(({ data }) => data)));
  return rest;
}

function kindOfPart(type: number | undefined): keyof typeof BEGINS | undefined {
  for (const kind of Object.keys(BEGINS)) if (isKind(kind) && BEGINS[kind] === type) return kind;
  return undefined;
}

function isKind(name: string): name is keyof typeof BEGINS {
  return Object.hasOwn(BEGINS, name);
}

/** What is made of the first record of a type. */
function first<T>(records: readonly BinaryRecord[], type: number, read: (data: Buffer) => T): T | undefined {
  const record = records.find((one) => one.type === type);
  return record === undefined ? undefined : read(record.data);
}

function is1904Book(data: Buffer): boolean {
  return ((data[0] ?? 0) & 1) !== 0;
}

function bookSheets(
  { name, records }: BinaryPart,
  relations: Relations,
  found: Findings,
): readonly BookSheet[] {
  const targets = relations.get(name) ?? [];
  return each(records, SHEET, found, (data) => {
    const reader = byteReader(data);
    const hidden = reader.u32() !== 0;
    reader.skip(4);
    const id = wideString(reader);
    const part = targets.find((one) => one.id === id)?.target ?? '';
    return { part, name: wideString(reader), hidden };
  });
}

function sharedStrings(records: readonly BinaryRecord[], found: Findings): readonly string[] {
  return each(records, STRING_ITEM, found, (data) => {
    const { text, phonetic } = richWideString(byteReader(data));
    found.text('hidden', phonetic);
    return text;
  });
}

function addComments(records: readonly BinaryRecord[], found: Findings): void {
  for (const text of each(records, COMMENT_TEXT, found, (data) => richWideString(byteReader(data)).text))
    found.text('comments', text);
  for (const author of each(records, COMMENT_AUTHOR, found, (data) => wideString(byteReader(data))))
    found.text('comments', author);
}

function cellFormats(records: readonly BinaryRecord[], is1904: boolean): readonly NumberFormat[] {
  const codes = new Map<number, string>();
  const formats: NumberFormat[] = [];
  let inCells = false;
  for (const { type, data } of records) {
    if (type === BEGIN_CELL_STYLES) inCells = true;
    else if (type === END_CELL_STYLES) inCells = false;
    else if (type === FORMAT && data.length >= 6) {
      codes.set(data.readUInt16LE(0), wideString(byteReader(data, 2)));
    } else if (type === STYLE && inCells && data.length >= 4) {
      const id = data.readUInt16LE(2);
      formats.push(numberFormat(id, codes.get(id), is1904));
    }
  }
  return formats;
}

/** What is made of each record of a type; of a broken one the words are found, and the document isn't read in full. */
function each<T>(
  records: readonly BinaryRecord[],
  type: number,
  found: Findings,
  read: (data: Buffer) => T,
): readonly T[] {
  return records.flatMap((record) => {
    if (record.type !== type) return [];
    try {
      return [read(record.data)];
    } catch (error) {
      if (!(error instanceof CorruptDocument)) throw error;
      found.text('strings', printableRuns(record.data));
      found.fail('corrupt');
      return [];
    }
  });
}
