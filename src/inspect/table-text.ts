/** Header cells longer than this are cut: they only label. */
const MAX_LABEL = 64;

export interface TableWriter {
  row(cells: readonly string[]): void;
  /** The table as `label: cell; label: cell` lines. Empty when it has no row below its header. */
  text(): string;
}

/**
 * Joins the cells of each row with the labels in the first row, so that a label stands beside its value.
 * @param maxLength characters after which no more rows are taken (the cells stay in the plain text view)
 */
export function tableWriter(maxLength: number): TableWriter {
  let labels: readonly string[] | undefined;
  const lines: string[] = [];
  let length = 0;
  return {
    row(cells) {
      if (length > maxLength) return;
      if (labels === undefined) {
        labels = cells.map((cell) => cell.trim().slice(0, MAX_LABEL).trim());
        return;
      }
      const joined: string[] = [];
      cells.forEach((cell, column) => {
        const value = cell.trim();
        if (value === '') return;
        const label = labels?.[column] ?? '';
        joined.push(label === '' ? value : `${label}: ${value}`);
      });
      const line = joined.join('; ');
      length += line.length + 1;
      lines.push(line);
    },
    text: () => lines.join('\n'),
  };
}

const DELIMITERS = [',', ';', '\t', '|'] as const;

/**
 * The rows of delimited text (RFC 4180, tab-separated values, …) as a table text. Empty when the first lines aren't
 * rows of one width.
 */
export function delimitedTable(text: string): string {
  const delimiter = delimiterOf(text);
  if (delimiter === undefined) return '';
  const table = tableWriter(4 * text.length + 65_536);
  for (const row of rows(text, delimiter)) table.row(row);
  return table.text();
}

/** Whether the text is taken for rows of cells. Its first 64 KB decide. */
export function isDelimited(text: string): boolean {
  return delimiterOf(text) !== undefined;
}

function delimiterOf(text: string): string | undefined {
  return DELIMITERS.find((candidate) => isDelimitedBy(text, candidate));
}

function isDelimitedBy(text: string, delimiter: string): boolean {
  const widths: number[] = [];
  for (const row of rows(text.slice(0, 65_536), delimiter)) {
    if (row.length === 1 && row[0]?.trim() === '') continue;
    widths.push(row.length);
    if (widths.length === 3) break;
  }
  const [header = 0, ...others] = widths;
  return header > 1 && others.length > 0 && others.every((width) => width === header);
}

function* rows(text: string, delimiter: string): Generator<string[]> {
  let row: string[] = [];
  let at = 0;
  while (at <= text.length) {
    let cell: string;
    let end: number;
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      cell = text.slice(at + 1, close).replaceAll('""', '"');
      end = cellEnd(text, Math.min(close + 1, text.length), delimiter);
    } else {
      end = cellEnd(text, at, delimiter);
      cell = text.slice(at, end);
    }
    row.push(cell.endsWith('\r') ? cell.slice(0, -1) : cell);
    if (text[end] === delimiter) {
      at = end + 1;
      continue;
    }
    yield row;
    row = [];
    at = end + 1;
  }
}

/** Where a quoted cell ends; a quote that is never closed ends with the text. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return text.length;
}

function cellEnd(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at += 1;
  return at;
}
