/** A message or MIME part, cut where its header ends. */
export interface Entity {
  /** The first field of this name, unfolded, without the space around it; undefined when there is none. */
  field(name: string): string | undefined;
  readonly body: Buffer;
}

/** Cuts a message of the demo (CRLF lines) into header and body. */
export function splitEntity(bytes: Buffer): Entity {
  const end = bytes.indexOf('\r\n\r\n');
  const headerEnd = end < 0 ? bytes.length : end;
  const lines = bytes
    .subarray(0, headerEnd)
    .toString('latin1')
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .split('\r\n');
  return {
    field: (name) => {
      const start = `${name.toLowerCase()}:`;
      return lines
        .find((line) => line.toLowerCase().startsWith(start))
        ?.slice(start.length)
        .trim();
    },
    body: bytes.subarray(end < 0 ? bytes.length : end + 4),
  };
}
