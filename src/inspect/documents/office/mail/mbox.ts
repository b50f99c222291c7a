import { MESSAGE } from '../../kinds.js';
import { documentReader } from '../findings.js';

const FROM = Buffer.from('From ', 'latin1');
const LF = 0x0a;
const HEADER = /^[!-9;-~]+[ \t]*:|^>?From /;

/**
 * A file of messages, each after a line that begins with "From " (RFC 4155). Programs disagree on which of these lines
 * count: here those after an empty line, or before a header; where the two differ, that is an oddity.
 */
export const readMbox = documentReader((input, found) => {
  const { bytes } = input;
  const starts = separators(bytes, () => found.oddity('mbox-unclear-separator'));
  if (starts.length === 0) found.fail('corrupt');
  const lead = bytes.subarray(0, starts[0]?.at ?? bytes.length);
  if (lead.some((byte) => byte > 0x20)) found.extracted({ bytes: lead });
  for (const [index, { at, end }] of starts.entries()) {
    const next = starts[index + 1]?.at ?? bytes.length;
    found.text('separators', bytes.toString('latin1', at, end).trim());
    found.extracted({ mediaType: MESSAGE, bytes: bytes.subarray(end, next) });
  }
});

interface Separator {
  readonly at: number;
  /** Behind its line. */
  readonly end: number;
}

function separators(bytes: Buffer, unclear: () => void): readonly Separator[] {
  const found: Separator[] = [];
  for (let at = bytes.indexOf(FROM); at >= 0; at = bytes.indexOf(FROM, at + 1)) {
    if (at > 0 && bytes[at - 1] !== LF) continue;
    const lineEnd = bytes.indexOf(LF, at);
    const end = lineEnd < 0 ? bytes.length : lineEnd + 1;
    const isAfterBlank = at === 0 || /\n\r?\n$/.test(bytes.toString('latin1', Math.max(0, at - 3), at));
    const isBeforeHeader = HEADER.test(bytes.toString('latin1', end, end + 200));
    const hasYear = /\d{4}/.test(bytes.toString('latin1', at, Math.min(end, at + 500)));
    if (!isAfterBlank && !(isBeforeHeader && hasYear)) continue;
    if (isAfterBlank && !isBeforeHeader) continue;
    if (!isAfterBlank) unclear();
    found.push({ at, end });
  }
  return found;
}
