import { Transform, type TransformCallback } from 'node:stream';

/** Content that could be read as more than one message (a bare CR or LF) or holds a NUL. It is never sent. */
export class UnsafeContentError extends Error {
  override readonly name = 'UnsafeContentError';
}

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/**
 * Doubles leading dots (RFC 5321 4.5.2) and makes sure the content ends in CRLF, so that the caller alone ends DATA.
 * Fails with UnsafeContentError at a bare CR or LF or a NUL: lines that another server could take for the end of
 * the message (SMTP smuggling) must not leave.
 */
export function dotStuffing(): Transform {
  let previous = LF;
  // The start of the content is the start of a line.
  let atLineStart = true;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const pieces: Buffer[] = [];
      let from = 0;
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i];
        if (byte === 0) return done(new UnsafeContentError('the content holds a NUL'));
        if (previous === CR && byte !== LF)
          return done(new UnsafeContentError('the content holds a bare CR'));
        if (byte === LF && previous !== CR)
          return done(new UnsafeContentError('the content holds a bare LF'));
        if (atLineStart && byte === DOT) {
          pieces.push(chunk.subarray(from, i), DOT_BYTE);
          from = i;
        }
        atLineStart = byte === LF;
        previous = byte ?? 0;
      }
      pieces.push(chunk.subarray(from));
      done(null, pieces.length === 1 ? chunk : Buffer.concat(pieces));
    },
    flush(done: TransformCallback) {
      if (previous === CR) return done(new UnsafeContentError('the content holds a bare CR'));
      if (!atLineStart) this.push(Buffer.from('\r\n'));
      done();
    },
  });
}

const DOT_BYTE = Buffer.from('.');
