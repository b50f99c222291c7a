import { RRegex, RRegexSet } from 'rregex';

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
   * `text` are exact for hits of up to 448 code units; a longer one may be cut.
   */
  readonly search: (text: string) => ReadonlyMap<number, readonly Hit[]>;
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
 * @throws PatternSyntaxError
 */
export function compilePatterns(sources: readonly string[]): PatternSet {
  const patterns: RRegex[] = [];
  const free = () => {
    for (const pattern of patterns) pattern.free();
  };
  for (const [index, source] of sources.entries()) {
    try {
      patterns.push(new RRegex(source));
    } catch (error) {
      free();
      throw new PatternSyntaxError(index, error instanceof Error ? error.message : String(error));
    }
  }
  const set = new RRegexSet([...sources]);
  return {
    search: (text) => search(set, patterns, text),
    dispose: () => {
      set.free();
      free();
    },
  };
}

/**
 * Texts go to the engine in pieces, because its allocator never gives back a block that had to grow beyond some ten
 * kilobytes: the list of hits of a long text, or a long text with a character beyond ASCII, would leak memory with
 * each call until the thread dies. Pieces overlap, so that a hit is found whole in the piece in which it starts.
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
): ReadonlyMap<number, readonly Hit[]> {
  const hits = new Map<number, Hit[]>();
  for (let start = 0; start < text.length || start === 0; start += PIECE) {
    const from = wholeCharacter(text, Math.max(0, start - LEAD));
    const to = wholeCharacter(text, Math.min(text.length, start + PIECE + LONGEST_HIT));
    const piece = from === 0 && to === text.length ? text : text.slice(from, to);
    const limit = to === text.length ? text.length + 1 : start + PIECE;
    let toUtf16: ((offset: number) => number) | undefined;
    for (const index of set.matches(piece)) {
      const pattern = patterns[index];
      if (pattern === undefined) continue;
      toUtf16 ??= utf16Offsets(piece);
      const found = hits.get(index) ?? [];
      for (const match of pattern.findAll(piece)) {
        const hitStart = from + toUtf16(match.start);
        const earliest = Math.max(start, found.at(-1)?.end ?? 0);
        if (hitStart < earliest || hitStart >= limit) continue;
        const hitEnd = from + toUtf16(match.end);
        // Not the engine's copy of the text: in there a lone surrogate has become U+FFFD.
        found.push({ start: hitStart, end: hitEnd, text: text.slice(hitStart, hitEnd) });
      }
      if (found.length > 0) hits.set(index, found);
    }
    if (to === text.length) break;
  }
  return hits;
}

/** The offset, or the one before it where it would cut a surrogate pair. */
function wholeCharacter(text: string, offset: number): number {
  const code = text.charCodeAt(offset);
  const before = text.charCodeAt(offset - 1);
  return code >= 0xdc00 && code < 0xe000 && before >= 0xd800 && before < 0xdc00 ? offset - 1 : offset;
}

/** The engine counts bytes of UTF-8; gives the function from such an offset to one in UTF-16 code units. */
function utf16Offsets(text: string): (offset: number) => number {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes === text.length) return (offset) => offset;
  const table = new Uint32Array(bytes + 1);
  let byte = 0;
  for (let unit = 0; unit < text.length; unit++) {
    const code = text.charCodeAt(unit);
    let width = code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    const next = text.charCodeAt(unit + 1);
    const pair = code >= 0xd800 && code < 0xdc00 && next >= 0xdc00 && next < 0xe000;
    // A lone surrogate is encoded as U+FFFD, which has three bytes like any other code unit up there.
    if (pair) width = 4;
    for (let i = 0; i < width; i++) table[byte + i] = unit;
    byte += width;
    if (pair) unit++;
  }
  table[bytes] = text.length;
  return (offset) => table[offset] ?? text.length;
}
