import { createHash } from 'node:crypto';
import { base64Places } from './base64-lines.js';
import { type ByteRange, CR, LF, lineAt } from './bytes.js';
import type { ContentPlace } from './content-place.js';
import { LONGEST_QP_LINE } from './decode-stream.js';
import { entityFacts } from './entity.js';
import { readHeaderBlock } from './header-block.js';
import { decodePlace, placeOf } from './light-parse.js';
import { splitMultipart } from './multipart.js';
import { isIdentity } from './transfer.js';
import { decodeQuotedPrintable } from './transfer-decoding.js';

const MOST_ENTITIES = 1000;
const DEEPEST = 20;
/** Places of base64 with the size of one of the contents. */
const MOST_CANDIDATES = 1000;
/** Bytes looked at, times the message's own: messages within messages are looked at at each depth. */
const MOST_WORK = 12;

/**
 * Where these contents stand in the message: each is looked for by what our own reader takes for the bodies of parts,
 * and found where it decodes to the very same bytes. So a place is right, whoever reads the structure how. Linear: in a
 * message with more to look at than mail has, nothing is found.
 * @param contents of attachments as they are shown
 * @returns undefined for each that stands nowhere as it is
 */
export function attachmentPlaces(
  message: Buffer,
  contents: readonly Buffer[],
): readonly (ContentPlace | undefined)[] {
  if (contents.length === 0) return [];
  const sizes = new Set(contents.map((content) => content.length));
  const hashes = contents.map(hashOf);
  const byHash = new Map<string, ContentPlace>([
    [hashOf(Buffer.alloc(0)), { start: 0, end: 0, encoding: 'none' }],
  ]);
  const work: Work = { left: MOST_WORK * message.length };
  const offer = (bytes: Buffer, place: ContentPlace) => {
    if (!sizes.has(bytes.length)) return;
    work.left -= bytes.length;
    if (work.left > 0) byHash.set(hashOf(bytes), place);
  };
  const found = () => hashes.map((hash) => byHash.get(hash));
  const candidates = base64Places(message, (size) => sizes.has(size), MOST_CANDIDATES + 1);
  if (candidates.length > MOST_CANDIDATES) return contents.map(() => undefined);
  for (const place of candidates) offer(decodePlace(message, place), placeOf(place));
  const first = found();
  if (!first.includes(undefined)) return first;
  for (const { range, quotedPrintable } of bodies(message, work)) {
    const bytes = message.subarray(range.start, range.end);
    if (quotedPrintable) {
      work.left -= bytes.length;
      const [decoded] = work.left > 0 ? decodeQuotedPrintable(bytes).readings : [];
      if (decoded !== undefined && longestLine(bytes) <= LONGEST_QP_LINE)
        offer(decoded, { ...range, encoding: 'quoted-printable' });
    } else {
      offer(bytes, { ...range, encoding: 'none' });
      // Whether the last line end is content differs between readers where no delimiter follows.
      const end = withoutLineEnd(message, range);
      if (end < range.end)
        offer(message.subarray(range.start, end), { start: range.start, end, encoding: 'none' });
    }
  }
  return found();
}

/** Bytes that may still be looked at. */
interface Work {
  left: number;
}

interface Body {
  readonly range: ByteRange;
  readonly quotedPrintable: boolean;
}

/** Bodies of parts that aren't in base64, with the messages within and their parts. */
function bodies(message: Buffer, work: Work): readonly Body[] {
  const found: Body[] = [];
  const stack = [{ range: { start: 0, end: message.length }, depth: 0 }];
  let entities = 0;
  for (let task = stack.pop(); task !== undefined && entities < MOST_ENTITIES; task = stack.pop()) {
    entities += 1;
    const { depth } = task;
    work.left -= task.range.end - task.range.start;
    if (work.left <= 0) break;
    const block = readHeaderBlock(message, task.range);
    const { contentTypes, encodings } = entityFacts(block.fields, 'text/plain');
    const range = { start: Math.min(block.bodyStart, task.range.end), end: task.range.end };
    const type = contentTypes[0];
    const boundary = type?.boundaries[0];
    if (type?.mediaType.startsWith('multipart/') === true) {
      if (boundary === undefined || boundary.trim() === '' || depth >= DEEPEST) continue;
      const { parts } = splitMultipart(message, range, boundary, MOST_ENTITIES - entities);
      for (const part of parts) stack.push({ range: part, depth: depth + 1 });
      continue;
    }
    if (isIdentity(encodings)) found.push({ range, quotedPrintable: false });
    else if (encodings[0] === 'quoted-printable') found.push({ range, quotedPrintable: true });
    if (type?.mediaType === 'message/rfc822' && isIdentity(encodings) && depth < DEEPEST)
      stack.push({ range, depth: depth + 1 });
  }
  return found;
}

function withoutLineEnd(message: Buffer, { start, end }: ByteRange): number {
  if (end <= start || message[end - 1] !== LF) return end;
  return end - 1 > start && message[end - 2] === CR ? end - 2 : end - 1;
}

function longestLine(bytes: Buffer): number {
  let longest = 0;
  for (let at = 0; at < bytes.length; ) {
    const line = lineAt(bytes, at, bytes.length);
    longest = Math.max(longest, line.next - line.start);
    at = line.next;
  }
  return longest;
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
