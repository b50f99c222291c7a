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
const ENTRY = new RegExp(
  `(?:^|\\n|: )[ \\t>]{0,4}(?:[-*•] )?(?:${BED}[ \\t]{1,4})?(${NAME})(?=${OF_SOMEBODY})|\\n[ \\t>]{0,4}${BED}[ \\t]{1,4}(${WORD})(?=${OF_SOMEBODY})`,
  'gu',
);
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
  for (const { index, 0: whole, 1: name, 2: family } of text.matchAll(ENTRY)) {
    const found = name ?? family ?? '';
    const entry = entryAt(scanned, index + whole.lastIndexOf(found), found);
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
