import type { TextPiece } from './page-text.js';

/** A field with something in it. */
export interface FilledIn {
  /** What is in it, where it is drawn. */
  readonly piece: TextPiece;
  /** The same behind what the field is called. */
  readonly labelled: readonly string[];
}

/** Points: forms are printed in letters of this size, or smaller ones where the field is lower. */
const USUAL_SIZE = 12;
/** Of the size of letters, their usual width, and how far from the foot of the field they stand. */
const WIDTH = 0.5;
const FOOT = 0.2;

/**
 * What a person filled into a field: its label is mostly text of the page beside or above it. None for other annotations.
 * @param annotation as pdf.js gives it
 */
export function filledIn(annotation: unknown): readonly FilledIn[] {
  const field = (name: string): unknown =>
    typeof annotation === 'object' && annotation !== null ? Reflect.get(annotation, name) : undefined;
  if (field('subtype') !== 'Widget') return [];
  const value = field('fieldValue');
  const text = (Array.isArray(value) ? value : [value])
    .filter((one) => typeof one === 'string')
    .join(' ')
    .trim();
  const rect = field('rect');
  const [left = Number.NaN, bottom = Number.NaN, right = Number.NaN, top = Number.NaN] = Array.isArray(rect)
    ? rect.map(Number)
    : [];
  if (text === '' || !Number.isFinite(left + bottom + right + top)) return [];
  const height = Math.abs(top - bottom);
  const size = Math.max(1, Math.min(USUAL_SIZE, height));
  // In a field of several lines the first stands at its top.
  const lift = field('multiLine') === true ? height - size : (height - size) / 2;
  const piece = {
    text,
    matrix: [size, 0, 0, size, Math.min(left, right), Math.min(bottom, top) + lift + FOOT * size],
    width: Math.min(Math.abs(right - left), text.length * size * WIDTH),
    height: size,
    endsLine: true,
  };
  const names = [lastStep(field('fieldName')), field('alternativeText')];
  const labelled = names.flatMap((name) =>
    typeof name === 'string' && name.trim() !== '' ? [`${name.trim()}: ${text}`] : [],
  );
  return [{ piece, labelled }];
}

/** `form.page[0].MRN[0]` is called `MRN`. */
function lastStep(name: unknown): string | undefined {
  return typeof name === 'string'
    ? name
        .split('.')
        .at(-1)
        ?.replace(/\[\d+\]$/, '')
    : undefined;
}
