import { toCsv } from '../csv.js';
import type { ReportDocument } from './document.js';

const HEAD = ['section', 'table', 'row', 'column', 'value'] as const;

/** A report as CSV, one figure a line, so that every table of every report has the same columns. */
export function reportCsv({ sections }: ReportDocument): string {
  const rows = sections.flatMap(({ title, tables }) =>
    tables.flatMap(({ caption, columns, rows: cells }) =>
      cells.flatMap(([key = '', ...values]) =>
        values.map((value, i) => [title, caption, key, columns[i + 1]?.name ?? '', value]),
      ),
    ),
  );
  return toCsv([HEAD, ...rows]);
}
