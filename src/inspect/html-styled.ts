import { type Element, type Elements, type Piece, signaturesOf, tellsAlikeApart } from './html-elements.js';
import { NEVER_SHOWN } from './html-tags.js';

/** Readings of a document that don't depend on what is known of styles. */
export interface StyledReadings {
  readonly texts: readonly string[];
  /** More elements stand within numbers than all readings were made of. */
  readonly withinNumber: boolean;
}

/** Of so many kinds of elements every choice is read. */
const MAX_GROUPS = 4;
/** Of more, so many are each left out alone. */
const MAX_ALONE = 24;
/** Characters of all readings together. */
const MAX_TEXT = 16 * 1024 * 1024;
/** Between two elements of one number or word. */
const SAME_RUN = /^(?:[\p{Nd}\-./ \u2010-\u2015]*|[^\s]*)$/u;
const MAX_GAP = 24;

/**
 * Whether a piece of a number or a word is seen hangs on styles, which no reader of mail heeds in full. Where an
 * element begins or ends within a number or a word, the text is read with such elements left out as well, whatever
 * their styles seem to say. Nothing is read where no element stands so. Linear in the length.
 */
export function styledReadings(
  html: string,
  { elements, pieces, cut: tooManyElements }: Elements,
  full: string,
): StyledReadings {
  const found = splitting(elements, full);
  if (found.all.size === 0) return { texts: [], withinNumber: tooManyElements };
  const runs = runsOf(found.all, elements, full);
  const signature = signaturesOf(elements);
  const bySignature = groupings(runs, signature);
  const byPlace = groupings(runs, String);
  const places = tellsAlikeApart(html);
  const tooMany = (key: (id: number) => string) =>
    runs.some((run) => new Set(run.filter((id) => found.numbers.has(id)).map(key)).size > MAX_GROUPS);
  const texts = new Set<string>();
  // Even these are shown where a style sheet says so.
  if ([...found.all].some((id) => NEVER_SHOWN.has(elements[id]?.name ?? ''))) texts.add(full);
  let room = MAX_TEXT;
  let cut = tooManyElements || tooMany(signature) || (places && tooMany(String));
  for (const groups of [bySignature, byPlace]) {
    for (const left of choices(groups)) {
      room -= full.length;
      if (room < 0 && texts.size > 0) {
        if (found.numbers.size > 0) cut = true;
        break;
      }
      texts.add(without(left, elements, pieces));
    }
  }
  return { texts: [...texts], withinNumber: cut };
}

/** Elements that stand within the same number or word. */
function runsOf(
  ids: ReadonlySet<number>,
  elements: readonly Element[],
  full: string,
): readonly (readonly number[])[] {
  const runs: number[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const id of ids) {
    const one = elements[id];
    if (one === undefined) continue;
    const apart = one.start - end > MAX_GAP || !SAME_RUN.test(full.slice(Math.max(0, end), one.start));
    const run = runs.at(-1);
    if (run === undefined || apart) runs.push([id]);
    else run.push(id);
    end = Math.max(one.end, end);
  }
  return runs;
}

/** The first kind of every run, the second of every run, and so on: so each run is read in all its choices at once. */
function groupings(
  runs: readonly (readonly number[])[],
  key: (id: number) => string,
): readonly (readonly number[])[] {
  const groups: number[][] = [];
  for (const run of runs) {
    const known = new Map<string, number>();
    for (const id of run) {
      const index = known.get(key(id)) ?? known.size;
      known.set(key(id), index);
      const group = groups[index] ?? [];
      groups[index] = group;
      group.push(id);
    }
  }
  return groups;
}

function* choices(groups: readonly (readonly number[])[]): Generator<readonly number[]> {
  if (groups.length <= MAX_GROUPS) {
    for (let bits = 1; bits < 1 << groups.length; bits++) {
      yield groups.filter((_, index) => (bits >> index) & 1).flat();
    }
    return;
  }
  yield groups.flat();
  yield* groups.slice(0, MAX_ALONE);
}

function without(left: readonly number[], elements: readonly Element[], pieces: readonly Piece[]): string {
  const gone = new Uint8Array(elements.length);
  for (const id of left) gone[id] = 1;
  // Parents come first.
  for (const [id, { parent }] of elements.entries()) if (parent >= 0 && gone[parent] === 1) gone[id] = 1;
  let text = '';
  for (const piece of pieces) if (piece.element < 0 || gone[piece.element] !== 1) text += piece.text;
  return text;
}

const LEFT = /[\p{L}\p{N}]$/u;
const RIGHT = /^[\p{L}\p{N}]/u;
const NUMBER_LEFT = /\p{Nd}[-./ \u2010-\u2015]{0,3}$/u;
const NUMBER_RIGHT = /^[-./ \u2010-\u2015]{0,3}\p{Nd}/u;
const TIGHT_LEFT = /\p{Nd}[-./\u2010-\u2015]?$/u;
const TIGHT_RIGHT = /^[-./\u2010-\u2015]?\p{Nd}/u;
const CONTEXT = 6;

/** Elements that stand within numbers and words, or at whose ends others go on. */
function splitting(
  elements: readonly Element[],
  full: string,
): { readonly all: ReadonlySet<number>; readonly numbers: ReadonlySet<number> } {
  const all = new Set<number>();
  const numbers = new Set<number>();
  const ends = new Map<number, number>();
  const starts = new Map<number, number>();
  for (const { start, end } of elements) {
    if (end <= start) continue;
    ends.set(start, Math.max(ends.get(start) ?? 0, end));
    starts.set(end, Math.min(starts.get(end) ?? full.length, start));
  }
  const meet = (id: number, one: number, other: number) => {
    if (!mayGoOn(full, one, other)) return;
    const left = full.slice(Math.max(0, one - CONTEXT), one);
    const right = full.slice(other, other + CONTEXT);
    if ((LEFT.test(left) && RIGHT.test(right)) || (NUMBER_LEFT.test(left) && NUMBER_RIGHT.test(right))) {
      all.add(id);
      if (TIGHT_LEFT.test(left) && TIGHT_RIGHT.test(right)) numbers.add(id);
    }
  };
  for (const [id, { start, end }] of elements.entries()) {
    if (end <= start) continue;
    let from = start;
    let to = end;
    for (let i = 0; i < 8; i++) {
      const outer = starts.get(from) ?? from;
      const next = ends.get(to) ?? to;
      if (outer === from && next === to) break;
      from = outer;
      to = next;
    }
    meet(id, start, start);
    meet(id, end, end);
    meet(id, start, end);
    if (from !== start || to !== end) meet(id, from, to);
  }
  return { all, numbers };
}

const IN_WORD = 1;
const IN_NUMBER = 2;
const BOTH = IN_WORD | IN_NUMBER;
/** What a character of ASCII may be part of. */
const PART_OF = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[0-9]/.test(character)) return BOTH;
  return /[A-Za-z]/.test(character) ? IN_WORD : /[-./ ]/.test(character) ? IN_NUMBER : 0;
});

/** Whether a word or a number could go on from before one place to behind another: for most no more has to be looked at. */
function mayGoOn(full: string, one: number, other: number): boolean {
  if (one === 0 || other >= full.length) return false;
  const left = full.charCodeAt(one - 1);
  const right = full.charCodeAt(other);
  return ((left < 0x80 ? (PART_OF[left] ?? 0) : BOTH) & (right < 0x80 ? (PART_OF[right] ?? 0) : BOTH)) !== 0;
}
