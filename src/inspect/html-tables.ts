import { type TableWriter, tableWriter } from './table-text.js';

/** The tables that are open while a document is read. */
export interface HtmlTables {
  /** Text goes to the innermost open cell. */
  text(value: string): void;
  openTable(): void;
  closeTable(): void;
  closeRow(): void;
  /** @returns false for the first cell of a row */
  openCell(colspan: string | undefined): boolean;
  closeCell(): void;
  /** Closes what is open, and gives all tables as lines of `label: cell`. */
  finish(): string;
}

interface OpenTable {
  readonly writer: TableWriter;
  row: string[] | undefined;
  cell: string[] | undefined;
  span: number;
  /** Cells of the row so far. */
  count: number;
}

const MAX_DEPTH = 32;
const MAX_COLSPAN = 50;
/** Cells that span columns are counted as so many up to here. */
const MAX_COLUMNS = 1000;

/** @param maxLength characters of one table after which no more rows are taken
 * @param rightToLeft columns may run so: the rows are given in that order as well */
export function htmlTables(maxLength: number, rightToLeft = false): HtmlTables {
  const turned: string[] = [];
  let room = rightToLeft ? 2 * maxLength : 0;
  const tables: OpenTable[] = [];
  const texts: string[] = [];
  const text = (value: string) => {
    tables.at(-1)?.cell?.push(value);
  };
  const closeCell = () => {
    const table = tables.at(-1);
    if (table?.cell === undefined) return;
    table.row ??= [];
    table.row.push(table.cell.join('').replace(/\s+/g, ' '));
    for (let i = 1; i < table.span && table.row.length < MAX_COLUMNS; i++) table.row.push('');
    table.cell = undefined;
    table.span = 1;
  };
  const closeRow = () => {
    closeCell();
    const table = tables.at(-1);
    if (table?.row !== undefined) {
      table.writer.row(table.row);
      if (room > 0 && table.row.length > 1) {
        const row = table.row.toReversed();
        for (const cell of row) room -= 2 * cell.length + 1;
        turned.push(row.join(''), row.join('-'));
      }
    }
    if (table === undefined) return;
    table.row = undefined;
    table.count = 0;
  };
  const closeTable = () => {
    closeRow();
    const table = tables.pop();
    if (table === undefined) return;
    const joined = table.writer.text();
    if (joined !== '') texts.push(joined);
    text(joined === '' ? ' ' : `\n${joined}\n`);
  };
  return {
    text,
    closeTable,
    closeRow,
    closeCell,
    openTable() {
      if (tables.length >= MAX_DEPTH) return;
      tables.push({ writer: tableWriter(maxLength), row: undefined, cell: undefined, span: 1, count: 0 });
    },
    openCell(colspan) {
      closeCell();
      const table = tables.at(-1);
      if (table === undefined) return true;
      table.count += 1;
      table.cell = [];
      table.span = Math.min(MAX_COLSPAN, Math.max(1, Number.parseInt(colspan ?? '1', 10) || 1));
      return table.count > 1;
    },
    finish() {
      while (tables.length > 0) closeTable();
      return [...texts, ...turned].join('\n');
    },
  };
}
