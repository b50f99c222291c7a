/**
 * A header field in the `relaxed` form of RFC 6376 3.4.2, without CRLF. Not by `trim`, which takes octets of UTF-8 for
 * blanks.
 * @param raw the field, folded as it stands, as Latin-1
 */
export function relaxedField(raw: string): string {
  const colon = raw.indexOf(':');
  const name = raw
    .slice(0, colon)
    .replace(/[ \t]+/g, '')
    .toLowerCase();
  const value = raw
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replace(/[ \t]+/g, ' ');
  return `${name}:${value.replace(/^ | $/g, '')}`;
}
