/** Bytes of a header section that are looked at. */
const MAX_HEADER = 256 * 1024;

/**
 * The header section of a message as Latin-1, without the empty line; empty when it doesn't end within 256 KB.
 * @throws whatever the stream fails with
 */
export async function headerSection(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stream) {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf('\r\n\r\n');
    if (end >= 0) return bytes.subarray(0, end).toString('latin1');
    if (bytes.length > MAX_HEADER) break;
  }
  return '';
}

/** The values of all fields of a name (lower case), unfolded, without the white space around them. */
export function headerValues(header: string, name: string): readonly string[] {
  const unfolded = header.replace(/\r\n(?=[ \t])/g, '').split('\r\n');
  return unfolded.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 && line.slice(0, colon).trim().toLowerCase() === name
      ? [
          line
            .slice(colon + 1)
            .replace(/\t/g, ' ')
            .trim(),
        ]
      : [];
  });
}
