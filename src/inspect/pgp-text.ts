/**
 * What an OpenPGP message is by its packets (RFC 9580 10.3). `encrypted`: encrypted data is the whole of it; `mixed`: there
 * is something else beside encrypted data; `open`: anybody can read it.
 */
export type PgpKind = 'encrypted' | 'mixed' | 'open' | 'unknown';

const PUBLIC_KEY_ESK = 1;
const SYMMETRIC_ESK = 3;
const ENCRYPTED: ReadonlySet<number> = new Set([9, 18, 20]);
/** Signature, one-pass signature, compressed data, literal data. */
const OPEN: ReadonlySet<number> = new Set([2, 4, 8, 11]);
const MARKER = 10;
/** Padding, whose content can be anything. */
const PADDING = 21;
const SKIPPED: ReadonlySet<number> = new Set([PUBLIC_KEY_ESK, SYMMETRIC_ESK, MARKER, PADDING]);
/** Enough for the session keys of hundreds of recipients. */
const MAX_LOOKED_AT = 1024 * 1024;

/**
 * Walks over the packets of a binary OpenPGP message as far as its encrypted data, which must be its end. Without session
 * key packets before it, nothing is taken for encrypted.
 */
export function pgpKind(message: Buffer): PgpKind {
  let at = 0;
  let keys = 0;
  let mixed = false;
  while (at < Math.min(message.length, MAX_LOOKED_AT)) {
    const packet = packetAt(message, at);
    if (packet === undefined) return 'unknown';
    if (ENCRYPTED.has(packet.tag)) {
      if (keys === 0) return 'unknown';
      return !mixed && bodyEnd(message, packet) >= message.length ? 'encrypted' : 'mixed';
    }
    if (OPEN.has(packet.tag)) return keys > 0 ? 'unknown' : 'open';
    if (!SKIPPED.has(packet.tag) || packet.end === undefined) return 'unknown';
    const version = message[packet.start] ?? 0;
    if (packet.tag === PUBLIC_KEY_ESK && version !== 3 && version !== 6) return 'unknown';
    if (packet.tag === SYMMETRIC_ESK && (version < 4 || version > 6)) return 'unknown';
    if (packet.tag === PUBLIC_KEY_ESK || packet.tag === SYMMETRIC_ESK) keys += 1;
    // RFC 9580 5.8: a marker is these three letters.
    else if (message.subarray(packet.start, packet.end).toString('latin1') !== 'PGP') mixed = true;
    at = packet.end;
  }
  return 'unknown';
}

interface PacketPlace {
  readonly tag: number;
  readonly start: number;
  /** Absent where the header alone doesn't say it. */
  readonly end?: number;
  /** Of the first piece, where the body comes in pieces (RFC 9580 4.2.1.4). */
  readonly firstPiece?: number;
}

/** RFC 9580 4.2. */
function packetAt(bytes: Buffer, at: number): PacketPlace | undefined {
  const head = bytes[at] ?? 0;
  if ((head & 0x80) === 0 || bytes[at + 1] === undefined) return undefined;
  if ((head & 0x40) === 0) {
    const tag = (head >> 2) & 0x0f;
    const width = [1, 2, 4, 0][head & 3] ?? 0;
    const start = at + 1 + width;
    if (start > bytes.length) return undefined;
    return width === 0 ? { tag, start } : { tag, start, end: start + bytes.readUIntBE(at + 1, width) };
  }
  const tag = head & 0x3f;
  const length = lengthAt(bytes, at + 1);
  if (length === undefined) return undefined;
  const { start, size } = length;
  return length.more ? { tag, start, firstPiece: size } : { tag, start, end: start + size };
}

/** A length of the new format, and where what it counts begins (RFC 9580 4.2.1). */
function lengthAt(
  bytes: Buffer,
  at: number,
): { readonly start: number; readonly size: number; readonly more: boolean } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 192) return { start: at + 1, size: first, more: false };
  if (first < 224)
    return { start: at + 2, size: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192, more: false };
  if (first < 255) return { start: at + 1, size: 2 ** (first & 0x1f), more: true };
  if (at + 5 > bytes.length) return undefined;
  return { start: at + 5, size: bytes.readUInt32BE(at + 1), more: false };
}

