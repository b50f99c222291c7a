import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
  /** Sends commands at once (more than one only with PIPELINING) and gives their replies in order. */
  send(lines: readonly string[], timeoutMs: number): Promise<readonly SmtpReply[]>;
  /**
   * Streams content, dot-stuffed, without the final dot. `timeoutMs` bounds each pause. Gives the 4xx or 5xx of a
   * server that answered before the end; the connection is cut then.
   */
  content(body: Readable, timeoutMs: number): Promise<SmtpReply | undefined>;
  /** Gives the socket away (for STARTTLS). Fails when bytes came that nobody asked for. */
  release(): Socket;
  /** False once it failed, was released, or the peer said 421 or something unasked, or closed. */
  usable(): boolean;
  destroy(): void;
}

export function createWire(socket: Socket): Wire {
  const reader = createReplyReader();
  const replies: SmtpReply[] = [];
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
    // Nobody asks for more than a few hundred replies at once (a pipelined envelope).
    if (replies.length > 20_000) fail(new SmtpFailure('unreachable', 'it sends replies without end'));
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
    const timer = setTimeout(
      () => fail(new SmtpFailure('unreachable', 'it did not answer in time')),
      timeoutMs,
    );
    try {
      for (;;) {
        const next = replies.shift();
        if (next?.code === 421) ending = true;
        if (next !== undefined) return next;
        if (failure !== undefined) throw failure;
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

  return {
    reply,
    async send(lines, timeoutMs) {
      assertInStep();
      if (lines.some((line) => /[\r\n\0]/.test(line))) throw new TypeError('a command of more than one line');
      socket.write(lines.map((line) => `${line}\r\n`).join(''), 'utf8');
      const answers: SmtpReply[] = [];
      for (let i = 0; i < lines.length; i++) answers.push(await reply(timeoutMs));
      return answers;
    },
    async content(body, timeoutMs) {
      if (failure !== undefined) throw failure;
      const stall = () => fail(new SmtpFailure('unreachable', 'it stopped reading the content'));
      socket.setTimeout(timeoutMs, stall);
      const stuffed = dotStuffing();
      let bodyError: Error | undefined;
      body.once('error', (error) => {
        // Not one that the pipeline caused by tearing down after the socket had failed.
        if (failure === undefined && !socket.destroyed) bodyError = error;
      });
      try {
        // The socket is not part of the pipeline: it would leave listeners behind for each message on a connection.
        await pipeline(body, stuffed, async (chunks: AsyncIterable<Uint8Array>) => {
          for await (const chunk of chunks) {
            assertSilent();
            if (!socket.write(chunk)) await drained();
          }
        });
        assertSilent();
        return undefined;
      } catch (error) {
        // Cut, so that the peer has no complete message: the final dot is never sent after this.
        fail(new SmtpFailure('unreachable', 'the content could not be sent whole', { cause: error }));
        if (error instanceof UnsafeContentError) throw error;
        if (bodyError !== undefined)
          throw new ContentError('the stored content could not be read', { cause: bodyError });
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
