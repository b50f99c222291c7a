import { asciiShadow } from './ascii-shadow.js';
import { GIVEN, NOT, nameKind } from './name-cues.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';
import { isNoName, unlistedName } from './unlisted-name.js';

const WORD = "\\p{Lu}(?:\\p{L}|['’-]\\p{Lu}){1,24}";
/** "Quillfeather, Xanthe", "QUILLFEATHER,XANTHE M", "X. Quillfeather", "Quillfeather, X."; behind a bed one word alone, too. */
const NAME = `(?:${WORD}, ?${WORD}(?: \\p{Lu}\\.?)?|\\p{Lu}\\. ?${WORD}|${WORD},? \\p{Lu}\\.?)`;
const BED = '\\d{1,4}(?:-\\d|[A-D])?';
const DATE =
  '(?:\\d{1,4}[-./]\\d{1,2}[-./]\\d{1,4}|\\d{1,2} \\p{L}{3,9}\\.? \\d{4}|\\p{L}{3,9}\\.? \\d{1,2}, \\d{4})';
/** What stands behind a name in an entry about somebody: age with sex, sex with a date, or a number of records. */
const OF_SOMEBODY =
  `(?:[ \\t]{1,20}|,[ \\t]{0,4}| ?\\| ?)(?:\\d{1,3} ?(?:y\\/?o\\.? ?)?[MF](?![\\p{L}\\p{N}])|\\d{1,3},? [MF](?![\\p{L}\\p{N}])|[MF] ?\\/? ?\\d{1,3}(?![\\p{L}\\p{N}/.-])|(?:[MF]|(?:Fe)?[Mm]ale)[ \\t|,]{1,8}${DATE}|[A-Z]{0,2}\\d{6,12} ?\\| ?${DATE})` +
  `| \\([A-Z]{0,3}\\d{5,12}\\)|, \\d{1,5} \\p{Lu}\\p{Ll}+ (?:St|Ave|Rd|Dr|Ln|Ct|Way|Blvd|Street|Avenue|Road|Drive|Lane|Court)\\b`;
const ENTRY = new RegExp(`(${NAME})(?:${OF_SOMEBODY})`, 'uy');
/** Behind the number of a bed one word is enough. */
const IN_BED = new RegExp(`(${WORD})(?:${OF_SOMEBODY})`, 'uy');
/** What goes before an entry, to its name: nothing else of the line, or a label. */
const HEAD = new RegExp(`(?:^|\\n|: )[ \\t>]{0,4}(?:[-*•] )?(?:${BED}[ \\t]{1,4})?$`);
const BED_HEAD = new RegExp(`\\n[ \\t>]{0,4}${BED}[ \\t]{1,4}$`);
const HEAD_REACH = 20;
/** In tables of a ward the head says whose names these are: "483  QUILLFEATHER X  soft diet". */
const ROW = new RegExp(`\\n[ \\t>|]{0,4}${BED}[ \\t|]{1,8}(${NAME}|${WORD})(?=\\t| {2,}| ?\\|)`, 'gu');
const OF_PATIENTS = /\b(?:patients?|residents?|clients?|pt)\b/;

/** Names that no list has, in entries that go on as those about patients do: with age and sex, a date, a record's number. */
export function* entryNames(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  const { clues, text } = scanned;
  if (clues.digitStarts.length === 0) return;
  let last = -1;
  for (const word of clues.capitalStarts) {
    const start = word - initialBefore(text, word);
    if (start < last || !mayHead(text, start)) continue;
    const head = text.slice(Math.max(0, start - HEAD_REACH), start);
    if (!HEAD.test(head)) continue;
    const name =
      matchAt(ENTRY, text, start) ?? (BED_HEAD.test(head) ? matchAt(IN_BED, text, start) : undefined);
    if (name === undefined) continue;
    last = start + name.length;
    const entry = entryAt(scanned, start, name);
    if (entry !== undefined) yield entry;
  }
  if (!scanned.hasRows()) return;
  for (const { index, 0: whole, 1: name = '' } of text.matchAll(ROW)) {
    const start = index + whole.lastIndexOf(name);
    if (!OF_PATIENTS.test(scanned.labels(start)) || isTaken(start, start + name.length)) continue;
    const entry = entryAt(scanned, start, name);
    if (entry !== undefined) yield entry;
  }
}

/** The length of an initial before a word: "X. Quillfeather". */
function initialBefore(text: string, start: number): number {
  if (text.charCodeAt(start - 1) === FULL_STOP) return /^\p{Lu}$/u.test(text.charAt(start - 2)) ? 2 : 0;
  if (text.charCodeAt(start - 1) !== BLANK || text.charCodeAt(start - 2) !== FULL_STOP) return 0;
  return /^\p{Lu}$/u.test(text.charAt(start - 3)) ? 3 : 0;
}

/** Whether a line, or what stands before an entry in it, ends at a place: said quickly of most places. */
function mayHead(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  if (before !== BLANK) return start === 0 || before === LINE_FEED || before === TAB || before === 0x3e;
  const code = text.charCodeAt(start - 2);
  // No word goes before, other than a bed's "12A", and no comma or full stop.
  return !(
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x45 && code <= 0x5a) ||
    code === 0x2c ||
    code === FULL_STOP
  );
}

const BLANK = 0x20;
const FULL_STOP = 0x2e;
const LINE_FEED = 0x0a;
const TAB = 0x09;

function matchAt(pattern: RegExp, text: string, start: number): string | undefined {
  pattern.lastIndex = start;
  return pattern.exec(text)?.[1];
}

function entryAt(scanned: ScannedText, start: number, name: string): Span | undefined {
  const words = asciiShadow(name)
    .toLowerCase()
    .split(/[,. ]+/)
    .filter((word) => word.length > 1);
  if (words.some(isNoEntry)) return undefined;
  const span = unlistedName(scanned, start, start + name.length, words.join(' '), 'medium');
  return { ...span, ofPatient: true };
}

function isNoEntry(word: string): boolean {
  return isNoName(word) || ((nameKind(word) & NOT) !== 0 && (nameKind(word) & GIVEN) === 0);
}
