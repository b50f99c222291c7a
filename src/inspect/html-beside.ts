import type { Element } from './html-elements.js';
import type { Place } from './html-place.js';
import type { DocumentStyles } from './html-sheets.js';

/** Characters at either end of a cell, and lines of each, that are looked at. */
const MAX_CELL = 1000;
const MAX_LINES = 100;
/** Of what stands before or above numbers, so much may say what they are. */
const MAX_LEAD = 60;
const MAX_COLUMNS = 100;
/** Cells below each other that may be one number: more of them are read in pieces that overlap by as many. */
const MAX_RUN = 40;
/** Characters looked at in all: cells may hold cells. */
const MAX_TEXT = 16 * 1024 * 1024;
/** A piece of a number. */
const PIECE = /^(?=.*\p{Nd})[\p{Nd}\p{Pd}./() ]{1,12}$/u;

/**
 * Lines and columns as the eye takes them where boxes stand beside each other: the first lines of all cells of a row, the second
 * ones, and so on; cells below each other; and the lines of vertical writing from the last to the first. Only where there
 * are pieces of numbers. Linear in the length.
 * @param full the text of all elements
 */
export function besideReading(elements: readonly Element[], full: string, styles: DocumentStyles): string {
  const found: string[] = [];
  const places = placesOf(elements, styles);
  for (const { start, end } of backwardsIn(elements, places)) {
    found.push(
      linesOf(full.slice(start, end), end - start)
        .reverse()
        .join('\n'),
    );
  }
  let room = MAX_TEXT;
  const tables = new Map<number, Columns>();
  for (const [id, cells] of rowsOf(elements, places)) {
    for (const { start, end } of cells) room -= Math.min(2 * MAX_CELL, end - start);
    if (room < 0) break;
    const lead = full.slice(Math.max(0, (cells[0]?.start ?? 0) - MAX_LEAD), cells[0]?.start ?? 0);
    for (const line of acrossCells(cells, full)) found.push(`${lead.replace(/\s+/g, ' ')}\t${line}`);
    const { name, parent } = elements[id] ?? { name: '', parent: -1 };
    if (name !== 'tr') continue;
    const table = tables.get(parent) ?? columns();
    tables.set(parent, table);
    table.row(cells.map(({ start, end }) => full.slice(start, Math.min(end, start + MAX_LEAD)).trim()));
  }
  for (const table of tables.values()) found.push(...table.finish());
  return found.join('\n');
}

/** Asked for once of each element: what an element has of classes and attributes may be long, and its children many. */
function placesOf(elements: readonly Element[], styles: DocumentStyles): readonly (Place | undefined)[] {
  if (!styles.places()) return [];
  return elements.map(({ name, attributes }) => styles.styleOf(name, attributes)?.place);
}

/** Boxes that stand beside each other, by what they stand in. */
function rowsOf(
  elements: readonly Element[],
  places: readonly (Place | undefined)[],
): ReadonlyMap<number, readonly Element[]> {
  const rows = new Map<number, Element[]>();
  for (const [id, element] of elements.entries()) {
    const { name, parent } = element;
    const isCell = name === 'td' || name === 'th';
    if (!isCell && places[id]?.atomic !== true && places[parent]?.lines !== true) continue;
    const row = rows.get(parent);
    if (row === undefined) rows.set(parent, [element]);
    else row.push(element);
  }
  for (const [id, cells] of rows) if (cells.length < 2) rows.delete(id);
  return rows;
}

function backwardsIn(
  elements: readonly Element[],
  places: readonly (Place | undefined)[],
): readonly Element[] {
  let end = 0;
  return elements.filter((element, id) => {
    // What is within another has been taken with it.
    if (element.start < end || places[id]?.backwards !== true) return false;
    end = element.end;
    return true;
  });
}

/** The first, second … lines of cells beside each other, counted from above and from below, where they hold pieces of a number. */
function acrossCells(cells: readonly Element[], full: string): readonly string[] {
  const tops = cells.map(({ start, end }) => linesOf(full.slice(start, Math.min(end, start + MAX_CELL))));
  const ends = cells.map(({ start, end }) =>
    linesOf(full.slice(Math.max(start, end - MAX_CELL), end)).reverse(),
  );
  // Of one line each they are read as they stand.
  if (tops.every((lines) => lines.length < 2)) return [];
  const found = new Set<string>();
  for (const sides of [tops, ends]) {
    for (let at = 0; at < MAX_LINES; at++) {
      const pieces = sides.flatMap((lines) => lines[at] ?? []);
      if (pieces.length < 2) break;
      if (pieces.filter((piece) => PIECE.test(piece)).length >= 2) found.add(pieces.join('\t'));
    }
  }
  return [...found];
}

function linesOf(text: string, most = MAX_LINES): string[] {
  return text
    .split('\n', 4 * most)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, most);
}

interface Columns {
  row(cells: readonly string[]): void;
  /** Pieces of numbers below each other, with what stands above them. */
  finish(): readonly string[];
}

function columns(): Columns {
  const found: string[] = [];
  const leads: string[] = [];
  const runs: string[][] = [];
  const end = (column: number) => {
    const run = runs[column] ?? [];
    if (run.length > 1) found.push(`${leads[column] ?? ''}\n${run.join('\n')}`);
    runs[column] = [];
  };
  return {
    row(cells) {
      for (const [column, cell] of cells.slice(0, MAX_COLUMNS).entries()) {
        if (PIECE.test(cell)) {
          const run = runs[column] ?? [];
          runs[column] = run;
          run.push(cell);
          // A number may begin in one run and end in the next.
          if (run.length >= 2 * MAX_RUN) {
            found.push(`${leads[column] ?? ''}\n${run.join('\n')}`);
            runs[column] = run.slice(-MAX_RUN);
          }
        } else if (cell !== '') {
          end(column);
          leads[column] = cell;
        }
      }
    },
    finish() {
      for (const column of runs.keys()) end(column);
      return found;
    },
  };
}
