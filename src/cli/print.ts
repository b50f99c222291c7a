import Table from 'cli-table3';
import type { Json } from '../shared/canonical-json.js';

/** Text without control characters, so that nothing taken from mail can steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: Json): void {
  printLine(JSON.stringify(value, null, 2));
}

/** A plain table; says so when there is nothing to list. */
export function printTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): void {
  if (rows.length === 0) {
    printLine(empty);
    return;
  }
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
  });
  for (const row of rows) table.push(row.map(printable));
  printLine(table.toString());
}

/** A time as people and programs can both read it; empty when there is none. */
export function printTime(at: number | undefined): string {
  return at === undefined ? '' : new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
