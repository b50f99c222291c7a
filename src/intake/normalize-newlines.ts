const LF = 0x0a;
const CR = 0x0d;

/**
 * Makes CR LF of every bare newline in the content of a message, piece by piece and in constant memory: of a bare LF, of
 * a bare CR, and of CR CR LF, which programs write that turn LF into CR LF twice. It sees the content only, after dots
 * and the end of the data were found by the strict rules, so nothing that it makes can end a message.
 *
 * A CR at the end of a piece is held back until the next byte says what it is; a message that was read to its end ends in
 * CR LF, so nothing is held back then.
 */
export function newlineNormalizer(): (piece: Buffer) => Buffer {
  /** CRs whose meaning is not known yet: at most two. */
  let held = 0;
  return (piece) => {
    const out = Buffer.allocUnsafe(2 * (piece.length + held));
    let length = 0;
    const newline = () => {
      out[length++] = CR;
      out[length++] = LF;
    };
    for (const byte of piece) {
      if (byte === CR) {
        if (held === 2) newline();
        else held++;
        continue;
      }
      if (byte === LF) {
        newline();
        held = 0;
        continue;
      }
      for (; held > 0; held--) newline();
      out[length++] = byte;
    }
    return out.subarray(0, length);
  };
}
