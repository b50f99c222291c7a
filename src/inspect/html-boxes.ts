import { type Element, TABLE_PARTS } from './html-elements.js';
import type { Place } from './html-place.js';
import type { StyleEffect } from './html-style.js';

/** What may stand in tables beside cells; all else there is shown before the table. */
const OF_TABLES = new Set(
  'caption colgroup col thead tbody tfoot tr td th style script template form input'.split(' '),
);
const ROWS = new Set(['tr', 'tbody', 'tfoot']);
const HEADS = new Set(['thead', 'caption']);
const DRAWN = new Set(['text', 'tspan']);
/** Somewhere: nothing is said of it. */
const HERE: Place = {};

/** What tables, formulas and drawings move by themselves, whatever the styles say, and where to. */
export function movedByNature(elements: readonly Element[]): Map<number, Place> {
  const moved = new Map<number, Place>();
  /** Elements with rows in them so far. */
  const begun = new Set<number>();
  for (const [id, { parent, name, attributes }] of elements.entries()) {
    const around = elements[parent]?.name ?? '';
    if (ROWS.has(name)) begun.add(parent);
    else if (DRAWN.has(name)) moved.set(id, drawnAt(attributes));
    else if (HEADS.has(name) ? begun.has(parent) : isElsewhere(name, around, attributes)) moved.set(id, HERE);
  }
  return moved;
}

function isElsewhere(name: string, around: string, attributes: ReadonlyMap<string, string>): boolean {
  if (TABLE_PARTS.has(around)) {
    const rows = attributes.get('rowspan');
    return !OF_TABLES.has(name) || (rows !== undefined && Number.parseInt(rows, 10) !== 1);
  }
  return around === 'mmultiscripts' || around === 'mprescripts';
}

/**
 * @param effects of each element
 * @param byNature what is moved without any style; floats are added
 * @param full the text of all elements, in which they know their places
 * @returns for every element the innermost around it, or itself, that is moved as a whole; -1 where none is
 */
export function boxesOf(
  elements: readonly Element[],
  effects: readonly (StyleEffect | undefined)[],
  byNature: Map<number, Place>,
  full: string,
): readonly number[] {
  const boxes: number[] = [];
  const turned: boolean[] = [];
  for (const id of floatsBehindText(elements, effects, full)) byNature.set(id, HERE);
  for (const [id, { parent, name, attributes }] of elements.entries()) {
    const effect = effects[id];
    const around = effects[parent];
    const direction = attributes.get('dir')?.trim().toLowerCase();
    turned.push(
      direction === 'rtl' ||
        effect?.direction !== undefined ||
        (direction !== 'ltr' && parent >= 0 && turned[parent] === true),
    );
    const moved =
      effect?.place?.moved === true ||
      around?.place?.reverses === true ||
      name === 'tfoot' ||
      (parent >= 0 && turned[parent] === true && (effect?.place?.atomic ?? around?.place?.lines) === true);
    if (moved) byNature.delete(id);
    boxes.push(moved || byNature.has(id) ? id : parent < 0 ? -1 : (boxes[parent] ?? -1));
  }
  return boxes;
}

/** Where a piece of text in a drawing stands, as far as it says so itself. */
function drawnAt(attributes: ReadonlyMap<string, string>): Place {
  const number = (text: string | undefined) => Number.parseFloat(text ?? '') || 0;
  const shift = /translate(?:x)?\(\s*(-?[\d.]+)[^-\d.)]*(-?[\d.]+)?/i.exec(attributes.get('transform') ?? '');
  return {
    x: number(attributes.get('x')) + number(attributes.get('dx')) + number(shift?.[1]),
    y: number(attributes.get('y')) + number(attributes.get('dy')) + number(shift?.[2]),
  };
}

/** Elements that float to the beginning of a line on which something stands already. */
function floatsBehindText(
  elements: readonly Element[],
  effects: readonly (StyleEffect | undefined)[],
  full: string,
): ReadonlySet<number> {
  const found = new Set<number>();
  if (!effects.some((effect) => effect?.place?.first === true)) return found;
  /** By parent, where the last of them ended. */
  const ends = new Map<number, number>();
  for (const [id, { parent, start, end }] of elements.entries()) {
    if (effects[id]?.place?.first !== true) continue;
    const from = Math.max(ends.get(parent) ?? 0, elements[parent]?.start ?? 0, start - LINE);
    const before = full.slice(from, start);
    if (before.slice(before.trimEnd().lastIndexOf('\n') + 1).trim() !== '') found.add(id);
    ends.set(parent, end);
  }
  return found;
}

/** Characters of a line that are looked at. */
const LINE = 1000;
