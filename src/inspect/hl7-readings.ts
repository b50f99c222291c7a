import type { JoinedText } from './joined-digits.js';
import { applyEdits, type Edit } from './text-edits.js';

/** So many characters behind the beginning of a PID segment are taken for its message. */
const LONGEST_MESSAGE = 40_000;
/** What programs write in front of a segment isn't longer. */
const LONGEST_PREFIX = 80;
const LONGEST_FIELD = 200;
const LEAST_WRAPPED = 60;

/** Segments that stand with a patient (HL7 v2.8 chapters 2 to 12), as far as they are looked for within a line. */
const SEGMENTS =
  'PID|PD1|NK1|PV1|PV2|GT1|IN1|IN2|IN3|AL1|DG1|PR1|MRG|ORC|OBR|OBX|NTE|SPM|RXA|RXD|RXE|RXO|RXR|TXA|SCH|AIS|AIG|AIL|AIP|RGS|FT1|ACC|EVN|ROL|IAM|PRB|RF1|PRD|MSH';
/** A line end that a program wrote as such, in front of a segment. */
const WRITTEN_END = '\\\\[rn]|\\\\x0[dDaA]|\\\\u000[dDaA]|&#x?[dDaA13]{1,2};';

const ENDS_WRITTEN = new RegExp(`(?:${WRITTEN_END})$`);

/** The marks that a message says it is written with: MSH-1 and MSH-2 (HL7 v2.8 section 2.5.4). */
interface Marks {
  readonly at: number;
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly part: string;
}

const USUAL: Marks = { at: 0, field: '|', component: '^', repetition: '~', part: '&' };
const HEADER = /MSH([^\w\s<>"'])([^\w\s])([^\w\s])[^\w\s]([^\w\s])?[^\w\s]?\1/g;

/**
 * Messages of HL7 v2 in the form that detectors know, where they stand in another: behind the quotation marks of
 * replies, indented, in a log with several segments a line or a time before each, broken where a mail program wrapped
 * them, with other marks than `|^~&`, or as XML (HL7 v2 XML encoding rules, and those of integration engines).
 * Undefined where there is nothing to change.
 */
export function hl7Reading(normalised: string): JoinedText | undefined {
  if (!normalised.includes('PID')) return undefined;
  const edits = [...inMarks(normalised), ...inElements(normalised)];
  if (edits.length === 0) return undefined;
  const { text, toSource, coveredBy } = applyEdits(normalised, edits);
  return { text, toNormalised: toSource, coveredBy };
}

function inMarks(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  const headers = marksOfHeaders(text);
  let nth = -1;
  for (let at = text.indexOf('PID'); at !== -1; at = text.indexOf('PID', at + 3)) {
    while ((headers[nth + 1]?.at ?? Number.POSITIVE_INFINITY) < at) nth += 1;
    const said = headers[nth] ?? USUAL;
    const marks = [said, USUAL].find(({ field }) => text.charAt(at + 3) === field);
    if (marks === undefined || isWithin(text, at)) continue;
    const next = headers[nth + 1]?.at ?? text.length;
    const end = messageFrom(text, at, Math.min(next, at + LONGEST_MESSAGE), marks, edits);
    at = Math.max(at, end - 3);
  }
  return edits;
}

/** Whether what stands there is the end of a longer word. */
function isWithin(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 8), at);
  return /[A-Za-z0-9]$/.test(before) && !ENDS_WRITTEN.test(before);
}

function marksOfHeaders(text: string): readonly Marks[] {
  const headers: Marks[] = [];
  if (!text.includes('MSH')) return headers;
  for (const {
    index,
    1: field = '|',
    2: component = '^',
    3: repetition = '~',
    4: part = '&',
  } of text.matchAll(HEADER)) {
    headers.push({ at: index, field, component, repetition, part });
  }
  return headers;
}

/** Edits for the segments from a PID segment on; gives where they end. */
function messageFrom(text: string, start: number, limit: number, marks: Marks, edits: Edit[]): number {
  const { within, first, known } = segmentPatterns(marks.field);
  const prefix = prefixEdit(text, start);
  if (prefix !== undefined) edits.push(prefix);
  let from = start;
  let gap = start;
  while (from < limit) {
    // Only so far is looked for its end: texts of many headers may have no line ends.
    const [line = ''] = text.slice(from, limit).split('\n', 1);
    const end = from + line.length;
    if (/^[ \t>]*$/.test(line)) {
      // A blank line between segments only spreads them.
      from = end + 1;
      continue;
    }
    // Behind a mark that opens a component, three capitals are as likely the rest of it.
    const goesOn = from > start && opens(text.charAt(gap - 1), marks) && !known.test(line);
    const atStart = from === start ? '' : goesOn ? undefined : first.exec(line)?.[0];
    const inside = [...line.matchAll(within)];
    const [begin] = inside;
    const prefixed = atStart === undefined && begin !== undefined && isPrefix(line, begin, marks);
    if (atStart === undefined && !prefixed) {
      if (gap < from - 1 || !(goesOn || isWrapped(text, gap)) || !hasFields(line, marks)) break;
      edits.push({ start: from - 1, end: from + (/^[> \t]*/.exec(line)?.[0].length ?? 0), replacement: ' ' });
    } else if (from > start) {
      const length = prefixed ? begin.index + begin[0].length : (atStart?.length ?? 0);
      if (gap < from - 1 || length > 0) edits.push({ start: gap, end: from + length, replacement: '\n' });
    }
    for (const match of prefixed ? inside.slice(1) : inside) {
      if (match.index === 0) continue;
      edits.push({
        start: from + match.index,
        end: from + match.index + match[0].length,
        replacement: '\n',
      });
    }
    if (marks.field !== '|' || marks.component !== '^' || marks.repetition !== '~') {
      inUsualMarks(line, from, marks, edits);
    }
    gap = end;
    from = end + 1;
  }
  return Math.min(from, limit);
}

