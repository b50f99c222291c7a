import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { type BareNewline, type WireData, wireData } from './wire-data.js';

/** RFC 5321 4.5.3.1.4 says 512 octets, extensions add to it; RFC 4954 section 4 asks for 12288 in AUTH. */
const MAX_COMMAND = 12_288 + 16;
/** Commands run in one go before others get their turn. */
const COMMANDS_PER_TURN = 100;

/** Octets read ahead: a chunk of the socket's is not worth stopping it while the one before is on its way to the disk. */
const READ_AHEAD = 128 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/** A line of the client that is no command: it must be refused, never run. */
export type BadLine = 'bare-newline' | 'control-character' | 'too-long';

/** Takes the message after DATA. */
export interface DataSink {
  write(piece: Buffer): Promise<void>;
  /** Answers the client; what follows on the wire is read after it resolved. */
  end(data: WireData): Promise<void>;
}

/** What a connection does with what the stream read. */
export interface WireHandlers {
  /** `more`: the client sent more behind this line without waiting for its reply. */
  command(line: Buffer, more: boolean, done: () => void): void;
  /** All that came is read, but for the beginning of a line: replies must wait for nothing more (RFC 2920 3.2). */
  partialLine(): void;
  /** `verb`: the first word, upper case, as far as it came. */
  badLine(kind: BadLine, verb: string): Promise<void>;
}

/**
 * Reads commands and message data strictly. smtp-server's own reader takes a bare LF for the end of a command, and
 * runs a last line that had no end.
 */
export class WireStream extends SMTPStream {
  readonly #handlers: WireHandlers;
  #partial: Buffer[] = [];
  #partialLength = 0;
  /** The line now read is the rest of one that had a bare newline in it. */
  #poisoned = false;
  #data: { readonly reader: WireData; readonly sink: DataSink } | undefined;

  constructor(handlers: WireHandlers) {
    super({ highWaterMark: READ_AHEAD });
    this.#handlers = handlers;
  }

  /** From the next byte on, and until CRLF.CRLF, the client sends a message. */
  startData(sink: DataSink, bareNewline: BareNewline): void {
    this.#data = { reader: wireData(bareNewline), sink };
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding | 'buffer',
    next: (error?: Error | null) => void,
  ): void {
    this.#consume(chunk).then(
      () => next(),
      (error: unknown) => next(error instanceof Error ? error : new Error('reading failed')),
    );
  }

  /** A last line without its end is no command. */
  override _flushData(): void {
    this.#partial = [];
  }

  async #consume(chunk: Buffer): Promise<void> {
    let rest = chunk;
    for (let turn = 1; rest.length > 0 && !this.isClosed; turn++) {
      rest =
        this.#data === undefined
          ? await this.#readLine(rest, chunk.length)
          : await this.#readData(rest, this.#data);
      if (turn % COMMANDS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #readData(
    chunk: Buffer,
    { reader, sink }: { readonly reader: WireData; readonly sink: DataSink },
  ): Promise<Buffer> {
    const { pieces, end } = reader.push(chunk);
    for (const piece of pieces) await sink.write(piece);
    if (end === undefined) return chunk.subarray(chunk.length);
    this.#data = undefined;
    await sink.end(reader);
    return chunk.subarray(end);
  }

  async #readLine(chunk: Buffer, chunkLength: number): Promise<Buffer> {
    const at = chunk.indexOf(LF);
    const piece = at < 0 ? chunk : chunk.subarray(0, at);
    this.#partialLength += piece.length;
    const rest = at < 0 ? chunk.subarray(chunk.length) : chunk.subarray(at + 1);
    if (this.#partialLength > MAX_COMMAND) {
      this.isClosed = true;
      await this.#handlers.badLine('too-long', verbOf(Buffer.concat([...this.#partial, piece])));
      return rest;
    }
    if (at < 0) {
      this.#partial.push(piece);
      // Many tiny pieces cost more than their bytes.
      if (this.#partial.length > 64) this.#partial = [Buffer.concat(this.#partial)];
      this.#handlers.partialLine();
      return rest;
    }
    const line = this.#partial.length === 0 ? piece : Buffer.concat([...this.#partial, piece]);
    if (this.#partial.length > 0) this.#partial = [];
    this.#partialLength = 0;
    const ended = line[line.length - 1] === CR;
    const command = ended ? line.subarray(0, -1) : line;
    const kind =
      this.#poisoned || !ended || command.includes(CR) ? 'bare-newline' : controlCharacter(command);
    // What follows a bare newline is, to a strict reader, the rest of the same line: it must not run as a command.
    this.#poisoned = !ended;
    if (kind !== undefined) {
      await this.#handlers.badLine(kind, verbOf(line));
    } else {
      const more = rest.length > 0 || this.writableLength > chunkLength;
      await new Promise<void>((done) => this.#handlers.command(command, more, done));
    }
    return rest;
  }
}

function verbOf(line: Buffer): string {
  return (/^[A-Za-z]*/.exec(line.toString('latin1', 0, 16))?.[0] ?? '').toUpperCase();
}

function controlCharacter(line: Buffer): BadLine | undefined {
  for (const byte of line) if (byte < 0x20 || byte === 0x7f) return 'control-character';
  return undefined;
}
