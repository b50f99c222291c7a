import type { Findings } from '../findings.js';
import { isoOr } from '../iso-date.js';
import { hiddenColumns, type SheetCell, sheetRows } from '../sheet-rows.js';
import { attribute, type XmlAttributes } from '../xml.js';

/** One sheet of an OpenDocument spreadsheet while it is read (1.3 part 3, 9.1). */
export interface SheetTable {
  column(attributes: XmlAttributes): void;
  openRow(attributes: XmlAttributes): void;
  /** @throws TooLarge */
  closeRow(): void;
  openCell(attributes: XmlAttributes): void;
  /** A paragraph of the cell. */
  words(text: string): void;
  closeCell(): void;
  /** @throws TooLarge */
  end(): void;
}

/** Attributes that hold the values of cells, by the types of these; all others are in `value`. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ['date', 'date-value'],
  ['time', 'time-value'],
  ['string', 'string-value'],
  ['boolean', 'boolean-value'],
]);
const MOST_REPEATED = 1_048_576;

export interface SheetTableOptions {
  readonly name: string;
  /** The sheet isn't shown. */
  readonly hidden: boolean;
  /** Its first column is at the right. */
  readonly rightToLeft: boolean;
  /** Characters of one row. */
  readonly maxText: number;
}

export function sheetTable(
  { name, hidden, rightToLeft, maxText }: SheetTableOptions,
  found: Findings,
): SheetTable {
  const columns = hiddenColumns();
  const rows = sheetRows(found, { name, hidden, hiddenColumns: columns, maxText });
  if (rightToLeft) rows.rightToLeft();
  let columnCount = 0;
  let cells: SheetCell[] = [];
  let rowHidden = false;
  let column = 0;
  let span = 1;
  let type = '';
  let value = '';
  let words: string[] = [];
  /** What cells say that have a date in their place. */
  const besideDates: string[] = [];
  return {
    column(attributes) {
      const count = repeated(attributes, 'number-columns-repeated');
      if (isHidden(attributes)) columns.hide(columnCount, columnCount + count - 1);
      columnCount += count;
    },
    openRow(attributes) {
      cells = [];
      column = 0;
      rowHidden = isHidden(attributes);
    },
    closeRow() {
      rows.row(cells, { hidden: rowHidden });
      cells = [];
    },
    openCell(attributes) {
      span = repeated(attributes, 'number-columns-repeated');
      type = attribute(attributes, 'value-type') ?? '';
      const names = type === '' ? ['value', ...VALUES.values()] : [VALUES.get(type) ?? 'value'];
      value = names.map((name) => attribute(attributes, name)).find((one) => one !== undefined) ?? '';
      words = [];
    },
    words: (text) => void words.push(text),
    closeCell() {
      const shown = words.join('\n');
      if (type === 'date' && value !== '' && !saysOnly(shown, value)) besideDates.push(shown);
      const text = cellText(shown, type, value);
      if (text !== '') cells.push({ column, text });
      column += span;
      words = [];
    },
    end() {
      rows.end();
      found.text('shown', besideDates.join('\n'));
    },
  };
}

/** A number of times that is told by an attribute. */
export function repeated(attributes: XmlAttributes, name: string): number {
  const count = Number(attribute(attributes, name) ?? '1');
  return Number.isInteger(count) && count > 0 ? Math.min(count, MOST_REPEATED) : 1;
}

/** Rows and columns are collapsed or filtered out. */
function isHidden(attributes: XmlAttributes): boolean {
  const visibility = attribute(attributes, 'visibility');
  return visibility !== undefined && visibility !== 'visible';
}

/** Whether a cell shows nothing but the numbers of its date: programs differ in which of the two they show. */
function saysOnly(shown: string, date: string): boolean {
  if (/\p{L}/u.test(shown)) return false;
  const known = new Set(numbersOf(date).flatMap((number) => [number, number % 100, number % 12 || 12]));
  return numbersOf(shown).every((number) => known.has(number));
}

function numbersOf(text: string): readonly number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}

/** What a cell shows; dates as ISO 8601, and numbers also as they are where they are shown with other digits. */
function cellText(shown: string, type: string, value: string): string {
  if (type === 'date' && value !== '') return isoOr(value);
  if (shown === '') return value;
  if (type === 'string' || value === '') return shown;
  const digits = (text: string) => text.replace(/\D/g, '').replace(/^0+/, '');
  return digits(shown).includes(digits(value)) ? shown : `${shown} ${value}`;
}
