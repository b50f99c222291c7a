import { endOfText, isText, wordsOf } from '../shared/text-run.js';

/** Content that could be read as more than one message (a bare CR or LF) or holds a NUL. It is never sent. */
export class UnsafeContentError extends Error {
  override readonly name = 'UnsafeContentError';
}

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

const ONE_DOT = Buffer.from('.');
const LINE_END = Buffer.from('\r\n');

/** Makes content ready for the wire, piece by piece. */
export interface DotStuffing {
  /** The next piece as it is to be sent, in one or more parts. @throws UnsafeContentError */
  push(chunk: Buffer): readonly Buffer[];
  /** What must still be sent before the final dot. @throws UnsafeContentError */
  end(): readonly Buffer[];
}

/**
 * Doubles leading dots (RFC 5321 4.5.2) and makes sure the content ends in CRLF, so that the caller alone ends DATA.
 * Fails with UnsafeContentError at a bare CR or LF or a NUL: lines that another server could take for the end of
 * the message (SMTP smuggling) must not leave.
 */
export function dotStuffing(): DotStuffing {
  // The start of the content is the start of a line.
  let previous = LF;
  return {
    push(chunk) {
      const parts: Buffer[] = [];
      let from = 0;
      const words = wordsOf(chunk);
      for (let i = 0; i < chunk.length; i++) {
        if (previous > CR) {
          // Nearly every byte: neither ends a line nor begins one, or is of a CR LF with text behind it.
          i = endOfText(chunk, words, i);
          while (chunk[i] === CR && chunk[i + 1] === LF && isText(chunk[i + 2]))
            i = endOfText(chunk, words, i + 2);
        }
        if (i >= chunk.length) break;
        const byte = chunk[i] ?? 0;
        if (byte === 0) throw new UnsafeContentError('the content holds a NUL');
        if (previous === CR && byte !== LF) throw new UnsafeContentError('the content holds a bare CR');
        if (byte === LF && previous !== CR) throw new UnsafeContentError('the content holds a bare LF');
        if (previous === LF && byte === DOT) {
          parts.push(chunk.subarray(from, i), ONE_DOT);
          from = i;
        }
        previous = byte;
      }
      parts.push(from === 0 ? chunk : chunk.subarray(from));
      return parts;
    },
    end() {
      if (previous === CR) throw new UnsafeContentError('the content holds a bare CR');
      return previous === LF ? [] : [LINE_END];
    },
  };
}
