import { htmlTexts } from './html-text.js';

/** Elements that most drawing programs don't show within a line of text. */
const UNSHOWN = /<(title|desc|style|metadata|script)\b[^<>]*>[^<]*<\/\1\s*>/gi;
/** A piece of a line that may be made invisible by its own attributes or a style sheet. */
const STYLED =
  /<(tspan|a|textpath)\b[^<>]{0,500}(?:display|visibility|opacity|style|class|fill|font|id)[^<>]{0,500}>[^<]*<\/\1\s*>/gi;
const PIECE = /<(?:tspan|a|textpath)\b[^<>]*>[^<]*<\/(?:tspan|a|textpath)\s*>/gi;
const POSITIONED = /<(?:text|tspan)\b([^<>]*)>([^<]*)/gi;
/** Of a drawing that is sorted; those of large plans and maps are fewer. */
const MAX_PIECES = 50_000;

interface Piece {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

interface DrawingTexts {
  readonly texts: readonly string[];
  /** It has no more pieces than can be put in order. */
  readonly whole: boolean;
}

/** Further readings of a drawing (SVG): without what may not be shown in its lines, and in the order of places. */
export function drawingTexts(source: string): DrawingTexts {
  if (!/<svg\b/i.test(source)) return { texts: [], whole: true };
  const shown = source.replace(UNSHOWN, '');
  const texts = [shown, shown.replace(STYLED, ''), shown.replace(PIECE, '')].map(
    (one) => htmlTexts(one).visible,
  );
  const ordered = inOrder(shown);
  const all = new Set([...texts, ordered ?? '']);
  return { texts: [...all].filter((text) => text !== ''), whole: ordered !== undefined };
}

/** Pieces by line, and from left to right within each; undefined where there are too many. */
function inOrder(source: string): string | undefined {
  const pieces: Piece[] = [];
  for (const [, attributes = '', content = ''] of source.matchAll(POSITIONED)) {
    if (pieces.length >= MAX_PIECES) return undefined;
    const text = content.includes('&') ? htmlTexts(content).visible.trim() : content;
    const xs = numbers(attributes, 'x');
    const [y = 0] = numbers(attributes, 'y');
    if (xs.length < 2) pieces.push({ x: xs[0] ?? 0, y, text });
    else {
      const letters = [...text];
      for (const [at, x] of xs.entries()) pieces.push({ x, y, text: letters[at] ?? '' });
      pieces.push({ x: Number.MAX_VALUE, y, text: letters.slice(xs.length).join('') });
    }
  }
  if (pieces.length < 2) return '';
  pieces.sort((one, other) => one.y - other.y || one.x - other.x);
  return pieces
    .map((piece, at) => ((pieces[at - 1]?.y ?? piece.y) === piece.y ? '' : '\n') + piece.text)
    .join('');
}

function numbers(attributes: string, name: string): readonly number[] {
  const value =
    new RegExp(`\\s${name}\\s*=\\s*["']?([-+\\d.eE,\\s]{1,2000})`, 'i').exec(attributes)?.[1] ?? '';
  return value
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map(Number)
    .filter(Number.isFinite);
}

/** Enriched text (RFC 1896 3) without the parameters of its commands, which aren't shown. */
export function enrichedText(source: string): string {
  return htmlTexts(source.replace(/<param>[^<]*<\/param>/gi, '')).visible;
}

/** The HTML that calendars hold beside their plain text, from unfolded lines. */
export function calendarHtml(unfolded: string): readonly string[] {
  const texts: string[] = [];
  for (const [, value = ''] of unfolded.matchAll(
    /^[\w-]{1,40};[^:\n]{0,200}text\/html[^:\n]{0,200}:(.*)$/gim,
  )) {
    const html = htmlTexts(value.replace(/\\n/gi, '\n').replace(/\\([,;\\])/g, '$1'));
    texts.push(html.visible, html.all);
  }
  return texts;
}
