import { RRegex, RRegexSet } from 'rregex';
import { asciiShadow } from './ascii-shadow.js';

/** One match; offsets are UTF-16 code units of the searched text. */
export interface Hit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A compiled list of patterns. Its memory lies outside the JavaScript heap: call `dispose` when done with it. */
export interface PatternSet {
  /**
   * The hits of each pattern that matches at all, by the pattern's index; leftmost first, not overlapping. Offsets and
   * `text` are exact for hits of up to 448 code units; a longer one may be cut. `shadow` saves the work where a text is searched by several sets: its `asciiShadow`.
   */
  readonly search: (text: string, shadow?: string) => ReadonlyMap<number, readonly Hit[]>;
  readonly dispose: () => void;
}

/** A pattern that the linear-time engine refuses (look-around, back-references, or plain bad syntax). */
export class PatternSyntaxError extends Error {
  override readonly name = 'PatternSyntaxError';
  /** Index of the pattern in the list given. */
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

/**
 * Compiles patterns (Rust regex syntax) for a search in time linear in the text: one pass of the whole set says
 * which patterns hit, and only those run again for positions.
 *
 * Two habits keep it fast and linear. Bound every repeat, because finding all matches of a pattern with an unbounded
 * tail is quadratic. Write word boundaries as `(?-u:\b)`, because Unicode ones leave the fast engine at the first
 * character beyond ASCII.
 *
 * Patterns see the text in ASCII: Latin letters without their marks, any other character as U+001A. A hit's `text` is
 * that of the text itself.
 *
 * @throws PatternSyntaxError also for a pattern with characters beyond ASCII, which could never hit
 */
export function compilePatterns(sources: readonly string[]): PatternSet {
  const patterns: RRegex[] = [];
  const free = () => {
    for (const pattern of patterns) pattern.free();
  };
  for (const [index, source] of sources.entries()) {
    try {
      if (/[^\0-\x7f]/.test(source))
        throw new Error('write only ASCII: letters with marks are matched without them');
      patterns.push(new RRegex(source));
    } catch (error) {
      free();
      throw new PatternSyntaxError(index, error instanceof Error ? error.message : String(error));
    }
  }
  const set = new RRegexSet([...sources]);
  return {
    search: (text, shadow) => search(set, patterns, text, shadow ?? asciiShadow(text)),
    dispose: () => {
      set.free();
      free();
    },
  };
}

/**
 * Texts go to the engine in pieces, and in ASCII only. Its allocator never gives back a block that had to grow beyond
 * some kilobytes, which happens to the list of hits of a long text and to every text with a character beyond ASCII:
 * each call would leak until the thread dies. ASCII also makes the engine's offsets, which count bytes of UTF-8, equal
 * to UTF-16 code units. Pieces overlap, so that a hit is found whole in the piece in which it starts.
 */
const PIECE = 2_560;
/** Seen before a piece, so that boundaries and hits that begin earlier come out as in the whole text. */
const LEAD = 64;
/** The longest hit, in UTF-16 code units, that is surely found whole. */
const LONGEST_HIT = 448;

function search(
  set: RRegexSet,
  patterns: readonly RRegex[],
  text: string,
  shadow: string,
): ReadonlyMap<number, readonly Hit[]> {
  const hits = new Map<number, Hit[]>();
  for (let start = 0; start < text.length || start === 0; start += PIECE) {
    const from = Math.max(0, start - LEAD);
    const to = Math.min(text.length, start + PIECE + LONGEST_HIT);
    const piece = shadow.slice(from, to);
    const limit = to === text.length ? text.length + 1 : start + PIECE;
    for (const index of set.matches(piece)) {
      const pattern = patterns[index];
      if (pattern === undefined) continue;
      const found = hits.get(index) ?? [];
      for (const match of pattern.findAll(piece)) {
        const hitStart = from + match.start;
        const earliest = Math.max(start, found.at(-1)?.end ?? 0);
        if (hitStart < earliest || hitStart >= limit) continue;
        const hitEnd = from + match.end;
        found.push({ start: hitStart, end: hitEnd, text: text.slice(hitStart, hitEnd) });
      }
      if (found.length > 0) hits.set(index, found);
    }
    if (to === text.length) break;
  }
  return hits;
}
