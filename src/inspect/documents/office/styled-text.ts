/** A piece of a paragraph with a signature of how it is shown. */
export interface StyledPiece {
  readonly text: string;
  readonly style: string;
  /** One of several texts of which a program shows one: always looked at without the others. */
  readonly alternative?: true;
}

export interface StyledReadings {
  /** The paragraph without the pieces of some styles. */
  readonly readings: readonly string[];
  /** A number is made of too many styles for all of their readings to be looked at. */
  readonly tooMany: boolean;
}

/** Of so many styles all subsets are looked at. */
const MOST_STYLES = 4;
const MOST_PIECES = 5000;
const NONE: StyledReadings = { readings: [], tooMany: false };

/**
 * What a person may see of a paragraph in which pieces within a word or a number look otherwise than what is around
 * them: there are more ways to hide a piece (colour, size, width, place, shading …) than can be known, so the paragraph
 * is read without the pieces of each such style, whatever the style does. Pure.
 */
export function styledReadings(pieces: readonly StyledPiece[]): StyledReadings {
  const runs = mergedPieces(pieces);
  if (runs.length < 2 || runs.length > MOST_PIECES) return { ...NONE, tooMany: runs.length > MOST_PIECES };
  const styles = splitting(runs);
  if (styles.size === 0) return NONE;
  const whole = runs.map(({ text }) => text).join('');
  const readings = new Set<string>();
  const without = (leftOut: ReadonlySet<string>) => {
    const text = runs.flatMap((run) => (leftOut.has(run.style) ? [] : [run.text])).join('');
    if (text.trim() !== '' && text !== whole) readings.add(text);
  };
  const all = [...styles];
  if (all.length > MOST_STYLES) {
    for (const style of all.slice(0, MOST_STYLES * 4)) without(new Set([style]));
    return { readings: [...readings], tooMany: (whole.match(/\d/g) ?? []).length >= MOST_STYLES };
  }
  for (let subset = 1; subset < 2 ** all.length; subset++)
    without(new Set(all.filter((_, index) => (subset & (1 << index)) !== 0)));
  return { readings: [...readings], tooMany: false };
}

/** The styles of pieces that stand within a word or a number. */
function splitting(runs: readonly StyledPiece[]): ReadonlySet<string> {
  const styles = new Set<string>();
  for (const [index, run] of runs.entries()) {
    if (run.alternative === true) styles.add(run.style);
    const before = runs[index - 1]?.text.at(-1);
    const after = runs[index + 1]?.text[0];
    if (before === undefined) continue;
    if (isWritten(before) && isWritten(run.text[0])) {
      styles.add(run.style);
      styles.add(runs[index - 1]?.style ?? '');
    } else if (isWritten(before) && isWritten(after)) styles.add(run.style);
  }
  return styles;
}

function isWritten(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}\p{Pd}./_]/u.test(character);
}

function mergedPieces(pieces: readonly StyledPiece[]): readonly StyledPiece[] {
  const out: StyledPiece[] = [];
  for (const piece of pieces) {
    if (piece.text === '') continue;
    const last = out.at(-1);
    if (last !== undefined && last.style === piece.style)
      out[out.length - 1] = { ...last, text: last.text + piece.text };
    else out.push(piece);
  }
  return out;
}
