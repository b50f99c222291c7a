/** A piece of RTF (Rich Text Format 1.9.1, "RTF Syntax"). */
export type RtfToken =
  | { readonly kind: 'open'; readonly end: number }
  | { readonly kind: 'close'; readonly end: number }
  | { readonly kind: 'word'; readonly word: string; readonly number: number | undefined }
  /** `\` with something that is no letter. */
  | { readonly kind: 'symbol'; readonly symbol: string }
  /** Bytes of text; line breaks are left out. */
  | { readonly kind: 'text'; readonly bytes: Buffer }
  | { readonly kind: 'hex'; readonly byte: number }
  | { readonly kind: 'binary'; readonly bytes: Buffer; readonly whole: boolean };

const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LONGEST_WORD = 64;

export function* scanRtf(bytes: Buffer): Generator<RtfToken> {
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === OPEN || byte === CLOSE) {
      at += 1;
      yield { kind: byte === OPEN ? 'open' : 'close', end: at };
    } else if (byte === BACKSLASH) {
      const control = readControl(bytes, at + 1);
      at = control.end;
      yield control.token;
    } else if (byte === 0x0a || byte === 0x0d) at += 1;
    else {
      const start = at;
      while (at < bytes.length && !isSpecial(bytes[at] ?? 0)) at += 1;
      yield { kind: 'text', bytes: bytes.subarray(start, at) };
    }
  }
}

function isSpecial(byte: number): boolean {
  return byte === BACKSLASH || byte === OPEN || byte === CLOSE || byte === 0x0a || byte === 0x0d;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
}

function readControl(bytes: Buffer, start: number): { readonly token: RtfToken; readonly end: number } {
  let at = start;
  while (at < bytes.length && at - start < LONGEST_WORD && isLetter(bytes[at] ?? 0)) at += 1;
  if (at === start) {
    const symbol = bytes.toString('latin1', start, start + 1);
    if (symbol !== "'") return { token: { kind: 'symbol', symbol }, end: start + 1 };
    const digits = /^[0-9a-f]{2}/i.exec(bytes.toString('latin1', start + 1, start + 3))?.[0];
    if (digits === undefined) return { token: { kind: 'symbol', symbol }, end: start + 1 };
    return { token: { kind: 'hex', byte: Number.parseInt(digits, 16) }, end: start + 3 };
  }
  const word = bytes.toString('latin1', start, at);
  const digits = /^-?\d{1,10}/.exec(bytes.toString('latin1', at, at + 11))?.[0];
  const number = digits === undefined ? undefined : Number(digits);
  at += digits?.length ?? 0;
  if (bytes[at] === 0x20) at += 1;
  if (word === 'bin' && number !== undefined && number > 0) {
    const data = bytes.subarray(at, at + number);
    return { token: { kind: 'binary', bytes: data, whole: data.length === number }, end: at + data.length };
  }
  return { token: { kind: 'word', word, number }, end: at };
}
