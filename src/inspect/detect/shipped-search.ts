import { anchoredPattern } from './anchored-pattern.js';
import type { Clue } from './clue.js';
import { type OpenPlaces, openPlaces } from './clue-places.js';
import type { Detector } from './detector.js';
import { compilePatterns, type Hit, type PatternSet } from './patterns.js';
import { SHIPPED } from './registry.js';
import type { ScannedText } from './scanned-text.js';
import type { TextClues } from './text-clues.js';
import { type CondensedText, condense, digitWindows, nameWindows, rowWindows } from './windows.js';

/** A distinct pattern of the shipped detectors. */
interface Compiled {
  readonly clue: Clue | undefined;
  /** The same for all patterns with an equal clue. */
  readonly clueId: number;
  /** Matches at one place. */
  readonly here: RegExp;
  /** Searches a stretch. */
  readonly within: RegExp;
}

interface Shipped {
  readonly patterns: readonly Compiled[];
  /** For each detector, the indices of its patterns. */
  readonly of: ReadonlyMap<Detector, readonly number[]>;
  /** For each detector, its patterns without a clue. */
  readonly unclued: ReadonlyMap<Detector, PatternSet>;
}

// Once per thread: compiling takes some milliseconds.
let compiled: Shipped | undefined;

function shipped(): Shipped {
  compiled ??= compile(SHIPPED);
  return compiled;
}

function compile(detectors: readonly Detector[]): Shipped {
  const patterns: Compiled[] = [];
  const known = new Map<string, number>();
  const clueIds = new Map<string, number>();
  const of = new Map<Detector, readonly number[]>();
  const unclued = new Map<Detector, PatternSet>();
  for (const detector of detectors) {
    const indices: number[] = [];
    const plain: string[] = [];
    for (const one of detector.patterns) {
      if (typeof one === 'string') {
        plain.push(one);
        continue;
      }
      const { pattern, clue } = one;
      // Patterns that several detectors share are run once.
      const clueKey = JSON.stringify(clue);
      const clueId = clueIds.get(clueKey) ?? clueIds.size;
      clueIds.set(clueKey, clueId);
      const key = `${clueKey}\0${pattern}`;
      const index =
        known.get(key) ??
        patterns.push({
          clue,
          clueId,
          here: anchoredPattern(pattern, 'y'),
          within: anchoredPattern(pattern, 'g'),
        }) - 1;
      known.set(key, index);
      indices.push(index);
    }
    of.set(detector, indices);
    // One set for each detector, because the engine builds its automaton as it reads, and one for all together has
    // more states than its cache holds: ten times slower.
    if (plain.length > 0) unclued.set(detector, compilePatterns(plain));
  }
  return { patterns, of, unclued };
}

/** The hits of each shipped detector's patterns in a text. */
export function searchShipped(text: ScannedText, clues: TextClues): (detector: Detector) => readonly Hit[] {
  const { patterns, of, unclued } = shipped();
  const windows = openWindows(text, clues);
  const places = openPlaces(clues);
  const found = patterns.map((pattern) => search(pattern, text, clues, windows, places));
  return (detector) => {
    let hits = NONE;
    for (const index of of.get(detector) ?? []) {
      const some = found[index] ?? NONE;
      if (some.length > 0) hits = hits.length === 0 ? some : [...hits, ...some];
    }
    const others = unclued.get(detector)?.search(text.text, clues.shadow);
    return others === undefined ? hits : [...hits, ...[...others.values()].flat()];
  };
}

function search(
  { clue, clueId, here, within }: Compiled,
  text: ScannedText,
  clues: TextClues,
  windows: OpenWindows,
  places: OpenPlaces,
): readonly Hit[] {
  if (clue === undefined) return NONE;
  if ('rows' in clue) return searchWindows(within, text, windows.rows());
  if ('names' in clue) return searchWindows(within, text, windows.names());
  if ('digits' in clue) return searchWindows(within, text, windows.digits(clue));
  return searchPlaces(here, text, clues.shadow, places(clue, clueId));
}

const NONE: readonly Hit[] = [];

interface OpenWindows {
  readonly names: () => CondensedText;
  readonly rows: () => CondensedText;
  readonly digits: (clue: Extract<Clue, { digits: number }>) => CondensedText;
}

/** Windows are cut out once for all patterns that ask for the same. */
function openWindows(text: ScannedText, clues: TextClues): OpenWindows {
  let names: CondensedText | undefined;
  let rows: CondensedText | undefined;
  const digits = new Map<string, CondensedText>();
  return {
    names: () => {
      names ??= condense(clues.shadow, nameWindows(clues, text.rows()));
      return names;
    },
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

function searchWindows(pattern: RegExp, { text }: ScannedText, condensed: CondensedText): readonly Hit[] {
  if (condensed.text === '') return NONE;
  const hits: Hit[] = [];
  for (const match of condensed.text.matchAll(pattern)) {
    const start = condensed.toSource(match.index, match.index + match[0].length);
    if (start !== undefined) hits.push(hitAt(text, start, match[0].length));
  }
  return hits;
}

function searchPlaces(
  pattern: RegExp,
  { text }: ScannedText,
  shadow: string,
  places: ArrayLike<number>,
): readonly Hit[] {
  let hits: Hit[] | undefined;
  let end = 0;
  for (let i = 0; i < places.length; i++) {
    const at = places[i] ?? 0;
    if (at < end) continue;
    pattern.lastIndex = at;
    if (!pattern.test(shadow)) continue;
    end = pattern.lastIndex;
    hits ??= [];
    hits.push(hitAt(text, at, end - at));
  }
  return hits ?? NONE;
}

function hitAt(text: string, start: number, length: number): Hit {
  return { start, end: start + length, text: text.slice(start, start + length) };
}
