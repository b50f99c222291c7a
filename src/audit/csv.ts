/**
 * Rows as CSV (RFC 4180, CRLF), every cell quoted. A cell that a spreadsheet would take for a formula gets an
 * apostrophe in front: addresses and Message-IDs are written by strangers.
 */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  // Spreadsheets skip white space before a formula, and some read full-width forms of the signs.
  const guarded = /^\s*[=+\-@|%＝＋－＠]/u.test(text) ? `'${text}` : text;
  return `"${guarded.replaceAll('"', '""')}"`;
}
