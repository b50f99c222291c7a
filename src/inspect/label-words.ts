import type { Edit } from './text-edits.js';

/** Words by which a name that a program gave to a field is a label of somebody's data. */
const OF_PEOPLE = new Set(
  (
    'mrn mrns ssn ssns dob birth born patient pat pt medical member subscriber insured insurance beneficiary enrollee ' +
    'guarantor chart medicare medicaid mbi hicn social passport license licence nhs nino health hospital encounter'
  ).split(' '),
);
/** Words that are so together only. */
const TOGETHER =
  /\b(?:account|acct|policy|group|plan|phone|serial) (?:number|num|nbr|no)\b|\b(?:first|last|given|family|full) name\b/;
/** A longer name is none that somebody gave to a field. */
const LONGEST = 64;
/** Between words: from small letters to a capital one, and from capitals to a word that begins with one. */
const HUMP = /(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g;
const MARK = /(?<=[A-Za-z])[_.-](?=[A-Za-z])/g;

/**
 * Blanks for what stands between the words of names that programs give to fields, where these label somebody's data:
 * `patient_id`, and before a colon, an equals sign or the end of a tag `medicalRecordNumber`, `patient-id` and `patient.id`.
 */
export function labelWords(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  // Each of these is found many times as fast as a pattern would.
  takenApart(text, '_', edits);
  for (const mark of ':=>') takenApart(text, mark, edits);
  return edits;
}

/** The names that such a mark stands in, or behind. */
function takenApart(text: string, mark: string, edits: Edit[]): void {
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
    let end = at;
    if (mark === '_') while (end - at < LONGEST && kindAt(text, end) !== NONE) end++;
    else while (at - end < 3 && isBeforeMark(text.charCodeAt(end - 1))) end--;
    let start = Math.min(at, end);
    // Most names are one word, and need no closer look.
    let mayHaveGaps = mark === '_';
    let begins = false;
    for (let last = NONE; end - start <= LONGEST; start--) {
      const kind = kindAt(text, start - 1);
      if (kind === NONE) break;
      if (begins || (last !== NONE && kind !== last && kind !== CAPITAL)) mayHaveGaps = true;
      begins = kind === CAPITAL && last !== CAPITAL;
      last = kind;
    }
    at = Math.max(at, end - 1);
    if (!mayHaveGaps || end - start > LONGEST) continue;
    if (mark === '>' && !/[</]/.test(text.charAt(start - 1))) continue;
    const name = text.slice(start, end);
    if (mark === '_' || !name.includes('_')) addEdits(name, start, edits);
  }
}

function addEdits(name: string, start: number, edits: Edit[]): void {
  const words = name.replace(MARK, ' ').replace(HUMP, ' ').toLowerCase();
  if (words === name.toLowerCase()) return;
  if (!words.split(/[^a-z]+/).some((word) => OF_PEOPLE.has(word)) && !TOGETHER.test(words)) return;
  for (const { index } of name.matchAll(MARK))
    edits.push({ start: start + index, end: start + index + 1, replacement: ' ' });
  for (const { index } of name.matchAll(HUMP))
    edits.push({ start: start + index, end: start + index, replacement: ' ' });
}

const NONE = 0;
const SMALL = 1;
const CAPITAL = 2;
/** A digit, or a mark between words. */
const OTHER = 3;

/** What of a name stands there. */
function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x61 && code <= 0x7a) return SMALL;
  if (code >= 0x41 && code <= 0x5a) return CAPITAL;
  if (code >= 0x30 && code <= 0x39) return OTHER;
  return code === 0x5f || code === 0x2d || code === 0x2e ? OTHER : NONE;
}

/** A blank or a quotation mark may stand before the mark. */
function isBeforeMark(code: number): boolean {
  return code === 0x20 || code === 0x22 || code === 0x27;
}
