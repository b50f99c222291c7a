import { TooLarge } from '../types.js';
import type { Findings } from './findings.js';

/** Labels longer than this are cut. */
const MAX_LABEL = 64;
const FLUSH_AT = 64 * 1024;
/** Cells that may be pieces of one number, and the rows of them that are kept. */
const MAX_PIECE = 20;
const MAX_TURNED = 1024 * 1024;

export interface SheetCell {
  /** From 0. */
  readonly column: number;
  readonly text: string;
}

export interface SheetRows {
  /** One row from left to right; cells without text may be left out. @throws TooLarge */
  row(cells: readonly SheetCell[], options: { readonly hidden: boolean }): void;
  /** The first column is at the right. Said before the end, wherever a format says it. */
  rightToLeft(): void;
  /** @throws TooLarge */
  end(): void;
}

/** Columns of a sheet that are hidden. */
export interface HiddenColumns {
  /** @param from the first, from 0 @param to the last */
  hide(from: number, to: number): void;
  has(column: number): boolean;
}

/** More columns than any program has. */
const MAX_COLUMNS = 16_384;

export function hiddenColumns(): HiddenColumns {
  const hidden = new Uint8Array(MAX_COLUMNS);
  return {
    hide: (from, to) => void hidden.fill(1, Math.max(0, from), Math.max(0, to + 1)),
    has: (column) => hidden[column] === 1,
  };
}

export interface SheetOptions {
  readonly name: string;
  /** The whole sheet is hidden. */
  readonly hidden: boolean;
  readonly hiddenColumns: HiddenColumns;
  /** Characters after which a single row is too large. */
  readonly maxText: number;
}

/**
 * Writes a sheet's rows: as they are shown, with tabs between cells (view `text`); each value with the label of its
 * column, so that a number isn't parted from the word that explains it (view `table`); and rows of which something is
 * hidden in full (view `hidden`); and short cells in the order in which they are seen where the first column is at the
 * right (view `turned`).
 */
export function sheetRows(found: Findings, options: SheetOptions): SheetRows {
  const shown = options.hidden ? 'hidden' : 'text';
  const waiting = new Map<string, { lines: string[]; length: number }>();
  const turned: string[] = [];
  let turnedRoom = MAX_TURNED;
  let isTurned = false;
  let labels: ReadonlyMap<number, string> | undefined;
  const flush = (view: string) => {
    const lines = waiting.get(view)?.lines ?? [];
    waiting.delete(view);
    if (lines.length > 0) found.text(view, lines.join('\n'));
  };
  const write = (view: string, line: string) => {
    if (line === '') return;
    const entry = waiting.get(view) ?? { lines: [], length: 0 };
    waiting.set(view, entry);
    entry.lines.push(line);
    entry.length += line.length;
    if (entry.length > FLUSH_AT) flush(view);
  };
  write(shown, options.name);
  return {
    row(given, { hidden }) {
      const cells = given.filter(({ text }) => text.trim() !== '');
      if (cells.length === 0) return;
      if (cells.reduce((sum, { text }) => sum + text.length, 0) > options.maxText) throw new TooLarge();
      const visible = hidden ? [] : cells.filter(({ column }) => !options.hiddenColumns.has(column));
      write(shown, visible.map(({ text }) => text).join('\t'));
      if (turnedRoom > 0 && visible.length > 1) {
        const pieces = visible.map(({ text }) => text.trim()).filter((text) => text.length <= MAX_PIECE);
        const line = pieces.reverse();
        turned.push(line.join(''), line.join('-'));
        turnedRoom -= 2 * line.reduce((sum, text) => sum + text.length + 1, 0);
      }
      if (visible.length < cells.length) write('hidden', cells.map(({ text }) => text).join('\t'));
      if (labels !== undefined) write('table', labelled(cells, labels));
      else if (cells.length > 1) {
        // Titles above a table have one cell.
        labels = new Map(cells.map(({ column, text }) => [column, text.trim().slice(0, MAX_LABEL).trim()]));
      }
    },
    rightToLeft() {
      isTurned = true;
    },
    end() {
      if (isTurned) found.text('turned', turned.join('\n'));
      for (const view of [...waiting.keys()]) flush(view);
    },
  };
}

function labelled(cells: readonly SheetCell[], labels: ReadonlyMap<number, string>): string {
  return cells
    .map(({ column, text }) => {
      const label = labels.get(column) ?? '';
      return label === '' ? text.trim() : `${label}: ${text.trim()}`;
    })
    .join('; ');
}
