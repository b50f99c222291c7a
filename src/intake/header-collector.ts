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
  let buffer = Buffer.alloc(8192);
  let length = 0;
  return {
    push(piece) {
      if (length + piece.length > buffer.length) {
        const larger = Buffer.alloc(Math.max(buffer.length * 2, length + piece.length));
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      piece.copy(buffer, length);
      const searchFrom = Math.max(0, length - 3);
      length += piece.length;
      const all = buffer.subarray(0, length);
      if (length >= 2 && all.subarray(0, 2).equals(LINE_END)) return { block: all.subarray(0, 0), rest: all };
      const at = all.indexOf(BLOCK_END, searchFrom);
      const blockLength = at < 0 ? length : at + 2;
      if (blockLength > limit) return 'too-large';
      return at < 0 ? 'more' : { block: all.subarray(0, blockLength), rest: all.subarray(blockLength) };
    },
    end: () => ({ block: buffer.subarray(0, length), rest: buffer.subarray(0, 0) }),
  };
}
