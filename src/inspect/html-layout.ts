import { boxesOf, movedByNature } from './html-boxes.js';
import { type Elements, type Piece, signaturesOf, tellsAlikeApart } from './html-elements.js';
import type { DocumentStyles } from './html-sheets.js';
import type { StyleEffect } from './html-style.js';

/** Readings of a document in which style sheets move pieces of numbers or words to other places. */
export interface PlacedReadings {
  readonly texts: readonly string[];
  /** A number may be made of more pieces that are moved than are read in every order. */
  readonly withinNumber: boolean;
}

interface Segment {
  /** The innermost element that is moved as a whole; -1 for what stays where it is. */
  readonly box: number;
  readonly text: string;
}

/** One of several orders of the pieces of a group; all have as many. */
type Orders = readonly (readonly string[])[];

/** Without any of these nothing is moved: `border` and ordinary margins are in every mail. */
const CLUE =
  /(?:position|inset)\s*:|float|(?<![a-z])order\s*:|ordinal|reverse|transform|translate|rotate|grid-|rtl|margin[a-z-]{0,14}\s*:[^;"'}]{0,40}-\s?[\d.]|offset|tfoot|caption-side|table-(?:header|footer|caption)|animation|\\[a-z0-9]|\w\/\*|calc\(/i;
/** Characters of a style may be written as references. */
const REFERENCES = /style\s*=\s*["'][^"'<>]{0,2000}&(?:#|colon)/i;
/** Of so many pieces every order is read. */
const MAX_PERMUTED = 3;
const MAX_TEXT = 16 * 1024 * 1024;
const NUMBER_PIECE = /^(?:[\p{Nd}\p{Pd}\s./()#]{1,20}|(?=\P{Nd}*\p{Nd})[A-Za-z\p{Nd}\p{Pd}]{1,12})$/u;
const WORD_PIECE = /^\p{L}{1,12}$/u;
/** Words and digits at the ends of a longer text may belong to a piece beside it. */
const MAX_END = 40;
const ENDS_START = /^\s*(?:[\p{Pd}./]{0,2}\p{Nd}){1,12}[\p{Pd}./]{0,2}/u;
const ENDS_END = /(?:[\p{Pd}./]{0,2}\p{Nd}){1,12}[\p{Pd}./]{0,2}\s*$/u;
/** Digits of the least number that is looked for, and characters of its pieces. */
const LEAST_DIGITS = 6;
const SHORT_DIGITS = 4;
/** Letters of the pieces of a word, and how many of them are more than abbreviations beside each other. */
const SHORT_LETTERS = 2;
const LEAST_PIECES = 5;
const DAYS = new Set('mo tu we th fr sa su di mi do so lu ma me je ve gi'.split(' '));
const NONE: PlacedReadings = { texts: [], withinNumber: false };

/**
 * Where pieces of a number or a word are moved by layout (position, float, order, direction …), what is drawn isn't
 * what is written: such pieces are read in other orders as well. Nothing is read where none is moved. Linear in the
 * length.
 */
export function placedReadings(
  html: string,
  { elements, pieces, repeated }: Elements,
  full: string,
  { styleOf, places: stylesPlace }: DocumentStyles,
): PlacedReadings {
  // What `boxesOf` would find to move. Attributes that are written twice are read in another way than they were so far.
  const moves = repeated || stylesPlace() || elements.some(({ name }) => name === 'tfoot');
  const styled = moves && (CLUE.test(html) || REFERENCES.test(html));
  const byNature = movedByNature(elements);
  if (!styled && byNature.size === 0) return NONE;
  const effects = elements.map(({ name, attributes }) => (styled ? styleOf(name, attributes) : undefined));
  const boxes = boxesOf(elements, effects, byNature, full);
  if (boxes.every((box) => box < 0)) return NONE;
  const segments = segmentsOf(pieces, boxes);
  const places = (box: number) => effects[box]?.place ?? byNature.get(box);
  /** Tables and drawings put numbers elsewhere as well, and mean nothing by it. */
  const isMeant = (run: readonly Segment[]) => run.some(({ box }) => box >= 0 && !byNature.has(box));
  const signatureAt = signaturesOf(elements);
  let apart: boolean | undefined;
  const hasRulesApart = () => {
    apart ??= tellsAlikeApart(html);
    return apart;
  };
  /** All that is moved is hidden as well, in the same way, and no rule tells one from another: it is in no order. */
  const hiddenAlike = (run: readonly Segment[]) => {
    const moved = [...new Set(run.map(({ box }) => box))].filter((box) => box >= 0);
    return (
      moved.every((box) => effects[box]?.hides === true) &&
      !hasRulesApart() &&
      new Set(moved.map(signatureAt)).size === 1
    );
  };
  const out: (string | Orders)[] = [];
  let withinNumber = false;
  for (const run of runsOf(segments)) {
    if (new Set(run.map(({ box }) => box)).size < 2) out.push(run.map(({ text }) => text).join(''));
    else {
      if (isMeant(run) && isSuspicious(run) && !hiddenAlike(run)) withinNumber = true;
      out.push(ordersOf(run, places, byNature));
    }
  }
  const most = out.reduce((so, one) => (typeof one === 'string' ? so : Math.max(so, one.length)), 0);
  const texts = new Set<string>();
  let room = MAX_TEXT;
  for (let at = 0; at < most && room > 0; at++) {
    const text = out
      .map((one) => (typeof one === 'string' ? one : (one[at % one.length] ?? []).join('')))
      .join('');
    room -= text.length;
    texts.add(text.replace(/\s*\n\s*/g, '\n'));
  }
  return { texts: [...texts], withinNumber };
}

/** The text by boxes; of a longer one, the digits at its ends by themselves. */
function segmentsOf(pieces: readonly Piece[], boxes: readonly number[]): readonly Segment[] {
  const merged: { box: number; text: string[] }[] = [];
  for (const { element, text } of pieces) {
    const box = boxes[element] ?? -1;
    const last = merged.at(-1);
    // What is blank belongs to anything.
    if (last !== undefined && (last.box === box || text.trim() === '')) last.text.push(text);
    else merged.push({ box, text: [text] });
  }
  return merged.flatMap(({ box, text }): readonly Segment[] => {
    const whole = text.join('');
    if (isPiece(whole)) return [{ box, text: whole }];
    const start = ENDS_START.exec(whole.slice(0, MAX_END))?.[0] ?? '';
    const rest = whole.slice(start.length);
    const end = ENDS_END.exec(rest.slice(-MAX_END))?.[0] ?? '';
    return [start, rest.slice(0, rest.length - end.length), end]
      .filter((one) => one !== '')
      .map((one) => ({ box, text: one }));
  });
}

function isPiece(text: string): boolean {
  return kindOf(text) !== 'other';
}

function kindOf(text: string): 'number' | 'word' | 'other' {
  const trimmed = text.trim();
  if (WORD_PIECE.test(trimmed)) return 'word';
  return NUMBER_PIECE.test(trimmed) ? 'number' : 'other';
}

/** Pieces of one kind that follow each other; everything else by itself. */
function runsOf(segments: readonly Segment[]): readonly (readonly Segment[])[] {
  const runs: Segment[][] = [];
  let last: ReturnType<typeof kindOf> = 'other';
  for (const segment of segments) {
    const kind = kindOf(segment.text);
    const run = runs.at(-1);
    if (run !== undefined && kind !== 'other' && kind === last) run.push(segment);
    else runs.push([segment]);
    last = kind;
  }
  return runs;
}

function ordersOf(
  run: readonly Segment[],
  placeOf: (box: number) => StyleEffect['place'],
  byNature: ReadonlyMap<number, unknown>,
): Orders {
  const texts = run.map(({ text }) => text.replace(/\s+/g, ''));
  const spaced = (order: readonly string[]) => [' ', ...order, ' '];
  if (texts.length <= MAX_PERMUTED) {
    const orders = permutations(texts);
    // The marks between groups may be drawn, or left to the blank between them.
    const dashed = texts.every((text) => /^\p{Nd}+$/u.test(text))
      ? orders.map((order) => [order.join('-')])
      : [];
    return [...orders, ...dashed].map(spaced);
  }
  const places = run.map(({ box }, at) => ({ text: texts[at] ?? '', at, place: placeOf(box) }));
  const sorted = places.toSorted(
    (one, other) =>
      (one.place?.y ?? 0) - (other.place?.y ?? 0) ||
      (one.place?.x ?? 0) - (other.place?.x ?? 0) ||
      one.at - other.at,
  );
  // What floats, or stands in a table but in no cell, is shown before all else.
  const first = places.toSorted(
    (one, other) =>
      Number(byNature.has(run[other.at]?.box ?? -1)) - Number(byNature.has(run[one.at]?.box ?? -1)) ||
      one.at - other.at,
  );
  return [texts.toReversed(), ...[sorted, first].map((order) => order.map(({ text }) => text))].map(spaced);
}

function permutations(texts: readonly string[]): Orders {
  if (texts.length < 2) return [texts];
  return texts.flatMap((first, at) => permutations(texts.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

/** Whether so many and so short pieces are more than prices, dates or the labels of a chart. */
function isSuspicious(run: readonly Segment[]): boolean {
  if (run.length <= MAX_PERMUTED) return false;
  const texts = run.map(({ text }) => text.trim()).filter((text) => /[\p{L}\p{Nd}]/u.test(text));
  if (texts.length <= MAX_PERMUTED || new Set(run.map(({ box }) => box)).size < MAX_PERMUTED) return false;
  if (kindOf(texts[0] ?? '') === 'word') {
    const short = texts.every((text) => text.length <= SHORT_LETTERS);
    return short && texts.length >= LEAST_PIECES && !texts.every((text) => DAYS.has(text.toLowerCase()));
  }
  const digits = texts.join('').replace(/\P{Nd}/gu, '').length;
  return digits >= LEAST_DIGITS && texts.every((text) => text.length <= SHORT_DIGITS + 1) && !isSeries(texts);
}

/** Numbers mostly with the same step between them: days, pages, an axis. */
function isSeries(texts: readonly string[]): boolean {
  const numbers = texts.map(Number);
  const steps = numbers.slice(1).map((one, at) => one - (numbers[at] ?? 0));
  const [step = 0] = steps;
  const same = steps.filter((one) => one === step).length;
  if (step === 0 || same === steps.length) return step !== 0;
  // The days of one month go on in those of the next.
  return texts.some((text) => text.length > 1) && same >= 4 && same * 10 >= steps.length * 7;
}
