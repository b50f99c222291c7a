import { base64Texts } from './base64-runs.js';
import { hl7Reading } from './hl7-readings.js';
import { joinDigits, joinLines } from './joined-digits.js';
import { plainLabels } from './labels.js';
import type { PlainFacts } from './leaf-text.js';
import type { LongText } from './long-text.js';
import { normalise, normalisePlain } from './normalise.js';
import { composeMaps, type OffsetMap } from './offset-map.js';
import { isQuiet, type ShowsNothing } from './quiet-text.js';
import { escapedTexts } from './text-escapes.js';
import { readText } from './text-reading.js';
import type { TextView } from './text-view.js';
import { unmarked } from './unmarked.js';
import { visualOrder } from './visual-order.js';

export interface ViewCollector {
  /**
   * Adds one reading of one place, with what follows from it: numbers joined, and base64 within the text decoded.
   * A reading that the place already has isn't added again.
   * @param plain what is known of a text that is plain
   */
  add(where: string, view: string, text: string, plain?: PlainFacts): void;
  /** The same for raw bytes as text, in which lines of base64 only count decoded: as they stand they are just noise. */
  addRaw(where: string, text: string): void;
  /** The same for a long text, which is only made where there is something in it. */
  addLong(where: string, view: string, long: LongText, showsNothing: ShowsNothing): void;
  /** All of them, normalised when they are first asked for: it is the dearest step, and not always needed. */
  views(): readonly TextView[];
}

/** Characters of a text of which more than its views is kept in any case, and of those of a message together. */
const KEPT = 256 * 1024;
const KEPT_TOGETHER = 4 * 1024 * 1024;

/** Base64 and escapes within what they hold are followed so far. */
const DECODING_DEPTH = 2;

export function viewCollector(): ViewCollector {
  const views: TextView[] = [];
  const readings = readingsTo((view) => views.push(view));
  let pending: (() => void)[] = [];
  const given = new Map<string, TextSet>();
  const longPlaces = new Map<LongText, Set<string>>();

  /** Further readings mostly give the same text again; it isn't kept twice. */
  const later = (key: string, text: string, run: () => void) => {
    if (text === '') return;
    const known = given.get(key) ?? textSet();
    given.set(key, known);
    if (known.add(text)) pending.push(run);
  };

  return {
    add: (where, view, text, plain) => later(where, text, () => readings.add(where, view, text, plain)),
    addRaw: (where, text) => later(`raw ${where}`, text, () => readings.addRaw(where, text)),
    addLong(where, view, long, showsNothing) {
      const places = longPlaces.get(long) ?? new Set();
      longPlaces.set(long, places);
      if (places.has(where)) return;
      places.add(where);
      pending.push(() => {
        if (!isQuiet(long, showsNothing)) readings.add(where, view, long.text());
      });
    },
    views: () => {
      const runs = pending;
      pending = [];
      given.clear();
      for (const run of runs) run();
      return views;
    },
  };
}

/** Makes readings at once, and gives those that are new. */
function readingsTo(give: (view: TextView) => void): Pick<ViewCollector, 'add' | 'addRaw'> {
  const seen = new Map<string, TextSet>();
  let room = KEPT_TOGETHER;

  const isNew = (where: string, text: string): boolean => {
    if (isBlankText(text)) return false;
    const known = seen.get(where) ?? textSet();
    seen.set(where, known);
    return known.add(text);
  };

  const add = (where: string, view: string, source: string, depth: number, plain?: PlainFacts) => {
    const { text, toSource } = plain === undefined ? normalise(source) : normalisePlain(source);
    // Text that is its own normal form has nothing that turns it.
    const drawn = plain !== undefined || text === source ? undefined : visualOrder(source);
    if (drawn !== undefined) {
      const { text: visual, toSource: toDrawn } = normalise(drawn.text);
      addNormalised(where, 'visual-order', visual, composeMaps(toDrawn, drawn.toSource), depth);
    }
    addNormalised(where, view, text, toSource, depth, plain);
  };

  const addNormalised = (
    where: string,
    view: string,
    text: string,
    toSource: OffsetMap,
    depth: number,
    plain?: PlainFacts,
  ) => {
    if (!isNew(where, text)) return;
    const { hints, clues } = readText(text, plain !== undefined);
    // What is told of a long text takes as much memory again, so of too many it isn't kept until they are looked through.
    const isKept = text.length <= KEPT || text.length <= room;
    if (isKept) room -= text.length;
    give(isKept ? { where, view, text, toSource, clues } : { where, view, text, toSource });
    const derive = (name: string, derived: string, toText: OffsetMap) => {
      if (!isNew(where, derived)) return;
      give({ where, view: name, text: derived, toSource: composeMaps(toText, toSource) });
    };
    const digits = joinDigits(text, hints);
    if (digits !== undefined) derive('joined-digits', digits.text, digits.toNormalised);
    const lines = joinLines(text, hints);
    if (lines !== undefined) derive('joined-lines', lines.text, lines.toNormalised);
    const records = hl7Reading(text);
    if (records !== undefined) derive('hl7', records.text, records.toNormalised);
    const bare = hints.wide ? unmarked(text) : undefined;
    if (bare !== undefined) derive('unmarked', bare.text, bare.toSource);
    const labels = plainLabels(text, clues);
    if (labels !== undefined) derive('labels', labels.text, labels.toSource);
    if (depth >= DECODING_DEPTH) return;
    const decoded = plain?.hasBase64 === false ? '' : base64Texts(text);
    if (decoded !== '') add(where, 'base64-text', decoded, depth + 1);
    for (const unescaped of escapedTexts(text, hints)) add(where, 'unescaped', unescaped, depth + 1);
  };

  return {
    add: (where, view, text, plain) => add(where, view, text, 0, plain),
    addRaw(where, text) {
      const decoded = base64Texts(text);
      if (decoded !== '') add(where, 'base64-text', decoded, 1);
      add(where, 'raw', blankBase64Lines(text), DECODING_DEPTH);
    },
  };
}

/** Blanks in the place of long lines that are all base64, so that offsets stay. No number stands apart in such a line. */
function blankBase64Lines(text: string): string {
  return text.replace(/^[A-Za-z0-9+/]{60}[A-Za-z0-9+/]*(?==*\r?$)/gm, (line) => ' '.repeat(line.length));
}

interface TextSet {
  /** Whether it is new; then it is kept. */
  add(text: string): boolean;
}

const FEW = 8;

/** A set of mostly long and few texts: to compare them is cheaper than to hash them. */
function textSet(): TextSet {
  const few: string[] = [];
  let many: Set<string> | undefined;
  return {
    add(text) {
      if (many === undefined) {
        if (few.includes(text)) return false;
        few.push(text);
        if (few.length > FEW) many = new Set(few);
        return true;
      }
      if (many.has(text)) return false;
      many.add(text);
      return true;
    },
  };
}

function isBlankText(text: string): boolean {
  return !/\S/.test(text);
}
