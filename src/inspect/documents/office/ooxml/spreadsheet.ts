import type { ReaderContext } from '../../types.js';
import type { Findings } from '../findings.js';
import { noteXml } from '../xml-part.js';
import { readCellFormats } from './cell-formats.js';
import type { XmlPart } from './parts.js';
import { type PivotFields, readPivotFields, readPivotRecords } from './pivot-cache.js';
import type { Relations } from './relationships.js';
import { readSharedStrings } from './shared-strings.js';
import { readSheet } from './sheet.js';
import { readWorkbook, type Workbook } from './workbook.js';

const SHEETS: ReadonlySet<string> = new Set(['worksheet', 'dialogsheet', 'macrosheet']);
const READ_HERE: ReadonlySet<string> = new Set([
  ...SHEETS,
  'workbook',
  'sst',
  'pivotCacheDefinition',
  'pivotCacheRecords',
]);

/**
 * Reads the parts of SpreadsheetML that only mean something together, and gives back the others.
 * @throws TooLarge
 */
export function readSpreadsheet(
  parts: readonly XmlPart[],
  relations: Relations,
  context: ReaderContext,
  found: Findings,
): readonly XmlPart[] {
  const { maxText } = context.limits;
  const books = parts
    .filter(({ root }) => root === 'workbook')
    .map((part) => ({ part, book: readWorkbook(part.xml) }));
  for (const { book } of books) addWorkbook(book, found);
  const is1904 = books.some(({ book }) => book.is1904);
  const tables = parts.filter(({ root }) => root === 'sst').map(({ xml }) => readSharedStrings(xml));
  const styled = new Map<number, readonly string[]>();
  let before = 0;
  for (const { strings, styled: own, written, tooManyStyles, xml, phonetic } of tables) {
    noteXml(xml, found);
    for (const [index, readings] of own) styled.set(before + index, readings);
    before += strings.length;
    found.text('written', written.join('\n'));
    if (tooManyStyles) found.oddity('styled-within-number');
    found.text('hidden', phonetic.join('\n'));
  }
  const strings = tables.flatMap((table) => table.strings);
  const formats = parts
    .filter(({ root }) => root === 'styleSheet')
    .flatMap(({ xml }) => readCellFormats(xml, is1904));
  const used = new Set<number>();
  for (const part of inOrder(parts, books, relations)) {
    const about = aboutSheet(part, books, relations);
    noteXml(readSheet(part.xml, { ...about, strings, styled, formats, used, maxText }, found), found);
  }
  // Left over from cells that are gone.
  found.text('hidden', strings.filter((_, index) => !used.has(index)).join('\n'));
  readPivots(parts, relations, maxText, found);
  return parts.filter(({ root }) => !READ_HERE.has(root) || root === 'pivotCacheDefinition');
}

function addWorkbook(book: Workbook, found: Findings): void {
  noteXml(book.xml, found);
  found.text('formulas', book.formulas);
  found.text('attributes', book.attributes);
  found.text('other', book.other);
}

type Books = readonly { readonly part: XmlPart; readonly book: Workbook }[];

function aboutSheet(
  part: XmlPart,
  books: Books,
  relations: Relations,
): { readonly name: string; readonly hidden: boolean } {
  for (const { part: bookPart, book } of books) {
    const targets = relations.get(bookPart.name) ?? [];
    for (const sheet of book.sheets) {
      const target = targets.find(({ id }) => id === sheet.relation)?.target;
      if (target === part.name) return sheet;
    }
  }
  return { name: '', hidden: false };
}

function inOrder(parts: readonly XmlPart[], books: Books, relations: Relations): readonly XmlPart[] {
  const place = new Map<string, number>();
  for (const { part, book } of books) {
    for (const sheet of book.sheets) {
      const target = relations.get(part.name)?.find(({ id }) => id === sheet.relation)?.target;
      if (target !== undefined && !place.has(target)) place.set(target, place.size);
    }
  }
  const rank = (part: XmlPart) => place.get(part.name) ?? place.size;
  return parts.filter(({ root }) => SHEETS.has(root)).sort((a, b) => rank(a) - rank(b));
}

function readPivots(parts: readonly XmlPart[], relations: Relations, maxText: number, found: Findings): void {
  const byRecords = new Map<string, PivotFields>();
  for (const part of parts) {
    if (part.root !== 'pivotCacheDefinition') continue;
    const fields = readPivotFields(part.xml);
    noteXml(fields.xml, found);
    // Values stand here once, whether or not there are rows that use them.
    for (const [index, values] of fields.shared.entries())
      found.text('hidden', values.map((value) => `${fields.names[index] ?? ''}: ${value}`).join('\n'));
    for (const { target } of relations.get(part.name) ?? []) byRecords.set(target, fields);
  }
  for (const part of parts) {
    if (part.root !== 'pivotCacheRecords') continue;
    noteXml(readPivotRecords(part.xml, byRecords.get(part.name), maxText, found), found);
  }
}
