import type { Socket } from 'node:net';
import { errorCode } from '../shared/errors.js';
import { dotStuffing, UnsafeContentError } from './dot-stuffing.js';
import { SmtpFailure } from './smtp-failure.js';
import { createReplyReader, type SmtpReply } from './smtp-reply.js';

/** The content of a message could not be read from our own store; the connection was cut before the final dot. */
export class ContentError extends Error {
  override readonly name = 'ContentError';
}

/** Lines out, replies in, over one socket. After a failure the socket is destroyed and every call fails. */
export interface Wire {
  /** The next reply. Rejects with SmtpFailure (`unreachable`) when it doesn't come in time. */
  reply(timeoutMs: number): Promise<SmtpReply>;
  /**
   * Writes commands at once (more than one only with PIPELINING); `reply` then gives the answer of each. Throws
   * SmtpFailure, with nothing written, when the connection is of no use any more.
   */
  post(lines: readonly string[]): void;
  /** Posts one command and gives its reply. */
  send(line: string, timeoutMs: number): Promise<SmtpReply>;
  /**
   * Writes a whole message in one go, already dot-stuffed, with the final dot. Gives the 4xx or 5xx of a server that
   * answered before; then nothing was written, and the connection is cut. Throws SmtpFailure, with nothing written, where it
   * is of no use.
   */
  message(parts: readonly Buffer[]): SmtpReply | undefined;
  /**
   * Writes content piece by piece, dot-stuffed, without the final dot. `timeoutMs` bounds each pause. Gives the 4xx or
   * 5xx of a server that answered before the end; the connection is cut then.
   */
  content(body: AsyncIterable<Uint8Array>, timeoutMs: number): Promise<SmtpReply | undefined>;
  /** Gives the socket away (for STARTTLS). Fails when bytes came that nobody asked for. */
  release(): Socket;
  /** False once it failed, was released, or the peer said 421 or something unasked, or closed. */
  usable(): boolean;
  destroy(): void;
}

/** Octets that a server may say while no reply of it is read: a thousand recipients in one go are answered in half a million. */
const MOST_UNREAD = 4 * 1024 * 1024;
/** Replies that may wait to be read. The shortest have four octets, and each takes sixty times as much memory here. */
const MOST_WAITING = 20_000;

