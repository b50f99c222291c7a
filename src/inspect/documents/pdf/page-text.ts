import { closedUp, joinedLetters } from './spread-letters.js';

/** A piece of text on a page, as pdf.js gives it. */
export interface TextPiece {
  readonly text: string;
  /** The text space's matrix in the page's coordinates: a, b, c, d, e, f. */
  readonly matrix: readonly number[];
  readonly width: number;
  readonly height: number;
  /** The reader thinks that a line ends here. */
  readonly endsLine: boolean;
}

export interface PageText {
  /** Column after column, as a person reads. */
  readonly reading: string;
  /** Straight across the page, as the rows of a table. */
  readonly rows: string;
  /** In the order of the file. */
  readonly content: string;
  /** Lines of letters that are placed one by one, and columns of them, joined; empty where there are none. */
  readonly letters: string;
}

/** A piece turned upright: `x` to the right, `y` downwards. */
interface Placed {
  readonly text: string;
  readonly x: number;
  readonly end: number;
  readonly y: number;
  readonly size: number;
  /** The file has a blank before it. */
  readonly afterBlank: boolean;
}

interface Line {
  readonly pieces: readonly Placed[];
  readonly y: number;
}

/** Parts of the letter height: a wider gap parts words, a far wider one parts cells. */
const WORD_GAP = 0.2;
/** Where the file has a blank, however narrow. */
const LEAST_GAP = 0.02;
const CELL_GAP = 1.2;
/** Parts of the letter height by which pieces of one line may differ in height. */
const SAME_LINE = 0.4;
/** Lines that keep an upright gap free, for it to part columns. */
const LEAST_COLUMN_LINES = 3;
const MAX_PIECES = 200_000;

/** Joins the pieces of one page in three orders. Pure. */
export function joinPage(pieces: readonly TextPiece[]): PageText {
  const content = inContentOrder(pieces);
  if (pieces.length > MAX_PIECES) return { reading: content, rows: content, content, letters: '' };
  const reading: string[] = [];
  const rows: string[] = [];
  const letters: string[] = [];
  for (const upright of byDirection(pieces)) {
    const lines = intoLines(upright);
    for (const { pieces: line } of lines) rows.push(joinLine(line));
    for (const { pieces: line } of [...lines, ...intoLines(upright.map(turned))])
      for (const word of joinedLetters(line)) letters.push(word);
    for (const column of intoColumns(upright, lines)) {
      for (const { pieces: line } of intoLines(column)) reading.push(joinLine(line));
    }
  }
  for (const line of [...reading, content].join('\n').split('\n')) {
    for (const word of closedUp(line)) letters.push(word);
  }
  return { reading: reading.join('\n'), rows: rows.join('\n'), content, letters: letters.join('\n') };
}

function inContentOrder(pieces: readonly TextPiece[]): string {
  return pieces.map((piece) => `${piece.text}${piece.endsLine ? '\n' : ''}`).join('');
}

/** Text of each direction for itself, turned so that it runs from left to right. */
function byDirection(pieces: readonly TextPiece[]): readonly (readonly Placed[])[] {
  const groups = new Map<number, Placed[]>();
  let afterBlank = false;
  for (const piece of pieces) {
    if (piece.text.trim() === '') {
      afterBlank ||= piece.text !== '';
      continue;
    }
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = piece.matrix;
    if (![a, b, c, d, e, f].every(Number.isFinite)) continue;
    const angle = Math.atan2(b, a);
    const degrees = Math.round((angle * 180) / Math.PI);
    const size = Math.hypot(c, d) || piece.height || 1;
    const x = e * Math.cos(angle) + f * Math.sin(angle);
    const y = e * Math.sin(angle) - f * Math.cos(angle);
    const group = groups.get(degrees) ?? [];
    group.push({ text: piece.text, x, end: x + Math.max(0, piece.width), y, size, afterBlank });
    afterBlank = false;
    groups.set(degrees, group);
  }
  return [...groups.values()];
}

