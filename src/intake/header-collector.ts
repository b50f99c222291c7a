/** Gathers the header block of a message from pieces of any size, up to a limit. */
export interface HeaderCollector {
  /** Gives the block and what followed it, once the empty line came. */
  push(piece: Buffer): CollectedHeader | 'more' | 'too-large';
  /** The block of a message that ended before its empty line. */
  end(): CollectedHeader;
}

export interface CollectedHeader {
  /** The header's lines, each with its CRLF, without the empty line. */
  readonly block: Buffer;
  /** The empty line and the bytes after it that already came. */
  readonly rest: Buffer;
}

const LINE_END = Buffer.from('\r\n');
const BLOCK_END = Buffer.from('\r\n\r\n');

export function headerCollector(limit: number): HeaderCollector {
  // Grows by doubling, so that single bytes cost no more than whole pieces.
  let buffer = Buffer.alloc(0);
  let length = 0;
  /** What came so far, with the piece. */
  const join = (piece: Buffer): Buffer => {
    if (length + piece.length > buffer.length) {
      const larger = Buffer.alloc(Math.max(buffer.length * 2, length + piece.length, 8192));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    piece.copy(buffer, length);
    return buffer.subarray(0, length + piece.length);
  };
  return {
    push(piece) {
      // Nearly always the first piece has all of it, and needs no copy.
      const whole = length === 0 ? collected(piece, 0, limit) : 'more';
      if (whole !== 'more') return whole;
      const searchFrom = Math.max(0, length - 3);
      const all = join(piece);
      length = all.length;
      return collected(all, searchFrom, limit);
    },
    end: () => ({ block: buffer.subarray(0, length), rest: buffer.subarray(0, 0) }),
  };
}

function collected(all: Buffer, searchFrom: number, limit: number): CollectedHeader | 'more' | 'too-large' {
  if (all[0] === LINE_END[0] && all[1] === LINE_END[1]) return { block: all.subarray(0, 0), rest: all };
  const at = all.indexOf(BLOCK_END, searchFrom);
  const blockLength = at < 0 ? all.length : at + 2;
  if (blockLength > limit) return 'too-large';
  return at < 0 ? 'more' : { block: all.subarray(0, blockLength), rest: all.subarray(blockLength) };
}
