import { anchoredPattern } from './anchored-pattern.js';
import type { Clue } from './clue.js';
import { type ClueNeeds, needsOf, type PlaceFinder, placeFinder, placesPossible } from './clue-places.js';
import type { Detector } from './detector.js';
import { groupChoice } from './group-choice.js';
import { compilePatterns, type Hit, type PatternSet } from './patterns.js';
import { SHIPPED } from './registry.js';
import type { ScannedText } from './scanned-text.js';
import type { TextClues } from './text-clues.js';
import { type CondensedText, condense, digitWindows, rowWindows } from './windows.js';

/** Matches of one distinct pattern of the shipped detectors. */
interface Compiled {
  /** Matches at one place. */
  readonly here: RegExp;
  /** Searches a stretch. */
  readonly within: RegExp;
  /** Who asks for it: places in `SHIPPED`. */
  readonly detectors: number[];
}

type WindowClue = Extract<Clue, { digits: number } | { rows: true }>;

function isInWindows(clue: Clue): clue is WindowClue {
  return 'rows' in clue || 'digits' in clue;
}

/** The patterns that are tried at the same places. */
interface Group {
  readonly needs: ClueNeeds;
  readonly literal: string | undefined;
  /** The places; undefined where hits lie in windows around their clue. */
  readonly places: PlaceFinder | undefined;
  readonly windows: WindowClue | undefined;
  readonly patterns: Compiled[];
}

interface Shipped {
  readonly groups: readonly Group[];
  /** The groups that a text may have places of, in order. */
  readonly chosen: (clues: TextClues) => readonly number[];
  /** For each detector, by its place in `SHIPPED`, its patterns without a clue. */
  readonly unclued: readonly (readonly [number, PatternSet])[];
}

// Once per thread: compiling takes some milliseconds.
let compiled: Shipped | undefined;

function shipped(): Shipped {
  compiled ??= compile(SHIPPED);
  return compiled;
}

function compile(detectors: readonly Detector[]): Shipped {
  type Filled = Group & { readonly known: Map<string, Compiled> };
  const groups = new Map<string, Filled>();
  const unclued: (readonly [number, PatternSet])[] = [];
  for (const [index, detector] of detectors.entries()) {
    const plain: string[] = [];
    for (const one of detector.patterns) {
      if (typeof one === 'string') {
        plain.push(one);
        continue;
      }
      const { pattern, clue } = one;
      const key = JSON.stringify(clue);
      const group: Filled = groups.get(key) ?? {
        needs: needsOf(clue),
        literal: 'literal' in clue ? clue.literal : undefined,
        places: isInWindows(clue) ? undefined : placeFinder(clue),
        windows: isInWindows(clue) ? clue : undefined,
        patterns: [],
        known: new Map(),
      };
      groups.set(key, group);
      // Patterns that several detectors share are run once.
      const known = group.known.get(pattern);
      if (known !== undefined) {
        known.detectors.push(index);
        continue;
      }
      const made: Compiled = {
        here: anchoredPattern(pattern, 'y'),
        within: anchoredPattern(pattern, 'g'),
        detectors: [index],
      };
      group.known.set(pattern, made);
      group.patterns.push(made);
    }
    // One set for each detector, because the engine builds its automaton as it reads, and one for all together has
    // more states than its cache holds: ten times slower.
    if (plain.length > 0) unclued.push([index, compilePatterns(plain)]);
  }
  const all = [...groups.values()];
  return { groups: all, chosen: groupChoice(all), unclued };
}

/** The hits of the patterns of each shipped detector, by its place in `SHIPPED`. */
export type ShippedHits = readonly (readonly Hit[] | undefined)[];

type Found = (Hit[] | undefined)[];

/** Searches a text for the patterns of all shipped detectors. */
export function searchShipped(text: ScannedText, clues: TextClues): ShippedHits {
  const { groups, chosen, unclued } = shipped();
  const isPossible = placesPossible(clues);
  const found: Found = new Array<Hit[] | undefined>(SHIPPED.length).fill(undefined);
  let windows: OpenWindows | undefined;
  for (const index of chosen(clues)) {
    const group = groups[index];
    if (group === undefined || !isPossible(group.needs)) continue;
    if (group.places !== undefined)
      searchPlaces(group.patterns, text, clues.shadow, group.places(clues), found);
    else if (group.windows !== undefined) {
      windows ??= openWindows(text, clues);
      const clue = group.windows;
      const condensed = 'rows' in clue ? windows.rows() : windows.digits(clue);
      searchWindows(group.patterns, text, condensed, found);
    }
  }
  for (const [index, set] of unclued)
    for (const hits of set.search(text.text, clues.shadow).values()) addHits(found, index, hits);
  return found;
}

function addHits(found: Found, index: number, hits: readonly Hit[]): void {
  const before = found[index];
  if (before === undefined) found[index] = [...hits];
  else for (const hit of hits) before.push(hit);
}

interface OpenWindows {
  readonly rows: () => CondensedText;
  readonly digits: (clue: Extract<Clue, { digits: number }>) => CondensedText;
}

/** Windows are cut out once for all patterns that ask for the same. */
function openWindows(text: ScannedText, clues: TextClues): OpenWindows {
  let rows: CondensedText | undefined;
  const digits = new Map<string, CondensedText>();
  return {
    rows: () => {
      rows ??= condense(clues.shadow, rowWindows(text.rows()));
      return rows;
    },
    digits: (clue) => {
      const key = `${clue.digits} ${clue.before} ${clue.after}`;
      const opened = digits.get(key) ?? condense(clues.shadow, digitWindows(clues, clue));
      digits.set(key, opened);
      return opened;
    },
  };
}

function searchWindows(
  patterns: readonly Compiled[],
  { text }: ScannedText,
  condensed: CondensedText,
  found: Found,
): void {
  if (condensed.text === '') return;
  for (const { within, detectors } of patterns) {
    const hits: Hit[] = [];
    // Not by `matchAll`, which makes a pattern anew for each text.
    within.lastIndex = 0;
    for (let match = within.exec(condensed.text); match !== null; match = within.exec(condensed.text)) {
      const start = condensed.toSource(match.index, match.index + match[0].length);
      if (start !== undefined) hits.push(hitAt(text, start, match[0].length));
      if (match[0] === '') within.lastIndex++;
    }
    if (hits.length > 0) for (const detector of detectors) addHits(found, detector, hits);
  }
}

function searchPlaces(
  patterns: readonly Compiled[],
  { text }: ScannedText,
  shadow: string,
  places: ArrayLike<number>,
  found: Found,
): void {
  if (places.length === 0) return;
  for (const { here, detectors } of patterns) {
    let hits: Hit[] | undefined;
    let end = 0;
    for (let i = 0; i < places.length; i++) {
      const at = places[i] ?? 0;
      if (at < end) continue;
      here.lastIndex = at;
      if (!here.test(shadow)) continue;
      end = here.lastIndex;
      hits ??= [];
      hits.push(hitAt(text, at, end - at));
    }
    if (hits !== undefined) for (const detector of detectors) addHits(found, detector, hits);
  }
}

function hitAt(text: string, start: number, length: number): Hit {
  return { start, end: start + length, text: text.slice(start, start + length) };
}
