/** Content types of CMS as far as mail uses them (RFC 5652, RFC 5083, RFC 3274). */
export type CmsType = 'signed' | 'enveloped' | 'auth-enveloped' | 'encrypted' | 'compressed' | 'other';

export interface CmsContent {
  readonly type: CmsType;
  /**
   * What a SignedData carries within: absent where it is a signature alone or certificates alone; `unreadable` where
   * something is there that isn't octets of `id-data`.
   */
  readonly content?: Buffer | 'unreadable';
  /** It is an envelope with nothing in it but recipients and encrypted content: no attributes, certificates or more. */
  readonly sealed: boolean;
  /** Bytes follow the structure; other programs could read them. */
  readonly trailing: boolean;
}

const TYPES: Readonly<Record<string, CmsType>> = {
  '2a864886f70d010702': 'signed',
  '2a864886f70d010703': 'enveloped',
  '2a864886f70d010706': 'encrypted',
  '2a864886f70d0109100117': 'auth-enveloped',
  '2a864886f70d0109100109': 'compressed',
};
const ID_DATA = '2a864886f70d010701';

const SEQUENCE = 0x30;
const SET = 0x31;
const OID = 0x06;
const INTEGER = 0x02;
const OCTETS = 0x04;
const OCTETS_CONSTRUCTED = 0x24;
const EXPLICIT_0 = 0xa0;
/** Octet strings within octet strings. Real ones have two levels. */
const MAX_NESTING = 16;

interface Element {
  readonly tag: number;
  readonly start: number;
  /** Where the content ends; -1 for the indefinite length (X.690 8.1.3.6). */
  readonly end: number;
}

/**
 * Reads as much of a CMS ContentInfo as tells what it is and, of SignedData, gives the content that it carries (RFC
 * 5652 3, 5.1, 5.2): in DER, or in BER with indefinite lengths and constructed octet strings as programs write that
 * stream. Undefined where the bytes are something else or are cut off. Linear in the length; never throws.
 */
export function readCms(bytes: Buffer): CmsContent | undefined {
  const whole = elementAt(bytes, 0, bytes.length);
  if (whole?.tag !== SEQUENCE) return undefined;
  const oid = elementAt(bytes, whole.start, bytes.length);
  if (oid?.tag !== OID || oid.end < 0) return undefined;
  const type = TYPES[hex(bytes, oid)] ?? 'other';
  if (type === 'other') return undefined;
  const end = afterElement(bytes, 0);
  if (end === undefined) return undefined;
  const trailing = !/^[\r\n\t ]*$/.test(bytes.subarray(end).toString('latin1'));
  if (type !== 'signed') return { type, trailing, sealed: isSealed(bytes, oid.end, end, type) };
  const content = signedContent(bytes, oid.end);
  return content === 'malformed'
    ? undefined
    : { type, trailing, sealed: false, ...(content === undefined ? {} : { content }) };
}

/**
 * `[0] { EnvelopedData { version, recipientInfos, encryptedContentInfo } }`, or AuthEnvelopedData with its MAC behind
 * (RFC 5652 6.1, RFC 5083 2.1). What may stand there besides is not encrypted.
 */
function isSealed(bytes: Buffer, from: number, end: number, type: CmsType): boolean {
  const members = {
    enveloped: [INTEGER, SET, SEQUENCE],
    'auth-enveloped': [INTEGER, SET, SEQUENCE, OCTETS],
    encrypted: undefined,
    compressed: undefined,
    signed: undefined,
    other: undefined,
  }[type];
  const holder = elementAt(bytes, from, end);
  const inner = holder?.tag === EXPLICIT_0 ? elementAt(bytes, holder.start, end) : undefined;
  if (members === undefined || holder === undefined || inner?.tag !== SEQUENCE) return false;
  let at = inner.start;
  for (const tag of members) {
    const next = elementAt(bytes, at, end)?.tag === tag ? afterElement(bytes, at) : undefined;
    if (next === undefined) return false;
    at = next;
  }
  // Nothing more in either of them, nor behind them within the ContentInfo.
  for (const { end: last } of [inner, holder]) {
    if (last < 0 ? !isEndOfContents(bytes, at) : at !== last) return false;
    if (last < 0) at += 2;
  }
  return at === end || (at + 2 === end && isEndOfContents(bytes, at));
}