interface SegmentPatterns {
  /** What stands between two segments of a line. */
  readonly within: RegExp;
  /** What stands before what could be a segment. */
  readonly first: RegExp;
  readonly known: RegExp;
}

const patternsOfMarks = new Map<string, SegmentPatterns>();

function segmentPatterns(field: string): SegmentPatterns {
  const kept = patternsOfMarks.get(field);
  if (kept !== undefined) return kept;
  const mark = `\\${field}`;
  // Blanks are taken from the first of them on, or a long row of them would be looked through from each.
  const before = `(?:${WRITTEN_END}|(?<![ \\t])[ \\t]|[^A-Za-z0-9 \\t${mark}\\^~&])`;
  const patterns = {
    within: new RegExp(`${before}[ \\t]*(?=(?:${SEGMENTS})${mark})`, 'g'),
    first: new RegExp(`^[ \\t>]*(?=[A-Z][A-Z0-9]{2}${mark})`),
    known: new RegExp(`^[ \\t>]*(?:${SEGMENTS})${mark}`),
  };
  if (patternsOfMarks.size < 64) patternsOfMarks.set(field, patterns);
  return patterns;
}

/** Blanks and quotation marks before the first segment go; anything else becomes a line of its own. */
function prefixEdit(text: string, start: number): Edit | undefined {
  const before = text.slice(Math.max(0, start - LONGEST_PREFIX), start);
  const prefix = before.slice(before.lastIndexOf('\n') + 1);
  if (prefix === '') return undefined;
  return /^[ \t>]*$/.test(prefix)
    ? { start: start - prefix.length, end: start, replacement: '' }
    : { start, end: start, replacement: '\n' };
}

/** Rows of tables are shorter than lines that a mail program wraps. */
function isWrapped(text: string, end: number): boolean {
  return end - text.lastIndexOf('\n', end - 1) > LEAST_WRAPPED;
}

function hasFields(line: string, { field, component }: Marks): boolean {
  return line.includes(field) || line.includes(component);
}

function opens(character: string, { component, part, repetition }: Marks): boolean {
  return character === component || character === part || character === repetition;
}

function isPrefix(line: string, match: RegExpExecArray, { field }: Marks): boolean {
  const length = match.index + match[0].length;
  return length <= LONGEST_PREFIX && !line.slice(0, length).includes(field);
}

function inUsualMarks(line: string, offset: number, marks: Marks, edits: Edit[]): void {
  const usual = new Map([
    [marks.part, USUAL.part],
    [marks.repetition, USUAL.repetition],
    [marks.component, USUAL.component],
    [marks.field, USUAL.field],
  ]);
  for (let at = 0; at < line.length; at++) {
    const replacement = usual.get(line.charAt(at));
    if (replacement !== undefined && replacement !== line.charAt(at)) {
      edits.push({ start: offset + at, end: offset + at + 1, replacement });
    }
  }
}

/** An element of the XML encoding of HL7 v2: a segment, a field of it (`PID.5`), or a component (`XPN.1`, `PID.5.1`). */
const ELEMENT =
  /\s{0,40}<(\/?)(?:[A-Za-z]\w{0,7}:)?(?:([A-Z][A-Z0-9]{1,2})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?(?:\.\d{1,3})?|[A-Z]\w{2,12}(?:\.\w{1,40})?)(?:\s[^<>]{0,200})?(\/?)>\s{0,40}/g;

function inElements(text: string): readonly Edit[] {
  const start = /<(?:[A-Za-z]\w{0,7}:)?PID[\s>]/.exec(text)?.index;
  if (start === undefined) return [];
  const edits: Edit[] = [];
  let segment = '';
  let field = 0;
  let component = 1;
  let depth = 0;
  ELEMENT.lastIndex = start;
  for (let match = ELEMENT.exec(text); match !== null; match = ELEMENT.exec(text)) {
    const [whole, closing = '', name = '', first, second, alone = ''] = match;
    const number = Number(first ?? 0);
    const part = Number(second ?? 0);
    let replacement = '';
    if (closing !== '') {
      if (first !== undefined && name !== segment) depth = Math.max(0, depth - 1);
    } else if (first === undefined) {
      if (name.length === 3) {
        replacement = `\n${name}`;
        segment = name;
        field = 0;
        depth = 0;
      }
    } else if (name === segment && part === 0) {
      replacement = number === field ? '~' : '|'.repeat(Math.min(LONGEST_FIELD, Math.max(0, number - field)));
      field = number;
      component = 1;
      depth = 0;
    } else {
      const place = name === segment ? part : number;
      const top = name === segment || depth === 0;
      if (top) {
        replacement = '^'.repeat(Math.min(LONGEST_FIELD, Math.max(0, place - component)));
        component = place;
      }
      if (name !== segment && alone === '') depth += 1;
    }
    edits.push({ start: match.index, end: match.index + whole.length, replacement });
  }
  return edits;
}
