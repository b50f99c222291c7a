/** What an OpenPGP message is by its packets (RFC 9580 10.3); `open` is one that anybody can read. */
export type PgpKind = 'encrypted' | 'open' | 'unknown';

const PUBLIC_KEY_ESK = 1;
const SYMMETRIC_ESK = 3;
const ENCRYPTED: ReadonlySet<number> = new Set([9, 18, 20]);
/** Signature, one-pass signature, compressed data, literal data. */
const OPEN: ReadonlySet<number> = new Set([2, 4, 8, 11]);
const SKIPPED: ReadonlySet<number> = new Set([PUBLIC_KEY_ESK, SYMMETRIC_ESK, 10, 21]);
/** Enough for the session keys of hundreds of recipients. */
const MAX_LOOKED_AT = 1024 * 1024;

/**
 * Walks over the packets of a binary OpenPGP message as far as its encrypted data. Without session key
 * packets before it, nothing is taken for encrypted.
 */
export function pgpKind(message: Buffer): PgpKind {
  let at = 0;
  let keys = 0;
  while (at < Math.min(message.length, MAX_LOOKED_AT)) {
    const packet = packetAt(message, at);
    if (packet === undefined) return 'unknown';
    if (ENCRYPTED.has(packet.tag)) return keys > 0 ? 'encrypted' : 'unknown';
    if (OPEN.has(packet.tag)) return keys > 0 ? 'unknown' : 'open';
    if (!SKIPPED.has(packet.tag) || packet.end === undefined) return 'unknown';
    const version = message[packet.start] ?? 0;
    if (packet.tag === PUBLIC_KEY_ESK && version !== 3 && version !== 6) return 'unknown';
    if (packet.tag === SYMMETRIC_ESK && (version < 4 || version > 6)) return 'unknown';
    if (packet.tag === PUBLIC_KEY_ESK || packet.tag === SYMMETRIC_ESK) keys += 1;
    at = packet.end;
  }
  return 'unknown';
}

/** RFC 9580 4.2. `end` is absent where the length isn't known from the header. */
function packetAt(
  bytes: Buffer,
  at: number,
): { readonly tag: number; readonly start: number; readonly end?: number } | undefined {
  const head = bytes[at] ?? 0;
  const first = bytes[at + 1];
  if ((head & 0x80) === 0 || first === undefined) return undefined;
  if ((head & 0x40) === 0) {
    const tag = (head >> 2) & 0x0f;
    const width = [1, 2, 4, 0][head & 3] ?? 0;
    const start = at + 1 + width;
    if (start > bytes.length) return undefined;
    return width === 0 ? { tag, start } : { tag, start, end: start + bytes.readUIntBE(at + 1, width) };
  }
  const tag = head & 0x3f;
  if (first < 192) return { tag, start: at + 2, end: at + 2 + first };
  if (first < 224) {
    return { tag, start: at + 3, end: at + 3 + ((first - 192) << 8) + (bytes[at + 2] ?? 0) + 192 };
  }
  if (first < 255) return { tag, start: at + 2 };
  if (at + 6 > bytes.length) return undefined;
  return { tag, start: at + 6, end: at + 6 + bytes.readUInt32BE(at + 2) };
}

/** What OpenPGP there is in a text. */
export interface PgpInText {
  /** Kinds of the armoured messages in it, in order. */
  readonly messages: readonly PgpKind[];
  /** The cleartexts of signed messages, as they were before signing (RFC 9580 7.2: dashes unescaped). */
  readonly cleartexts: readonly string[];
  /** Set when the text is one block and nothing else but white space. */
  readonly whole?: 'encrypted' | 'signed';
}

const NOTHING: PgpInText = { messages: [], cleartexts: [] };
const BEGIN = '-----BEGIN PGP ';
const MAX_BLOCKS = 1000;

/** Finds ASCII armour on lines of its own (RFC 9580 6.2, 7.1). Linear in the length. */
export function readPgpText(text: string): PgpInText {
  if (!text.includes(BEGIN)) return NOTHING;
  const messages: PgpKind[] = [];
  const cleartexts: string[] = [];
  // Marks that don't come again: looked for once, whatever the number of blocks that lack them.
  const gone = new Set<string>();
  let between = '';
  let last: 'encrypted' | 'signed' | undefined;
  let at = 0;
  for (let count = 0; count < MAX_BLOCKS; count++) {
    const begin = lineIndex(text, BEGIN, at);
    if (begin < 0) break;
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
    } else {
      messages.push(block.kind);
      last = block.kind === 'encrypted' ? 'encrypted' : undefined;
    }
  }
  between += text.slice(at);
  const single = messages.length + cleartexts.length === 1 && between.trim() === '';
  return { messages, cleartexts, ...(single && last !== undefined ? { whole: last } : {}) };
}

type Block =
  | { readonly kind: PgpKind; readonly end: number }
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
    const signature = find('-----BEGIN PGP SIGNATURE-----', lineEnd);
    const close = signature < 0 ? -1 : find('-----END PGP SIGNATURE-----', signature);
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
  const kind = title.includes('PART') ? 'unknown' : pgpKind(dearmoured(text.slice(lineEnd, close)));
  return { kind, end: endOfLine(text, close) };
}

/** The first bytes of a block's content, without armour headers and checksum. */
function dearmoured(block: string): Buffer {
  const content = block
    .slice(0, MAX_LOOKED_AT)
    .split(/\r?\n/)
    .filter((line) => !line.includes(':') && !line.startsWith('='))
    .join('');
  return Buffer.from(content, 'base64');
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
