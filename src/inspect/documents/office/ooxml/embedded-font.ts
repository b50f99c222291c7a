/** Bytes at the beginning that are masked, with a key half as long. */
const MASKED = 32;
const SFNT = /^(?:\x00\x01\x00\x00|OTTO|true)\x00/;

/** Keys in a font table ([ECMA-376] part 4, 17.8.1): GUIDs, taken from their end. */
export function fontKeys(xml: string): readonly Buffer[] {
  const keys = xml.matchAll(/fontKey\s*=\s*["']\{([0-9a-f-]{36})\}["']/gi);
  return [...keys].map(([, guid = '']) => Buffer.from(guid.replaceAll('-', ''), 'hex').reverse());
}

/** A font as it was before it was embedded in a document; undefined where none of the keys makes one of it. */
export function unmaskedFont(bytes: Buffer, keys: readonly Buffer[]): Buffer | undefined {
  if (bytes.length < MASKED) return undefined;
  for (const key of keys) {
    const head = Buffer.from(bytes.subarray(0, MASKED));
    for (let at = 0; at < MASKED; at++) head[at] = (head[at] ?? 0) ^ (key[at % key.length] ?? 0);
    if (SFNT.test(head.toString('latin1'))) return Buffer.concat([head, bytes.subarray(MASKED)]);
  }
  return undefined;
}
