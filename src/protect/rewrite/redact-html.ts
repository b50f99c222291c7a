import { normalise } from '../../inspect/normalise.js';
import { type HtmlPiece, htmlPieces } from './html-pieces.js';
import { MASK } from './mask.js';
import type { Redacted } from './redact-text.js';
import { merged, type Stretch, sightingsIn, type Wanted } from './sightings.js';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

type WholePiece = Extract<HtmlPiece, { kind: 'attribute' | 'comment' }>;
type TextPiece = Extract<HtmlPiece, { kind: 'text' }>;

/**
 * HTML with what is to be redacted replaced. Tags stay: where something stands across them, its text on both sides
 * goes, and one mask stands in its first place. An attribute goes as a whole, and so does a comment.
 */
export function redactHtml(html: string, wanted: Wanted): Redacted {
  const pieces = htmlPieces(html);
  const edits: Edit[] = [];
  const masked = [
    ...redactRunning(pieces, wanted, edits),
    ...redactWhole(pieces, 'attribute', wanted, edits),
    ...redactWhole(pieces, 'comment', wanted, edits),
  ];
  return { text: applied(html, edits), places: masked.length, masked };
}

/** Attributes or comments, read one after the other as the inspector reads them; one with a sighting goes as a whole. */
function redactWhole(
  pieces: readonly HtmlPiece[],
  kind: 'attribute' | 'comment',
  wanted: Wanted,
  edits: Edit[],
): readonly string[] {
  const texts: string[] = [];
  const places: { readonly start: number; readonly end: number; readonly piece: WholePiece }[] = [];
  let length = 0;
  for (const piece of pieces) {
    if (piece.kind !== kind) continue;
    const text = readable(piece);
    places.push({ start: length, end: length + text.length, piece });
    texts.push(text);
    length += text.length + 1;
  }
  const stretches = sightingsIn(texts.join('\n'), wanted);
  let next = 0;
  const masked: string[] = [];
  for (const { start, end, piece } of places) {
    while ((stretches[next]?.end ?? length) <= start) next += 1;
    if ((stretches[next]?.start ?? length) >= end) continue;
    masked.push(readable(piece));
    edits.push({ ...piece, replacement: kind === 'attribute' ? attributeMask(piece.text) : ' ' });
  }
  return masked;
}

/** Text as it is read when nothing is hidden: inline tags don't break it, blocks do. */
function redactRunning(pieces: readonly HtmlPiece[], wanted: Wanted, edits: Edit[]): readonly string[] {
  const texts: string[] = [];
  const places: Place[] = [];
  let length = 0;
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      // One blank for each, so that offsets stay; how many there are makes no difference to what is shown.
      const text = piece.text.replace(/[\t\r\n\f]/g, ' ');
      places.push({ at: length, piece });
      texts.push(text);
      length += text.length;
    } else if (piece.kind === 'break') {
      texts.push('\n');
      length += 1;
    }
  }
  const running = texts.join('');
  const inParts = touchesUnseen(running, places)
    ? [false, true].flatMap((neverShown) => {
        const part = partOf(running, places, neverShown);
        return inRunning(collapsed(part.text), wanted).map(({ start, end }) => ({
          start: part.toSource(start),
          end: part.toSource(end - 1) + 1,
        }));
      })
    : [];
  const all = merged([...sightingsIn(running, wanted), ...inRunning(collapsed(running), wanted), ...inParts]);
  let first = 0;
  for (const stretch of all) {
    let masked = false;
    while (first < places.length && endOf(places[first]) <= stretch.start) first += 1;
    for (let i = first; i < places.length; i++) {
      const place = places[i];
      if (place === undefined || place.at >= stretch.end) break;
      edits.push({ ...within(place, stretch), replacement: masked ? '' : MASK });
      masked = true;
    }
  }
  return all.map(({ start, end }) => running.slice(start, end));
}

interface Part {
  readonly text: string;
  readonly toSource: (offset: number) => number;
}

interface Place {
  readonly at: number;
  readonly piece: TextPiece;
}

/** What is seen in a part of a text, where it stands in the text. */
function inRunning(part: Part, wanted: Wanted): readonly Stretch[] {
  return sightingsIn(part.text, wanted).map(({ start, end }) => ({
    start: part.toSource(start),
    end: part.toSource(end - 1) + 1,
  }));
}

/** Whether a word goes on, as the pieces stand, into or out of what is never shown. Sheets in a head stand by themselves. */
function touchesUnseen(running: string, places: readonly Place[]): boolean {
  return places.some(({ at, piece }) => {
    const end = at + piece.text.length;
    return piece.neverShown && (isInk(running[at - 1]) || isInk(running[end]));
  });
}

function isInk(character: string | undefined): boolean {
  return character !== undefined && /\S/.test(character);
}

/** Only what is never shown, or all but that, as readers have them: the one is not between the words of the other. */
function partOf(running: string, places: readonly Place[], neverShown: boolean): Part {
  const texts: string[] = [];
  const begins: { readonly at: number; readonly from: number }[] = [];
  let length = 0;
  const add = (from: number, to: number) => {
    if (to <= from) return;
    begins.push({ at: length, from });
    texts.push(running.slice(from, to));
    length += to - from;
  };
  let done = 0;
  for (const { at, piece } of places) {
    // Breaks stand between the pieces.
    add(done, at);
    done = at + piece.text.length;
    if (piece.neverShown === neverShown) add(at, done);
  }
  add(done, running.length);
  return {
    text: texts.join(''),
    toSource(offset) {
      let low = 0;
      let high = begins.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((begins[middle]?.at ?? length) <= offset) low = middle + 1;
        else high = middle;
      }
      const begin = begins[low - 1];
      return begin === undefined ? running.length : begin.from + offset - begin.at;
    },
  };
}

function endOf(place: Place | undefined): number {
  return place === undefined ? 0 : place.at + place.piece.text.length;
}

/** The part of a piece that a stretch covers; an entity goes as a whole. */
function within({ at, piece }: Place, stretch: Stretch): Stretch {
  if (piece.text.length !== piece.end - piece.start) return { start: piece.start, end: piece.end };
  return {
    start: piece.start + Math.max(0, stretch.start - at),
    end: piece.start + Math.min(piece.text.length, stretch.end - at),
  };
}

/** Runs of blanks as one, as they are shown. */
function collapsed(text: string): Part {
  const starts: number[] = [];
  const out: string[] = [];
  let blank = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    const isBlank = character === ' ';
    if (!(isBlank && blank)) {
      starts.push(at);
      out.push(character);
    }
    blank = isBlank;
  }
  return { text: out.join(''), toSource: (offset) => starts[offset] ?? text.length };
}

/** What an attribute or comment may be read as, one reading a line. */
function readable({ text }: { readonly text: string }): string {
  const unescaped = text
    .replace(/\+/g, ' ')
    .replace(/[&?#;]/g, '\n')
    .replaceAll('=', ': ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return unescaped === text ? text : `${text}\n\n${normalise(unescaped).text}`;
}

/** What an attribute is left with: nothing that points anywhere, where it did. */
function attributeMask(value: string): string {
  return /^\s*[a-z][a-z0-9+.-]*:/i.test(value) ? '#redacted' : MASK;
}

function applied(html: string, edits: readonly Edit[]): string {
  const out: string[] = [];
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at) continue;
    out.push(html.slice(at, edit.start), edit.replacement);
    at = edit.end;
  }
  out.push(html.slice(at));
  return out.join('');
}
