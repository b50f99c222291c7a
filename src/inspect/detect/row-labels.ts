/** Which column labels belong to a place of delimited text (CSV, tabs, pipes). */
export interface RowLabels {
  /** Label of the column, in lower case; all labels joined by `|` where columns don't line up; else ''. */
  readonly at: (offset: number) => string;
  /** The rows below headers, in text order. */
  readonly rows: readonly { readonly start: number; readonly end: number }[];
}

/** A header longer than this is prose. */
const LONGEST_HEADER = 600;
const DELIMITERS = [',', '\t', ';', '|'] as const;

/** Labels by which a line shows itself to be the header of a table of people. */
const KNOWN =
  /^(?:(?:patient|pt|member|subscriber|client|employee|guarantor|full|first|last|given|family|middle|sur)?[ _-]?(?:name|id|number|no|#)|name|patient|resident|client|room|rm|bed|service|admit(?:ted)?|allerg(?:y|ies)|diet|vaccine|dose|dob|d\.o\.b\.?|(?:date[ _-]?of[ _-]?birth)|birth[ _-]?date|birthday|born|ssn|social[ _-]?security(?:[ _-]?(?:number|no|#))?|mrn|medical[ _-]?record(?:[ _-]?(?:number|no|#))?|mbi|medicare[ _-]?(?:id|number|no)|npi|dea|phone(?:[ _-]?number)?|telephone|tel|mobile|cell|e-?mail(?:[ _-]?address)?|address|sex|gender|age|diagnosis|dx|icd(?:[ -]?10)?(?:[ _-]?(?:cm|code))?|condition|medication|drug|procedure|plan|policy|insurance(?:[ _-]?(?:id|number|no))?|result|test|card(?:[ _-]?number)?|zip|city|state)$/;

interface Row {
  readonly start: number;
  readonly end: number;
  readonly delimiter: string;
  readonly labels: readonly string[];
}

/**
 * Finds tables: a line of at least two known labels, and the lines below it that have its delimiter.
 * @param places where words begin that labels are made of, ascending: only lines with two of them can be headers
 */
export function rowLabels(text: string, places: Iterable<number>): RowLabels {
  const rows = findRows(text, places);
  if (rows.length === 0) return { at: () => '', rows };
  return {
    rows,
    at: (offset) => {
      const row = rowAt(rows, offset);
      if (row === undefined) return '';
      const cells = split(text.slice(row.start, row.end), row.delimiter);
      if (cells.length !== row.labels.length) return row.labels.join('|');
      const column = cells.findIndex((cell) => offset - row.start <= cell.end);
      return row.labels[column] ?? '';
    },
  };
}

interface Header {
  readonly delimiter: string;
  readonly labels: readonly string[];
}

function findRows(text: string, places: Iterable<number>): readonly Row[] {
  const rows: Row[] = [];
  let read = 0;
  let lineEnd = -1;
  let inLine = 0;
  for (const place of places) {
    if (place < read) continue;
    if (place >= lineEnd) {
      lineEnd = endOfLine(text, place);
      inLine = 0;
    }
    if (++inLine !== 2) continue;
    const start = text.lastIndexOf('\n', place - 1) + 1;
    const header = headerIn(text, start, lineEnd);
    if (header !== undefined) read = readRows(text, lineEnd + 1, header, rows);
  }
  return rows;
}

/** Adds the rows below a header, and those of headers that follow at once. Gives the place behind the table. */
function readRows(text: string, from: number, first: Header, rows: Row[]): number {
  let header = first;
  for (let start = from; start < text.length; ) {
    const end = endOfLine(text, start);
    const next = headerIn(text, start, end);
    if (next !== undefined) {
      header = next;
    } else if (text.slice(start, Math.min(end, start + 2000)).includes(header.delimiter)) {
      // Only a look at the start: an endless line is not a row of a table of people.
      rows.push({ start, end: Math.min(end, start + 4000), ...header });
    } else if (end > start) {
      return start;
    }
    start = end + 1;
  }
  return text.length;
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline;
}

function headerIn(text: string, start: number, end: number): Header | undefined {
  return end - start <= LONGEST_HEADER ? readHeader(text.slice(start, end)) : undefined;
}

function readHeader(line: string): Header | undefined {
  for (const delimiter of DELIMITERS) {
    if (!line.includes(delimiter)) continue;
    const labels = split(line, delimiter).map((cell) =>
      line.slice(cell.start, cell.end).replaceAll('"', '').trim().toLowerCase(),
    );
    const known = labels.filter((label) => label.length <= 40 && KNOWN.test(label)).length;
    if (known >= 2 && known * 2 >= labels.filter((label) => label !== '').length)
      return { delimiter, labels };
  }
  return undefined;
}

/** Cells of one line, quotes as in RFC 4180. */
function split(line: string, delimiter: string): readonly { readonly start: number; readonly end: number }[] {
  const cells: { start: number; end: number }[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i];
    if (character === '"') quoted = !quoted;
    else if (character === delimiter && !quoted) {
      cells.push({ start, end: i });
      start = i + 1;
    }
  }
  cells.push({ start, end: line.length });
  return cells;
}

function rowAt(rows: readonly Row[], offset: number): Row | undefined {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && row.start <= offset) low = middle + 1;
    else high = middle;
  }
  const row = rows[low - 1];
  return row !== undefined && offset < row.end ? row : undefined;
}