/** `[0] { SignedData { version, digestAlgorithms, { eContentType, [0] eContent OPTIONAL }, … } }`. */
function signedContent(bytes: Buffer, from: number): Buffer | 'unreadable' | 'malformed' | undefined {
  const inside = (parent: Element, at: number) =>
    elementAt(bytes, at, parent.end < 0 ? bytes.length : parent.end);
  const explicit = elementAt(bytes, from, bytes.length);
  if (explicit?.tag !== EXPLICIT_0) return 'malformed';
  const signed = inside(explicit, explicit.start);
  if (signed?.tag !== SEQUENCE) return 'malformed';
  const version = inside(signed, signed.start);
  if (version?.tag !== INTEGER || version.end < 0) return 'malformed';
  const digests = inside(signed, version.end);
  const afterDigests = digests?.tag === SET ? afterElement(bytes, version.end) : undefined;
  if (afterDigests === undefined) return 'malformed';
  const encapsulated = inside(signed, afterDigests);
  if (encapsulated?.tag !== SEQUENCE) return 'malformed';
  const type = inside(encapsulated, encapsulated.start);
  if (type?.tag !== OID || type.end < 0) return 'malformed';
  const ended = encapsulated.end < 0 ? isEndOfContents(bytes, type.end) : type.end === encapsulated.end;
  if (ended) return undefined;
  const holder = inside(encapsulated, type.end);
  if (holder?.tag !== EXPLICIT_0 || hex(bytes, type) !== ID_DATA) return 'unreadable';
  const content = octets(bytes, holder.start, holder.end < 0 ? bytes.length : holder.end);
  if (content === undefined) return 'unreadable';
  // A second element beside the octets would be read by nobody here.
  const closed = holder.end < 0 ? isEndOfContents(bytes, content.next) : content.next === holder.end;
  return closed ? content.octets : 'unreadable';
}

/** The octets of a string, put together where it is constructed (X.690 8.7). */
function octets(
  bytes: Buffer,
  from: number,
  limit: number,
): { readonly octets: Buffer; readonly next: number } | undefined {
  const first = elementAt(bytes, from, limit);
  if (first?.tag === OCTETS && first.end >= 0) {
    return { octets: bytes.subarray(first.start, first.end), next: first.end };
  }
  if (first?.tag !== OCTETS_CONSTRUCTED) return undefined;
  const joined = Buffer.allocUnsafe(bytes.length - first.start);
  let length = 0;
  const open: number[] = [first.end];
  let at = first.start;
  for (;;) {
    const end = open.at(-1);
    if (end === undefined) return { octets: joined.subarray(0, length), next: at };
    if (end >= 0 && at >= end) {
      if (at > end) return undefined;
      open.pop();
      continue;
    }
    if (end < 0 && isEndOfContents(bytes, at)) {
      open.pop();
      at += 2;
      continue;
    }
    const piece = elementAt(bytes, at, end < 0 ? limit : end);
    if (piece?.tag === OCTETS && piece.end >= 0) {
      length += bytes.copy(joined, length, piece.start, piece.end);
      at = piece.end;
    } else if (piece?.tag === OCTETS_CONSTRUCTED && open.length < MAX_NESTING) {
      open.push(piece.end);
      at = piece.start;
    } else return undefined;
  }
}

/** Offset after the element at `at` with everything in it; undefined when it is cut off or malformed. */
function afterElement(bytes: Buffer, at: number): number | undefined {
  let depth = 0;
  let next = at;
  do {
    if (depth > 0 && isEndOfContents(bytes, next)) {
      depth -= 1;
      next += 2;
      continue;
    }
    const element = elementAt(bytes, next, bytes.length);
    if (element === undefined) return undefined;
    if (element.end < 0) depth += 1;
    next = element.end < 0 ? element.start : element.end;
  } while (depth > 0);
  return next;
}

/** X.690 8.1.2 and 8.1.3; tags above 30 don't occur here. */
function elementAt(bytes: Buffer, at: number, limit: number): Element | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || tag === 0) return undefined;
  if (first === 0x80) {
    return (tag & 0x20) === 0 ? undefined : { tag, start: at + 2, end: -1 };
  }
  const width = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + width;
  if (width > 6 || start > limit) return undefined;
  const length = width === 0 ? first : bytes.readUIntBE(at + 2, width);
  return start + length > limit ? undefined : { tag, start, end: start + length };
}

function isEndOfContents(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0 && bytes[at + 1] === 0;
}

function hex(bytes: Buffer, element: Element): string {
  return bytes.subarray(element.start, element.end).toString('hex');
}
