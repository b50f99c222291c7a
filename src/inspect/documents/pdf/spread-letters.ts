/** A piece of a line, with where it begins and ends. */
export interface LinePiece {
  readonly text: string;
  readonly x: number;
  readonly end: number;
  readonly size: number;
}

/** Letters that stand one by one in a row belong together, however far apart they are. */
const LEAST_LETTERS = 6;
/** Parts of the letter height by which a gap is wider than those between the letters of a word. */
const WORD_GAP = 0.2;

/**
 * A line in which pieces of one or two letters follow each other, with these joined: to words, as the wider gaps part
 * them, and to one word. Nothing where there is no such row. Pure.
 */
export function joinedLetters(pieces: readonly LinePiece[]): readonly string[] {
  const words: string[] = [];
  const bare: string[] = [];
  let any = false;
  for (let at = 0; at < pieces.length; ) {
    let next = at;
    while (next < pieces.length && isLetter(pieces[next])) next += 1;
    const row = pieces.slice(at, next);
    if (row.length >= LEAST_LETTERS) {
      any = true;
      words.push(inWords(row));
      bare.push(row.map(({ text }) => text.trim()).join(''));
      at = next;
    } else {
      const end = Math.max(next, at + 1);
      for (const { text } of pieces.slice(at, end)) {
        words.push(text);
        bare.push(text);
      }
      at = end;
    }
  }
  return any ? [words.join(' '), bare.join(' ')] : [];
}

function isLetter(piece: LinePiece | undefined): boolean {
  return piece !== undefined && [...piece.text].length <= 2;
}

/** A gap that is clearly wider than most of them parts words. */
function inWords(row: readonly LinePiece[]): string {
  const gaps = row.map((piece, at) => piece.x - (row[at - 1]?.end ?? piece.x)).slice(1);
  const usual = [...gaps].sort((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? 0;
  return row
    .map(({ text, size }, at) =>
      at > 0 && (gaps[at - 1] ?? 0) > usual + WORD_GAP * size ? ` ${text}` : text,
    )
    .join('');
}

const ROW = /(?<!\S)(?:\S[ \t]{1,40}){5,}\S(?!\S)/g;

/** A line with single letters and blanks between them: with each gap closed, and with the wider ones as blanks. */
export function closedUp(line: string): readonly string[] {
  let any = false;
  const words = line.replace(ROW, (row) => {
    any = true;
    const widths = (row.match(/[ \t]+/g) ?? []).map((gap) => gap.length).sort((one, other) => one - other);
    const usual = widths[Math.floor(widths.length / 2)] ?? 1;
    return row.replace(/[ \t]+/g, (gap) => (gap.length > usual || (usual === 1 && gap === '\t') ? ' ' : ''));
  });
  if (!any) return [];
  const bare = line.replace(ROW, (row) => row.replace(/[ \t]+/g, ''));
  return [...new Set([words.replace(/\s+/g, ' '), bare, line.replace(/\s+/g, '')])];
}