function intoLines(pieces: readonly Placed[]): readonly Line[] {
  const sorted = [...pieces].sort((one, other) => one.y - other.y);
  const lines: { pieces: Placed[]; y: number }[] = [];
  for (const piece of sorted) {
    const line = lines.at(-1);
    const reach = Math.max(piece.size, line?.pieces[0]?.size ?? 0) * SAME_LINE;
    if (line !== undefined && piece.y - line.y <= reach) line.pieces.push(piece);
    else lines.push({ pieces: [piece], y: piece.y });
  }
  for (const line of lines) line.pieces.sort((one, other) => one.x - other.x);
  return lines;
}

function joinLine(pieces: readonly Placed[]): string {
  let joined = '';
  let end: number | undefined;
  for (const piece of pieces) {
    if (end !== undefined) {
      const gap = (piece.x - end) / piece.size;
      if (gap > CELL_GAP) joined += '\t';
      else if (
        gap > (piece.afterBlank ? LEAST_GAP : WORD_GAP) &&
        !joined.endsWith(' ') &&
        !piece.text.startsWith(' ')
      )
        joined += ' ';
    }
    joined += piece.text;
    end = Math.max(end ?? piece.end, piece.end);
  }
  return joined;
}

/** A piece with its axes changed, so that a column becomes a line. */
function turned(piece: Placed): Placed {
  return { ...piece, x: piece.y, end: piece.y + piece.size, y: piece.x };
}

/** Parts a page at the gaps that run down through most of its lines, from left to right. */
function intoColumns(pieces: readonly Placed[], lines: readonly Line[]): readonly (readonly Placed[])[] {
  const cuts = columnCuts(pieces, lines);
  if (cuts.length === 0) return [pieces];
  // What spans a cut (a title, a footer) is read where it stands: before or after the columns around it.
  const bands: { columns: Placed[][]; spanning: Placed[] }[] = [];
  for (const line of lines) {
    const spans = line.pieces.some((piece) => cuts.some((cut) => piece.x < cut && piece.end > cut));
    let band = bands.at(-1);
    if (band === undefined || band.spanning.length > 0 !== spans) {
      band = { columns: cuts.concat(0).map(() => []), spanning: [] };
      bands.push(band);
    }
    for (const piece of line.pieces) {
      if (spans) band.spanning.push(piece);
      else band.columns[cuts.filter((cut) => piece.x >= cut).length]?.push(piece);
    }
  }
  return bands.flatMap((band) => (band.spanning.length > 0 ? [band.spanning] : band.columns));
}

function columnCuts(pieces: readonly Placed[], lines: readonly Line[]): readonly number[] {
  // Each wide gap within a line offers its middle; a cut is a middle that few lines cross and many have text around.
  const size = Math.max(1, pieces[0]?.size ?? 1);
  const clusters = new Map<number, number[]>();
  for (const line of lines) {
    let before = line.pieces[0]?.end ?? 0;
    for (const piece of line.pieces) {
      if (piece.x - before > CELL_GAP * piece.size) {
        const key = Math.round((piece.x + before) / (size * 4));
        const cluster = clusters.get(key) ?? [];
        cluster.push((piece.x + before) / 2);
        clusters.set(key, cluster);
      }
      before = Math.max(before, piece.end);
    }
  }
  const cuts: number[] = [];
  for (const cluster of [...clusters.values()].sort((one, other) => other.length - one.length).slice(0, 8)) {
    if (cluster.length < LEAST_COLUMN_LINES) break;
    const cut = cluster.reduce((sum, offer) => sum + offer, 0) / cluster.length;
    const crossing = lines.filter((line) =>
      line.pieces.some((piece) => piece.x < cut && piece.end > cut),
    ).length;
    if (crossing * 2 > cluster.length) continue;
    if (cuts.every((other) => Math.abs(other - cut) > size * 4)) cuts.push(cut);
  }
  return cuts.sort((one, other) => one - other);
}