/** Where a body ends; beyond the bytes when it is cut off. */
function bodyEnd(bytes: Buffer, { start, end, firstPiece }: PacketPlace): number {
  if (firstPiece === undefined) return end ?? bytes.length;
  let at = start + firstPiece;
  for (;;) {
    const next = lengthAt(bytes, at);
    if (next === undefined) return bytes.length;
    at = next.start + next.size;
    if (!next.more) return at;
  }
}

/** What OpenPGP there is in a text. */
export interface PgpInText {
  /** Kinds of the armoured messages in it, in order. */
  readonly messages: readonly PgpKind[];
  /** The cleartexts of signed messages, as they were before signing (RFC 9580 7.2: dashes unescaped). */
  readonly cleartexts: readonly string[];
  /** Set when the text is one block and nothing else but white space; encrypted, when no clear text is in its armour. */
  readonly whole?: 'encrypted' | 'signed';
}

const NOTHING: PgpInText = { messages: [], cleartexts: [] };
const BEGIN = '-----BEGIN PGP ';
/** Further cleartexts are one together: each is a text of its own for whoever reads them. */
const MAX_CLEARTEXTS = 1000;

/** Marks of a reply, or blanks, before a block: programs for mail take them off. */
const QUOTED_BLOCK = /^[ \t>|]+-----BEGIN PGP /m;
const QUOTATION = /^[ \t>|]+/gm;

/**
 * Finds ASCII armour on lines of its own (RFC 9580 6.2, 7.1), or behind the marks of a reply or blanks. Linear in the
 * length.
 */
export function readPgpText(text: string): PgpInText {
  if (!text.includes(BEGIN)) return NOTHING;
  const found = readBlocks(text);
  if (!QUOTED_BLOCK.test(text)) return found;
  // Without the marks a block that was quoted in part may reach over others.
  const unquoted = readBlocks(text.replace(QUOTATION, ''));
  return {
    messages: [...found.messages, ...unquoted.messages],
    cleartexts: [...new Set([...found.cleartexts, ...unquoted.cleartexts])],
  };
}

/** Signed messages within signed messages; programs write one. */
const MAX_DEPTH = 4;

function readBlocks(text: string, depth = 0): PgpInText {
  const messages: PgpKind[] = [];
  /** Those in the cleartexts, where a block may stand as anywhere else. */
  const inner: PgpKind[] = [];
  const cleartexts: string[] = [];
  // Marks that don't come again: looked for once, whatever the number of blocks that lack them.
  const gone = new Set<string>();
  let between = '';
  let last: 'encrypted' | 'signed' | undefined;
  let at = 0;
  for (let begin = lineIndex(text, BEGIN, 0); begin >= 0; begin = lineIndex(text, BEGIN, at)) {
    const block = readBlock(text, begin, gone);
    if (block === undefined) {
      // Not a block: it is text like any other.
      between += text.slice(at, begin + BEGIN.length);
      at = begin + BEGIN.length;
      continue;
    }
    between += text.slice(at, begin);
    at = block.end;
    if (block.kind === 'signed') {
      cleartexts.push(block.cleartext);
      last = 'signed';
      if (depth >= MAX_DEPTH) inner.push('unknown');
      else if (block.cleartext.includes(BEGIN))
        for (const kind of readBlocks(block.cleartext, depth + 1).messages) inner.push(kind);
    } else {
      messages.push(block.kind);
      last = block.kind === 'encrypted' && block.pure ? 'encrypted' : undefined;
    }
  }
  between += text.slice(at);
  const single = messages.length + cleartexts.length === 1 && between.trim() === '';
  const all = [
    ...cleartexts.slice(0, MAX_CLEARTEXTS),
    ...(cleartexts.length > MAX_CLEARTEXTS ? [cleartexts.slice(MAX_CLEARTEXTS).join('\n\n')] : []),
  ];
  return {
    messages: [...messages, ...inner],
    cleartexts: all,
    ...(single && last !== undefined ? { whole: last } : {}),
  };
}

