import { anchoredPattern } from './anchored-pattern.js';
import type { Clue } from './clue.js';
import { type ClueNeeds, needsOf, placesOf, placesPossible } from './clue-places.js';
import type { Detector } from './detector.js';
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
  /** Who asks for it. */
  readonly detectors: Detector[];
}

/** The patterns that are tried at the same places. */
interface Group {
  readonly clue: Clue;
  readonly needs: ClueNeeds;
  readonly patterns: Compiled[];
}

interface Shipped {
  readonly groups: readonly Group[];
  /** For each detector, its patterns without a clue. */
  readonly unclued: readonly (readonly [Detector, PatternSet])[];
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
  const unclued: (readonly [Detector, PatternSet])[] = [];
  for (const detector of detectors) {
    const plain: string[] = [];
    for (const one of detector.patterns) {
      if (typeof one === 'string') {
        plain.push(one);
        continue;
      }
      const { pattern, clue } = one;
      const key = JSON.stringify(clue);
      const group: Filled = groups.get(key) ?? {
        clue,
        needs: needsOf(clue),
        patterns: [],
        known: new Map(),
      };
      groups.set(key, group);
      // Patterns that several detectors share are run once.
      const known = group.known.get(pattern);
      if (known !== undefined) {
        known.detectors.push(detector);
        continue;
      }
      const made: Compiled = {
        here: anchoredPattern(pattern, 'y'),
        within: anchoredPattern(pattern, 'g'),
        detectors: [detector],
      };
      group.known.set(pattern, made);
      group.patterns.push(made);
    }
    // One set for each detector, because the engine builds its automaton as it reads, and one for all together has
    // more states than its cache holds: ten times slower.
    if (plain.length > 0) unclued.push([detector, compilePatterns(plain)]);
  }
  return { groups: [...groups.values()], unclued };
}

/** The hits of each shipped detector's patterns in a text, for those that have any. */
export function searchShipped(text: ScannedText, clues: TextClues): ReadonlyMap<Detector, readonly Hit[]> {
  const { groups, unclued } = shipped();
  const windows = openWindows(text, clues);
  const isPossible = placesPossible(clues);
  const found = new Map<Detector, Hit[]>();
  for (const { clue, needs, patterns } of groups) {
    if (!isPossible(needs)) continue;
    if ('rows' in clue) searchWindows(patterns, text, windows.rows(), found);
    else if ('digits' in clue) searchWindows(patterns, text, windows.digits(clue), found);
    else searchPlaces(patterns, text, clues.shadow, placesOf(clues, clue), found);
  }
  for (const [detector, set] of unclued)
    for (const hits of set.search(text.text, clues.shadow).values()) addHits(found, detector, hits);
  return found;
}

function addHits(found: Map<Detector, Hit[]>, detector: Detector, hits: readonly Hit[]): void {
  const before = found.get(detector);
  if (before === undefined) found.set(detector, [...hits]);
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
  found: Map<Detector, Hit[]>,
): void {
  if (condensed.text === '') return;
  for (const { within, detectors } of patterns) {
    const hits: Hit[] = [];
    for (const match of condensed.text.matchAll(within)) {
      const start = condensed.toSource(match.index, match.index + match[0].length);
      if (start !== undefined) hits.push(hitAt(text, start, match[0].length));
    }
    if (hits.length > 0) for (const detector of detectors) addHits(found, detector, hits);
  }
}

function searchPlaces(
  patterns: readonly Compiled[],
  { text }: ScannedText,
  shadow: string,
  places: ArrayLike<number>,
  found: Map<Detector, Hit[]>,
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
