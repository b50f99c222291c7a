/** The bytes of percent-encoded text (RFC 3986 2.1), other characters as UTF-8. A stray `%` stays. */
export function percentBytes(text: string): Buffer {
  const first = text.indexOf('%');
  if (first < 0) return Buffer.from(text, 'utf8');
  const source = Buffer.from(text, 'utf8');
  const out = Buffer.allocUnsafe(source.length);
  let to = 0;
  for (let at = 0; at < source.length; at++) {
    const byte = source[at] ?? 0;
    const value = byte === 0x25 ? hexPair(source[at + 1], source[at + 2]) : undefined;
    out[to++] = value ?? byte;
    if (value !== undefined) at += 2;
  }
  return out.subarray(0, to);
}

function hexPair(high: number | undefined, low: number | undefined): number | undefined {
  const text = String.fromCharCode(high ?? 0, low ?? 0);
  return /^[0-9a-f]{2}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
}