type Block =
  /** `pure`: nothing is in the armour but the message. */
  | { readonly kind: PgpKind; readonly pure: boolean; readonly end: number }
  | { readonly kind: 'signed'; readonly cleartext: string; readonly end: number };

function readBlock(text: string, begin: number, gone: Set<string>): Block | undefined {
  const find = (mark: string, from: number): number => {
    const found = gone.has(mark) ? -1 : lineIndex(text, mark, from);
    if (found < 0) gone.add(mark);
    return found;
  };
  const lineEnd = endOfLine(text, begin);
  const title = text.slice(begin, lineEnd).trim();
  if (title === '-----BEGIN PGP SIGNED MESSAGE-----') {
    const closing = '-----END PGP SIGNATURE-----';
    const signature = gone.has(closing) ? -1 : find('-----BEGIN PGP SIGNATURE-----', lineEnd);
    const close = signature < 0 ? -1 : find(closing, signature);
    if (close < 0) return undefined;
    const inner = text.slice(lineEnd, signature);
    // Armour headers (Hash:, SaltedHash:) end at the first empty line.
    const headers = /^(?:\r?\n[A-Za-z]+: ?[^\r\n]*)*\r?\n[ \t]*\r?\n/.exec(inner)?.[0].length ?? 0;
    const cleartext = inner.slice(headers).replace(/^- /gm, '');
    return { kind: 'signed', cleartext, end: endOfLine(text, close) };
  }
  if (!/^-----BEGIN PGP MESSAGE(?:, PART [\d/]+)?-----$/.test(title)) return undefined;
  const close = find('-----END PGP MESSAGE', lineEnd);
  if (close < 0) return undefined;
  const end = endOfLine(text, close);
  const armour = text.slice(lineEnd, close);
  const kind = title.includes('PART') ? 'unknown' : pgpKind(dearmoured(armour));
  const pure = text.slice(close, end).trimEnd() === '-----END PGP MESSAGE-----' && isPure(armour);
  return { kind, pure, end };
}

/** A block's content, without armour headers and checksum. */
function dearmoured(block: string): Buffer {
  const content = block
    .split(/\r?\n/)
    .filter((line) => !line.includes(':') && !line.startsWith('='))
    .join('');
  return Buffer.from(content, 'base64');
}

/** Armour headers that say how to read the message (RFC 9580 6.2.2); `Comment` is for people. */
const ARMOUR_HEADER = /^(Version|Hash|Charset|MessageID): /;
const MAX_ARMOUR_HEADER = 100;

/** Whether armour holds nothing but base64, a checksum and what every program writes; clear text can stand in any other line. */
function isPure(block: string): boolean {
  const lines = block.split('\n').map((line) => line.trimEnd());
  // What is left of the title's line.
  if (lines.shift() !== '') return false;
  const named = new Set<string>();
  let header = ARMOUR_HEADER.exec(lines[0] ?? '')?.[1];
  let first = 0;
  while (header !== undefined) {
    if (named.has(header) || (lines[first] ?? '').length > MAX_ARMOUR_HEADER) return false;
    named.add(header);
    first += 1;
    header = ARMOUR_HEADER.exec(lines[first] ?? '')?.[1];
  }
  const data = lines.slice(first).filter((line) => line !== '');
  if (/^=[A-Za-z0-9+/]{4}$/.test(data.at(-1) ?? '')) data.pop();
  const base64 = data.join('');
  return base64.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(base64);
}

/** Where the mark stands at the start of a line. */
function lineIndex(text: string, mark: string, from: number): number {
  let at = text.indexOf(mark, from);
  while (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') at = text.indexOf(mark, at + 1);
  return at;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
