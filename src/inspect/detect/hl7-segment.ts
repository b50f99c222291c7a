import { near } from './clue.js';
import type { Hit } from './patterns.js';

/** Pattern for the beginning of a patient identification segment of an HL7 v2 message. */
export const PID_PATTERNS = near({ literal: 'PID|' }, ['(?m)^PID\\|']);

/** A segment is read up to here; the fields wanted stand at its front. */
const LONGEST = 2_000;

/**
 * The first component of a field of the PID segment that begins at `hit`: PID-3 patient identifiers, PID-5 name
 * (family^given), PID-7 date of birth, PID-13 phone, PID-19 social security number. HL7 v2.8 section 3.4.2.
 */
export function pidField(
  text: string,
  hit: Hit,
  field: number,
  components = 1,
): { readonly start: number; readonly end: number } | undefined {
  const segment = text.slice(hit.start, hit.start + LONGEST);
  let start = 0;
  for (let passed = 0; passed < field; passed++) {
    start = segment.indexOf('|', start) + 1;
    if (start === 0) return undefined;
  }
  let end = start;
  let separators = 0;
  for (; end < segment.length; end++) {
    const character = segment.charAt(end);
    if ('|~\r\n'.includes(character)) break;
    if (character === '^' && ++separators === components) break;
  }
  return end > start ? { start: hit.start + start, end: hit.start + end } : undefined;
}
