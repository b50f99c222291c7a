const NO_DIGIT = 64;
/** By byte: what a digit stands for; `NO_DIGIT` for all that isn't one. */
const VALUES = new Uint8Array(256).fill(NO_DIGIT);
Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach((digit, value) => {
  VALUES[digit.charCodeAt(0)] = value;
});

/** Decodes base64 that comes in pieces, cut anywhere. All that isn't a digit is passed over. */
export interface Base64Decoder {
  /** What is complete with this piece. */
  decode(piece: Uint8Array): Buffer;
  /** What the last digits give. */
  end(): Buffer;
}

/**
 * From bytes to bytes, because the strings that Buffer decodes from, and copies without line ends, would be several times
 * the content as garbage while a thousand people download.
 */
export function base64Decoder(): Base64Decoder {
  let bits = 0;
  let digits = 0;
  return {
    decode(piece) {
      const { length } = piece;
      const out = Buffer.allocUnsafeSlow(Math.floor(((length + digits) * 3) / 4));
      let to = 0;
      let at = 0;
      while (at < length) {
        if (digits === 0 && at + 4 <= length) {
          const a = VALUES[piece[at] ?? 0] ?? NO_DIGIT;
          const b = VALUES[piece[at + 1] ?? 0] ?? NO_DIGIT;
          const c = VALUES[piece[at + 2] ?? 0] ?? NO_DIGIT;
          const d = VALUES[piece[at + 3] ?? 0] ?? NO_DIGIT;
          if ((a | b | c | d) < NO_DIGIT) {
            out[to] = (a << 2) | (b >>> 4);
            out[to + 1] = (b << 4) | (c >>> 2);
            out[to + 2] = (c << 6) | d;
            to += 3;
            at += 4;
            continue;
          }
        }
        const value = VALUES[piece[at] ?? 0] ?? NO_DIGIT;
        at += 1;
        if (value === NO_DIGIT) continue;
        bits = (bits << 6) | value;
        digits += 1;
        if (digits < 4) continue;
        out[to] = bits >>> 16;
        out[to + 1] = bits >>> 8;
        out[to + 2] = bits;
        to += 3;
        bits = 0;
        digits = 0;
      }
      return out.subarray(0, to);
    },
    end() {
      // Of two digits eight bits count, of three sixteen.
      if (digits === 2) return Buffer.of((bits >>> 4) & 0xff);
      return digits === 3 ? Buffer.of((bits >>> 10) & 0xff, (bits >>> 2) & 0xff) : Buffer.alloc(0);
    },
  };
}
