import { type ByteRange, LF } from '../../inspect/bytes.js';
import { type ContentTypeReading, entityFacts } from '../../inspect/entity.js';
import { fieldValues, readHeaderBlock } from '../../inspect/header-block.js';
import { parseMimeValue } from '../../inspect/mime-params.js';
import { boundaryOddities, splitMultipart } from '../../inspect/multipart.js';
import type { Oddity } from '../../inspect/oddity.js';

/** A part that mail readers show as the message's text. */
export interface MainBody {
  /** The entity with its header. */
  readonly range: ByteRange;
  readonly bodyStart: number;
  readonly kind: 'plain' | 'html';
  /** Lower case. */
  readonly charset: string;
  /** Lower case; `7bit` where none is declared. */
  readonly encoding: string;
  /** False where the part goes on behind what was read. */
  readonly isWhole: boolean;
}

const MAX_DEPTH = 10;
const MAX_CHILDREN = 50;

/**
 * Finds the main body parts of a message in its first bytes: a text/plain or text/html root, the first part of
 * multipart/mixed and the like, each part of multipart/alternative, the root of multipart/related; never an
 * attachment, nor anything signed, encrypted or forwarded. Where an entity on the way can be understood in two ways
 * there are none.
 * @param start the message's first bytes
 * @param isAll whether they are the whole message
 */
export function findMainBodies(start: Buffer, isAll: boolean): readonly MainBody[] {
  const found: MainBody[] = [];
  return walk({ start: 0, end: start.length }, 0, []) ? found : [];

  /** False where something is odd. */
  function walk(range: ByteRange, depth: number, ancestors: readonly string[]): boolean {
    const block = readHeaderBlock(start, range);
    const facts = entityFacts(block.fields, 'text/plain');
    const [type, ...others] = facts.contentTypes;
    if (type === undefined || others.length > 0 || block.tooLarge || depth > MAX_DEPTH) return false;
    if (isOdd(block.oddities) || isOdd(facts.oddities) || facts.encodings.length > 1) return false;
    // The line of the delimiter behind it was seen to its end: its beginning alone could be content.
    const isWhole = isAll || start.indexOf(LF, range.end + 2) >= 0;
    // The header goes on behind what was read.
    if (!isWhole && block.bodyStart >= range.end) return false;
    const { mediaType } = type;
    const encoding = facts.encodings[0] ?? '7bit';
    if (mediaType === 'text/plain' || mediaType === 'text/html') {
      if (facts.disposition === 'attachment' || type.charsets.length > 1) return true;
      found.push({
        range,
        bodyStart: Math.min(block.bodyStart, range.end),
        kind: mediaType === 'text/plain' ? 'plain' : 'html',
        charset: (type.charsets[0] ?? 'us-ascii').toLowerCase(),
        encoding,
        isWhole,
      });
      return true;
    }
    if (!mediaType.startsWith('multipart/') || /^multipart\/(?:signed|encrypted|digest)$/.test(mediaType)) {
      return true;
    }
    const body = { start: Math.min(block.bodyStart, range.end), end: range.end };
    const children = partsOf(type, body, ancestors, isWhole);
    const [first] = children ?? [];
    if (children === undefined || first === undefined) return false;
    const inner = [...ancestors, ...type.boundaries];
    if (mediaType === 'multipart/alternative')
      return children.every((child) => walk(child, depth + 1, inner));
    if (mediaType === 'multipart/related' && !startsWithRoot(block.fields, first)) return true;
    return walk(first, depth + 1, inner);
  }

  function partsOf(
    type: ContentTypeReading,
    body: ByteRange,
    ancestors: readonly string[],
    isWhole: boolean,
  ): readonly ByteRange[] | undefined {
    const [boundary, ...others] = type.boundaries;
    if (boundary === undefined || boundary.trim() === '' || others.length > 0) return undefined;
    if (isOdd(boundaryOddities(boundary, ancestors))) return undefined;
    const split = splitMultipart(start, body, boundary, MAX_CHILDREN);
    const odd = split.oddities.filter((one) => isWhole || one.name !== 'boundary-unclosed');
    return isOdd(odd) ? undefined : split.parts;
  }

  /** RFC 2387 3.2: the root is the part that `start` names, else the first. */
  function startsWithRoot(fields: Parameters<typeof fieldValues>[0], first: ByteRange): boolean {
    const type = fieldValues(fields, 'content-type')[0] ?? '';
    const root = parseMimeValue(type).params.get('start')?.[0];
    return root === undefined || fieldValues(readHeaderBlock(start, first).fields, 'content-id')[0] === root;
  }
}

function isOdd(oddities: readonly Oddity[]): boolean {
  return oddities.some((oddity) => oddity.material);
}
