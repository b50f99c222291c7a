import { isAscii } from 'node:buffer';
import { endOfText, isText, wordsOf } from '../shared/text-run.js';
import { newlineNormalizer } from './normalize-newlines.js';

/** What is wrong with a message's bytes, whatever they say. */
export type WireFault = 'bare-cr' | 'bare-lf' | 'nul' | 'line-too-long';

/** Reads the bytes after DATA, piece by piece, in constant memory. */
export interface WireData {
  /**
   * Takes the next bytes from the wire.
   * @returns the message's bytes in them (leading dots removed), and where the next command begins, once the end came
   */
  push(chunk: Buffer): { readonly pieces: readonly Buffer[]; readonly end?: number };
  /** The first fault of the bytes so far. */
  readonly fault: WireFault | undefined;
  /** Whether a bare CR or LF came and was made CR LF. */
  readonly normalized: boolean;
  /** Octets of the message so far, without removed dots. */
  readonly size: number;
  /** Whether an octet above 127 came. */
  readonly eightBit: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const ONE_CR = Buffer.of(CR);

/** What becomes of a bare CR or LF in a message: a fault, or the end of a line, written as CR LF from here on. */
export type BareNewline = 'reject' | 'normalize';

/** Octets of one line, beyond which it is a fault: nobody's mail has such lines, and readers choke on them. */
const MAX_LINE = 1024 * 1024;

/**
 * The reader of RFC 5321 4.1.1.4 and 4.5.2. Danger lies here: only CRLF.CRLF ends a message. Whoever takes `\n.\n`,
 * `\r.\r` or a mixture for the end lets a sender smuggle a second message past whatever stands before or behind us.
 * So bare CR, bare LF and NUL are noted as faults, never as line ends, and the message is read to its true end before
 * it is refused. A dot that begins a line is removed whatever follows it, as the RFC says.
 *
 * With `normalize` the end of the data and the dots that are removed are exactly the same ones; only the content between
 * them is changed. A dot behind a bare newline therefore stays: from a client that doesn't know CR LF it may be the
 * point of a dose (`.5 mg`), and one dot too many harms less than one that is missing.
 */
export function wireData(bareNewline: BareNewline = 'reject', maxLine: number = MAX_LINE): WireData {
  const normalizer = bareNewline === 'normalize' ? newlineNormalizer() : undefined;
  let state: 'line-start' | 'text' | 'cr' | 'dot' | 'dot-cr' = 'line-start';
  let fault: WireFault | undefined;
  let normalized = false;
  let size = 0;
  let lineLength = 0;
  let eightBit = false;
  const note = (found: WireFault) => {
    fault ??= found;
  };
  const bare = (found: 'bare-cr' | 'bare-lf') => {
    if (normalizer === undefined) note(found);
    else normalized = true;
    lineLength = 0;
  };
  const look = (content: Buffer) => {
    eightBit ||= !isAscii(content);
  };
  return {
    get fault() {
      return fault;
    },
    get normalized() {
      return normalized;
    },
    get size() {
      return size;
    },
    get eightBit() {
      return eightBit;
    },
    push(chunk) {
      const pieces: Buffer[] = [];
      const words = wordsOf(chunk);
      let from = 0;
      const put = (content: Buffer) => {
        const piece = normalizer?.(content) ?? content;
        if (piece.length === 0) return;
        pieces.push(piece);
        size += piece.length;
      };
      const emit = (to: number) => {
        if (to > from) put(chunk.subarray(from, to));
      };
      for (let i = 0; i < chunk.length; i++) {
        if (state === 'text') {
          // Nearly every byte: what begins or ends no line needs no closer look, nor does CR LF with text behind it.
          let length = lineLength;
          for (let run = i; ; run = i) {
            i = endOfText(chunk, words, i);
            length += i - run;
            if (length > maxLine) note('line-too-long');
            if (chunk[i] !== CR || chunk[i + 1] !== LF || !isText(chunk[i + 2])) break;
            if (length === maxLine) note('line-too-long');
            length = 0;
            i += 2;
          }
          lineLength = length;
          if (i >= chunk.length) break;
        }
        const byte = chunk[i] ?? 0;
        if (state === 'line-start' && byte === DOT) {
          emit(i);
          from = i + 1;
          state = 'dot';
          continue;
        }
        if (state === 'dot' && byte === CR) {
          // Held back: it belongs to the end of the data, unless it is bare.
          from = i + 1;
          state = 'dot-cr';
          continue;
        }
        if (state === 'dot-cr') {
          if (byte === LF) {
            look(chunk.subarray(0, i));
            return { pieces, end: i + 1 };
          }
          put(ONE_CR);
          bare('bare-cr');
        }
        if (state === 'cr' && byte !== LF) bare('bare-cr');
        if (byte === CR) {
          state = 'cr';
        } else if (byte === LF) {
          if (state === 'cr') {
            state = 'line-start';
            lineLength = 0;
            continue;
          }
          bare('bare-lf');
          state = 'text';
        } else {
          if (byte === 0) note('nul');
          state = 'text';
        }
        if (++lineLength > maxLine) note('line-too-long');
      }
      emit(chunk.length);
      look(chunk);
      return { pieces };
    },
  };
}
