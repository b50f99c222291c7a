import { PID_PATTERNS } from './hl7-segment.js';
import type { Hit } from './patterns.js';

/** Fields of the segments that belong to a patient identification segment of an HL7 v2 message. */

export { PID_PATTERNS };

/** So many characters are read behind the beginning of a PID segment. */
const LONGEST_GROUP = 40_000;
const LONGEST_SEGMENT = 6_000;

export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Segment extends Place {
  /** Such as `NK1`. */
  readonly name: string;
}

/** The PID segment at a hit and those behind it, up to the next one or to the end of the message. */
export function segmentsOfPatient(text: string, hit: Hit): readonly Segment[] {
  const segments: Segment[] = [];
  const limit = Math.min(text.length, hit.start + LONGEST_GROUP);
  for (let start = hit.start; start < limit; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const name = text.slice(start, start + 3);
    if (start > hit.start && (name === 'PID' || name === 'MSH' || text.charAt(start + 3) !== '|')) break;
    segments.push({ name, start, end: Math.min(end, start + LONGEST_SEGMENT) });
    start = end + 1;
  }
  return segments;
}

/** The repetitions of a field that hold something. */
export function repetitions(text: string, segment: Segment, field: number): readonly Place[] {
  let start = segment.start;
  for (let passed = 0; passed < field; passed++) {
    start = text.indexOf('|', start) + 1;
    if (start === 0 || start > segment.end) return [];
  }
  const bar = text.indexOf('|', start);
  const end = bar === -1 ? segment.end : Math.min(bar, segment.end);
  return split(text, { start, end }, '~');
}

/** The components of a repetition, empty ones too. */
export function components(text: string, place: Place): readonly Place[] {
  const found: Place[] = [];
  let from = place.start;
  for (let at = place.start; at <= place.end; at++) {
    if (at < place.end && text.charAt(at) !== '^') continue;
    found.push({ start: from, end: at });
    from = at + 1;
  }
  return found;
}

function split(text: string, place: Place, separator: string): readonly Place[] {
  const found: Place[] = [];
  let from = place.start;
  for (let at = place.start; at <= place.end; at++) {
    if (at < place.end && text.charAt(at) !== separator) continue;
    if (at > from) found.push({ start: from, end: at });
    from = at + 1;
  }
  return found;
}
