import { decodeUtf8, fallback } from './charset.js';
import { looksLikeText } from './sniff.js';

/** At least 24 characters of base64 on a line. */
const RUN = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24}[A-Za-z0-9+/]*/g;
/** The next line of a run, also in a quoted reply. One line at a time: a group repeated over a whole file overflows the engine's stack. */
const NEXT_LINE = /\r?\n(?:[ \t]{0,4}>){0,8}[ \t]{0,8}[A-Za-z0-9+/]{4}[A-Za-z0-9+/]*/y;
/** Runs shorter than this hold nothing that counts. */
const SHORTEST_RUN = 24;

const BASE64 = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
  BASE64[character.charCodeAt(0)] = 1;
}

/**
 * Where the first run of base64 begins, or -1. Most mail has none: looks at every 24th character, and from there
 * backwards, which takes a tenth of the time of a pattern.
 */
export function firstRun(text: string): number {
  for (let from = 0; from + SHORTEST_RUN <= text.length; ) {
    let at = from + SHORTEST_RUN - 1;
    while (at >= from && BASE64[text.charCodeAt(at)] === 1) at--;
    if (at < from) return from;
    from = at + 1;
  }
  return -1;
}
/** How the documents of `sniff` begin in base64, at the beginning of a run. */
const DOCUMENT =
  /(?<![A-Za-z0-9+/])(?:JVBERi0|UEsDB|0M8R4KGx|N3q8ryc|UmFyIRoH|H4sI|\/Td6WFo|QlpoO|\/9j\/|iVBORw0KG|R0lGOD|SUkqA|TU0AK|e1xydG|UklGR)[A-Za-z0-9+/]{40}/g;
const REST = /[A-Za-z0-9+/]+/y;
/** Its next line, also where line breaks are escaped (JSON, XML), and what follows a slash that is (JSON). */
const NEXT_PIECE =
  /\\\/[A-Za-z0-9+/]*|[ \t]*(?:\r?\n|(?:\\r)?\\n|(?:&#(?:1[03]|x[aAdD]);)+)[ \t]*[A-Za-z0-9+/]{4}[A-Za-z0-9+/]*/y;
/** Documents of one text that are read. */
export const MAX_DOCUMENTS = 20;

/** The texts that stand base64-encoded within a text, each on lines of its own. Empty when there are none. */
export function base64Texts(text: string): string {
  const found: string[] = [];
  const first = firstRun(text);
  if (first === -1) return '';
  RUN.lastIndex = first;
  for (let match = RUN.exec(text); match !== null; match = RUN.exec(text)) {
    let end = RUN.lastIndex;
    for (NEXT_LINE.lastIndex = end; NEXT_LINE.test(text); ) end = NEXT_LINE.lastIndex;
    RUN.lastIndex = end;
    const bytes = Buffer.from(text.slice(match.index, end), 'base64');
    const decoded = decodedText(bytes);
    if (decoded !== undefined) found.push(decoded);
  }
  return found.join('\n');
}

function decodedText(bytes: Buffer): string | undefined {
  // UTF-16 by its mark: all other text has no such beginning.
  const order =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'be' : '';
  if (order !== '') {
    const even = bytes.subarray(0, bytes.length & ~1);
    return looksLikeText(even) ? new TextDecoder(`utf-16${order}`).decode(even) : undefined;
  }
  if (!looksLikeText(bytes)) return undefined;
  // The tail of a run may be cut in the middle of a character.
  for (let cut = 0; cut < 4; cut++) {
    const decoded = decodeUtf8(bytes.subarray(0, bytes.length - cut));
    if (decoded !== undefined) return decoded;
  }
  return fallback(bytes);
}

/**
 * The documents that stand base64-encoded within a text, such as a scan in a message of HL7 or a report in XML.
 * @param first where the first run of base64 begins, or -1
 * @returns one more than `MAX_DOCUMENTS` where there are too many
 */
export function base64Documents(text: string, first = firstRun(text)): readonly Buffer[] {
  const found: Buffer[] = [];
  if (first === -1) return found;
  DOCUMENT.lastIndex = first;
  for (let match = DOCUMENT.exec(text); match !== null; match = DOCUMENT.exec(text)) {
    let end = DOCUMENT.lastIndex;
    for (const piece of [REST, NEXT_PIECE]) {
      for (piece.lastIndex = end; piece.test(text); ) end = piece.lastIndex;
    }
    DOCUMENT.lastIndex = end;
    // What breaks the lines isn't base64, but some of its letters are.
    const encoded = text.slice(match.index, end).replace(/\\r|\\n|&#(?:1[03]|x[ad]);/gi, '');
    found.push(Buffer.from(encoded, 'base64'));
    if (found.length > MAX_DOCUMENTS) break;
  }
  return found;
}
