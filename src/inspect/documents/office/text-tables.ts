import { type TableWriter, tableWriter } from '../../table-text.js';

/** Tables within text, nested in each other. */
export interface TextTables {
  open(): void;
  /** Text of the innermost cell; false where no table is open. */
  words(text: string): boolean;
  closeCell(): void;
  closeRow(): void;
  /** @returns the rows of a table that stands in no other one */
  close(): string | undefined;
  /** Rows with the labels of their columns. */
  labelled(): string;
}

interface OpenTable {
  readonly writer: TableWriter;
  readonly rows: string[];
  row: string[];
  cell: string[];
}

/** Deeper ones count as text of the cell in which they are. */
const MAX_DEPTH = 16;

/** @param maxLength characters of labelled rows of one table */
export function textTables(maxLength: number): TextTables {
  const tables: OpenTable[] = [];
  const labelled: string[] = [];
  let deeper = 0;
  const closeRow = (table: OpenTable) => {
    if (table.row.length === 0) return;
    table.writer.row(table.row);
    table.rows.push(table.row.join('\t'));
    table.row = [];
  };
  const innermost = () => (deeper > 0 ? undefined : tables.at(-1));
  return {
    open() {
      if (tables.length >= MAX_DEPTH) deeper += 1;
      else tables.push({ writer: tableWriter(maxLength), rows: [], row: [], cell: [] });
    },
    words(text) {
      tables.at(-1)?.cell.push(text);
      return tables.length > 0;
    },
    closeCell() {
      const table = innermost();
      if (table === undefined) return;
      table.row.push(table.cell.join('\n'));
      table.cell = [];
    },
    closeRow() {
      const table = innermost();
      if (table !== undefined) closeRow(table);
    },
    close() {
      if (deeper > 0) {
        deeper -= 1;
        return undefined;
      }
      const table = tables.pop();
      if (table === undefined) return undefined;
      // Markup that ends within a row.
      if (table.cell.length > 0) table.row.push(table.cell.join('\n'));
      closeRow(table);
      const text = table.writer.text();
      if (text !== '') labelled.push(text);
      const rows = table.rows.join('\n');
      const outer = tables.at(-1);
      if (outer === undefined) return rows;
      outer.cell.push(rows);
      return undefined;
    },
    labelled: () => labelled.join('\n'),
  };
}
