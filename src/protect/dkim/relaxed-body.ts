import { createHash } from 'node:crypto';

/** SHA-256 of a body in the `relaxed` form of RFC 6376 3.4.4, as it streams by. */
export interface BodyHash {
  update(chunk: Uint8Array): void;
  /** Called once, at the end. */
  digest(): Buffer;
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const LINE_END = Buffer.from('\r\n');
const EMPTY_LINES = Buffer.alloc(8192, LINE_END);

/**
 * White space at the end of lines goes, elsewhere it becomes one space; empty lines at the end go; a last line without
 * CRLF gets one, as it does when the content is sent. Blanks and line ends are held back until something follows them, and
 * counted, not kept. A bare CR or LF never leaves (the wire refuses it), so what it counts as here is of no matter.
 */
export function relaxedBodyHash(): BodyHash {
  const hash = createHash('sha256');
  let blank = false;
  let cr = false;
  let lines = 0;
  let any = false;

  /** Writes the line ends that turned out to stand before something. */
  const writeLines = () => {
    for (let left = lines * 2; left > 0; left -= EMPTY_LINES.length)
      hash.update(left >= EMPTY_LINES.length ? EMPTY_LINES : EMPTY_LINES.subarray(0, left));
    lines = 0;
    any = true;
  };

  /** Byte by byte. */
  const relax = (chunk: Uint8Array) => {
    // Each byte gives at most itself, and one blank may have been held back before this chunk.
    const out = Buffer.allocUnsafe(chunk.length + 1);
    let length = 0;
    const flush = () => {
      if (length > 0) hash.update(out.subarray(0, length));
      length = 0;
    };
    for (const byte of chunk) {
      if (byte === LF) {
        cr = false;
        blank = false;
        lines += 1;
        continue;
      }
      if (byte === CR) {
        cr = true;
        continue;
      }
      if (byte === SPACE || byte === TAB) {
        blank = true;
        continue;
      }
      if (lines > 0 || !any) {
        flush();
        writeLines();
      }
      if (blank) out[length++] = SPACE;
      blank = false;
      cr = false;
      out[length++] = byte;
    }
    flush();
  };

  return {
    update(chunk) {
      let from = 0;
      while (from < chunk.length && (blank || cr)) {
        relax(chunk.subarray(from, from + 1));
        from += 1;
      }
      const rest = chunk.subarray(from);
      // Attachments are lines without blanks: they are as they shall be but for what stands at the end.
      if (rest.includes(SPACE) || rest.includes(TAB)) {
        relax(rest);
        return;
      }
      let end = rest.length;
      while (end > 0 && (rest[end - 1] === LF || rest[end - 1] === CR)) end -= 1;
      if (end > 0) {
        writeLines();
        hash.update(rest.subarray(0, end));
      }
      relax(rest.subarray(end));
    },
    digest() {
      if (any) hash.update(LINE_END);
      return hash.digest();
    },
  };
}