export function createWire(socket: Socket): Wire {
  const reader = createReplyReader();
  const replies: SmtpReply[] = [];
  /** Octets that came since the last reply was read. */
  let unread = 0;
  let failure: SmtpFailure | undefined;
  let released = false;
  /** It said 421: it closes the connection, at the latest when we do (RFC 5321 4.2.1, 3.8). */
  let ending = false;
  let wakeUp: (() => void) | undefined;

  const fail = (why: SmtpFailure) => {
    failure ??= why;
    socket.destroy();
    wakeUp?.();
  };
  const onData = (chunk: Buffer) => {
    try {
      replies.push(...reader.push(chunk));
    } catch (error) {
      fail(new SmtpFailure('unreachable', 'it does not speak SMTP', { cause: error }));
    }
    unread += chunk.length;
    if (unread > MOST_UNREAD || replies.length > MOST_WAITING)
      fail(new SmtpFailure('unreachable', 'it sends replies without end'));
    wakeUp?.();
  };
  const onEnd = () => fail(new SmtpFailure('unreachable', 'it closed the connection'));
  const onError = (error: Error) => {
    fail(
      new SmtpFailure('unreachable', `the connection broke (${errorCode(error) ?? 'error'})`, {
        cause: error,
      }),
    );
  };
  /** Resolves when the socket takes more, or the peer said something; rejects when it is gone. */
  const drained = () =>
    new Promise<void>((resolve, reject) => {
      const settle = () => {
        socket.removeListener('drain', settle);
        socket.removeListener('close', settle);
        wakeUp = undefined;
        if (failure === undefined && !socket.destroyed) resolve();
        else reject(failure ?? new Error('the socket is closed'));
      };
      if (socket.destroyed) return settle();
      socket.on('drain', settle);
      socket.on('close', settle);
      wakeUp = settle;
    });
  const assertSilent = () => {
    if (replies.length === 0) return;
    fail(new SmtpFailure('unreachable', 'it answered before the content had ended'));
    throw failure;
  };

  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('close', onEnd);
  socket.on('error', onError);

  const reply = async (timeoutMs: number): Promise<SmtpReply> => {
    let timer: NodeJS.Timeout | undefined;
    try {
      for (;;) {
        const next = replies.shift();
        if (next !== undefined) unread = 0;
        if (next?.code === 421) ending = true;
        if (next !== undefined) return next;
        if (failure !== undefined) throw failure;
        timer ??= setTimeout(
          () => fail(new SmtpFailure('unreachable', 'it did not answer in time')),
          timeoutMs,
        );
        await new Promise<void>((resolve) => {
          wakeUp = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
      wakeUp = undefined;
    }
  };

  const assertInStep = () => {
    if (failure !== undefined) throw failure;
    // A reply that nobody asked for would be taken for the next command's: RCPT's 250 could be anyone's.
    if (replies.length > 0 || reader.pending()) {
      const first = replies[0];
      const why =
        first?.code === 421 ? 'it ended the session with 421' : 'it sent a reply that nobody asked for';
      fail(new SmtpFailure('unreachable', why));
      throw failure ?? new SmtpFailure('unreachable', why);
    }
  };

  const post = (lines: readonly string[]): void => {
    assertInStep();
    if (lines.some((line) => /[\r\n\0]/.test(line))) throw new TypeError('a command of more than one line');
    const text = `${lines.join('\r\n')}\r\n`;
    socket.write(text, /^[\x00-\x7f]*$/.test(text) ? 'latin1' : 'utf8');
  };

  return {
    reply,
    post,
    async send(line, timeoutMs) {
      post([line]);
      return reply(timeoutMs);
    },
    message(parts) {
      if (failure !== undefined) throw failure;
      const [early] = replies;
      if (early === undefined && !reader.pending()) {
        socket.cork();
        for (const part of parts) socket.write(part);
        socket.uncork();
        return undefined;
      }
      fail(new SmtpFailure('unreachable', 'it answered before the content had been sent'));
      if (early !== undefined && early.code >= 400) return early;
      throw failure ?? new Error('a connection that failed without a reason');
    },
    async content(body, timeoutMs) {
      if (failure !== undefined) throw failure;
      const stall = () => fail(new SmtpFailure('unreachable', 'it stopped reading the content'));
      socket.setTimeout(timeoutMs, stall);
      const stuffing = dotStuffing();
      const put = async (parts: readonly Buffer[]) => {
        assertSilent();
        const [only] = parts;
        if (only !== undefined && !socket.write(parts.length === 1 ? only : Buffer.concat(parts)))
          await drained();
      };
      try {
        // The socket is not part of a pipeline: it would leave listeners behind for each message on a connection.
        for await (const chunk of ownContent(body)) await put(stuffing.push(chunk));
        await put(stuffing.end());
        assertSilent();
        return undefined;
      } catch (error) {
        // Cut, so that the peer has no complete message: the final dot is never sent after this.
        fail(new SmtpFailure('unreachable', 'the content could not be sent whole', { cause: error }));
        if (error instanceof UnsafeContentError || error instanceof ContentError) throw error;
        const [answer] = replies;
        if (answer !== undefined && answer.code >= 400) return answer;
        throw failure ?? error;
      } finally {
        socket.setTimeout(0);
        socket.removeListener('timeout', stall);
      }
    },
    release() {
      assertInStep();
      released = true;
      socket.removeListener('data', onData);
      socket.removeListener('end', onEnd);
      socket.removeListener('close', onEnd);
      return socket;
    },
    usable: () => failure === undefined && !released && !ending && replies.length === 0 && !reader.pending(),
    destroy: () => fail(new SmtpFailure('unreachable', 'the connection was closed by us')),
  };
}

/** Octets up to which parts are made one: to copy them costs less than to write several. */
const MOST_COPIED = 16 * 1024;

/**
 * A small message as it goes over the wire: dot-stuffed, with the final dot.
 * @throws UnsafeContentError, ContentError
 */
export async function wholeMessage(body: AsyncIterable<Uint8Array>): Promise<readonly Buffer[]> {
  const stuffing = dotStuffing();
  const parts: Buffer[] = [];
  try {
    for await (const chunk of body) parts.push(...stuffing.push(asBuffer(chunk)));
  } catch (error) {
    throw error instanceof UnsafeContentError ? error : unreadable(error);
  }
  parts.push(...stuffing.end(), FINAL_DOT);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return length <= MOST_COPIED ? [Buffer.concat(parts, length)] : parts;
}

const FINAL_DOT = Buffer.from('.\r\n');

/** Chunks of our own store, whose failures must be told from those of the peer. @throws ContentError */
async function* ownContent(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield asBuffer(chunk);
  } catch (error) {
    throw unreadable(error);
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function unreadable(cause: unknown): ContentError {
  return new ContentError('the stored content could not be read', { cause });
}
