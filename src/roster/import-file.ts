import type { ColumnKind } from '../inspect/detect/roster/kinds.js';
import { UserError } from '../shared/errors.js';
import { type CellValue, cellValues, type DateOrder } from './cell-values.js';
import { type ColumnCounts, columnCounter } from './column-counts.js';
import { type FoundColumn, findColumns, suggestColumns, type WantedColumn } from './column-spec.js';
import { dateOrders } from './date-orders.js';
import { type BuiltIndex, indexBuilder } from './index-builder.js';
import { type CsvOptions, readCsv } from './read-csv.js';

export interface ImportOptions extends CsvOptions {
  /** The first row is data too; columns are named by their numbers. */
  readonly noHeader?: boolean;
  /** For years of two digits. */
  readonly today: Date;
  /** Key of the hashes. */
  readonly key: Uint8Array;
  readonly onProgress?: (rows: number) => void;
}

export interface ReadRoster {
  readonly index: BuiltIndex;
  readonly columns: readonly (FoundColumn & ColumnCounts)[];
  /** Rows without two values, which can't be found. */
  readonly thinRows: number;
}

/** Rows by which the order of days and months is found. */
const SAMPLE = 5_000;
const PROGRESS_EVERY = 100_000;

/**
 * Reads a file of patients and builds its index.
 * @throws UserError for a file or columns that can't be used
 */
export async function readRoster(
  path: string,
  wanted: readonly WantedColumn[],
  options: ImportOptions,
): Promise<ReadRoster> {
  const rows = readCsv(path, options);
  const first = await rows.next();
  if (first.done === true) throw new UserError(`${path} is empty`, { exitStatus: 2 });
  const columns = findColumns(wanted, headerOf(first.value, options), path);
  const kinds = columns.map(({ kind }) => kind);
  const builder = indexBuilder(kinds, options.key);
  const counters = columns.map(() => columnCounter());
  let thinRows = 0;
  let orders: readonly DateOrder[] = [];
  let count = 0;
  const take = (cells: readonly string[]) => {
    const values = columns.map(({ kind, index }, column): readonly CellValue[] => {
      const cell = cells[index] ?? '';
      const found = cellValues(kind, cell, { dates: orders[column] ?? 'month-first', today: options.today });
      counters[column]?.add(cell, found);
      return found;
    });
    if (isThin(values, kinds)) thinRows++;
    else builder.row(values);
    count++;
    if (count % PROGRESS_EVERY === 0) options.onProgress?.(count);
  };

  let sample: (readonly string[])[] | undefined = options.noHeader === true ? [first.value] : [];
  const begin = () => {
    if (sample === undefined) return;
    orders = dateOrders(sample, columns);
    for (const cells of sample) take(cells);
    sample = undefined;
  };
  for await (const cells of rows) {
    if (sample === undefined) {
      take(cells);
      continue;
    }
    sample.push(cells);
    if (sample.length === SAMPLE) begin();
  }
  begin();
  const counted = columns.map((column, i) => ({ ...column, ...(counters[i] ?? columnCounter()).counts() }));
  refuseUnusable(counted, count, thinRows, path);
  return { index: builder.finish(), columns: counted, thinRows };
}

/**
 * The header of a file, for what `--columns` could be.
 * @throws UserError when the file can't be read
 */
export async function suggestionFor(path: string, options: CsvOptions): Promise<string> {
  for await (const header of readCsv(path, options)) return suggestColumns(header);
  return '';
}

function headerOf(first: readonly string[], { noHeader }: ImportOptions): readonly string[] {
  return noHeader === true ? first.map((_, i) => `#${i + 1}`) : first;
}

/** Without two columns that say something, a row can't be found; given and family name are one. */
function isThin(values: readonly (readonly CellValue[])[], kinds: readonly ColumnKind[]): boolean {
  const filled = kinds.filter((_, column) => (values[column]?.length ?? 0) > 0);
  const names = filled.filter((kind) => kind === 'given' || kind === 'family' || kind === 'name');
  return filled.length - names.length + Math.min(1, names.length) < 2;
}

/** A column is refused of which more cells than this can't be read as what they are said to be. */
const MOST_UNREAD = 0.5;

function refuseUnusable(
  columns: readonly (FoundColumn & ColumnCounts)[],
  rows: number,
  thinRows: number,
  path: string,
): void {
  if (rows === 0) throw new UserError(`${path} has a header, but no rows`, { exitStatus: 2 });
  for (const { header, kind, filled, unread } of columns) {
    if (filled === 0) throw new UserError(`the column ${header} is empty: leave it out`, { exitStatus: 2 });
    if (unread > filled * MOST_UNREAD)
      throw new UserError(
        `of ${filled} cells of the column ${header}, ${unread} can't be read as ${kind}: is it of another kind?`,
        { exitStatus: 2 },
      );
  }
  if (thinRows === rows)
    throw new UserError(`no row of ${path} has values in two columns, names counting as one`, {
      exitStatus: 2,
    });
}
