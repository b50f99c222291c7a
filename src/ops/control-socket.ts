import { chmod, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { problemsInWords } from '../config/plain-words.js';
import type { Json } from '../shared/canonical-json.js';
import { type ExitStatus, errorCode, errorText, UserError } from '../shared/errors.js';
import { isDenied, notOurUser } from '../store/not-our-user.js';
import { CodeNeeded, type Credentials, credentialsSchema } from './operators/credentials.js';

/*
 * Commands that change something reach the running relay over a Unix socket in the data directory (mode 0600, so the
 * file system says who may connect). One JSON line asks, one JSON line answers.
 */

const request = z.strictObject({
  act: z.string(),
  input: z.unknown(),
  credentials: credentialsSchema.optional(),
});
const reply = z.union([
  z.strictObject({ ok: z.literal(true), result: z.json() }),
  z.strictObject({
    ok: z.literal(false),
    error: z.string(),
    exitStatus: z.union([z.literal(1), z.literal(2)]),
    /** Ask the person for it, and send the command again. */
    needs: z.literal('code').optional(),
  }),
]);

type Answer =
  | { readonly ok: true; readonly result: Json }
  | { readonly ok: false; readonly error: string; readonly exitStatus: ExitStatus; readonly needs?: 'code' };

type Perform = (act: string, input: unknown, credentials: Credentials | undefined) => Promise<Json>;

/** Keys with the signatures of many people have a megabyte, and more as base64. */
const MAX_LINE = 4 * 1024 * 1024;

export function controlSocketPath(dataDir: string): string {
  return join(dataDir, 'control.sock');
}

/**
 * Listens for commands. The caller holds the data directory's lock, so a socket left behind is a dead one's.
 * @param perform does one command; what it throws is told to the asker
 */
export async function listenForActs(dataDir: string, perform: Perform): Promise<{ close(): Promise<void> }> {
  const path = controlSocketPath(dataDir);
  if (Buffer.byteLength(path) > 107) {
    throw new UserError(
      `the path of the control socket is longer than a Unix socket allows: ${path}; use a shorter data_dir`,
      {
        exitStatus: 2,
      },
    );
  }
  await unlink(path).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  const idle = new Set<Socket>();
  const answering = new Set<Promise<void>>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    idle.add(socket);
    socket.on('close', () => idle.delete(socket));
    // A client that went away before its answer: the act stands, and the audit log says so.
    socket.on('error', () => socket.destroy());
    readLine(socket).then(
      (line) => {
        if (!idle.delete(socket)) return;
        const answered = answerLine(socket, line, perform).finally(() => answering.delete(answered));
        answering.add(answered);
      },
      () => socket.destroy(),
    );
  });
  // The socket is made with the umask's mode; nobody else may connect in the moment before chmod.
  const umask = process.umask(0o177);
  try {
    await listening(server, path);
  } finally {
    process.umask(umask);
  }
  await chmod(path, 0o600);
  return {
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      // Whoever holds the line and says nothing must not keep the relay from stopping.
      for (const socket of idle) socket.destroy();
      await Promise.all([...answering, closed]);
    },
  };
}

/**
 * Asks the running relay.
 * @returns `undefined` when no relay listens there
 * @param credentials of the operator who gives the command
 * @throws UserError with the relay's refusal; CodeNeeded when it asks for a code
 */
export async function askRelay(
  dataDir: string,
  act: string,
  input: unknown,
  credentials?: Credentials,
): Promise<Json | undefined> {
  const socket = await connected(controlSocketPath(dataDir));
  if (socket === undefined) return undefined;
  const command = `${JSON.stringify({ act, input, credentials })}\n`;
  if (Buffer.byteLength(command) > MAX_LINE) {
    socket.destroy();
    throw new UserError('the command is larger than the relay takes: give it less at once', {
      exitStatus: 2,
    });
  }
  socket.end(command);
  // A relay that ends with the command unread resets the connection.
  const line = await readLine(socket).catch(() => undefined);
  if (line === undefined)
    throw new UserError('the relay closed the connection without an answer; see its log');
  const answer = replyIn(line);
  if (!answer.ok) {
    if (answer.needs === 'code') throw new CodeNeeded(answer.error);
    throw new UserError(answer.error, { exitStatus: answer.exitStatus });
  }
  return answer.result;
}

/** @throws UserError when it is none that this version knows */
function replyIn(line: string): z.output<typeof reply> {
  try {
    return reply.parse(JSON.parse(line));
  } catch (cause) {
    throw new UserError(
      'the relay answered with something that this command does not know: see `--version` of both, and the log of the relay for what it did',
      { cause },
    );
  }
}

/** Performs what the line asks and sends the answer; resolves when it is on its way, or nobody is there to read it. */
async function answerLine(socket: Socket, line: string | undefined, perform: Perform): Promise<void> {
  const answer = await answerTo(line, perform);
  await new Promise<void>((done) => {
    socket.once('close', () => done());
    if (socket.destroyed) done();
    else socket.end(`${JSON.stringify(answer)}\n`, () => socket.destroy());
  });
}

async function answerTo(line: string | undefined, perform: Perform): Promise<Answer> {
  try {
    if (line === undefined) return { ok: false, error: 'no command', exitStatus: 2 };
    const asked = request.safeParse(jsonOf(line));
    if (!asked.success) return { ok: false, error: problemsInWords(asked.error), exitStatus: 2 };
    const { act, input, credentials } = asked.data;
    return { ok: true, result: await perform(act, input, credentials) };
  } catch (error) {
    return {
      ok: false,
      error: errorText(error),
      exitStatus: error instanceof UserError ? error.exitStatus : 1,
      ...(error instanceof CodeNeeded ? { needs: error.needs } : {}),
    };
  }
}

/** @throws UserError (exit status 2) when it is no JSON; the parser's own words would quote it */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new UserError('the command is no JSON', { exitStatus: 2, cause });
  }
}

function readLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let size = 0;
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_LINE) socket.destroy(new Error('the line is too long'));
    });
    const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
    // It says again what its socket says; unheard, that would end the process. A reset may come long behind the line.
    lines.on('error', reject);
  });
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error) => {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(undefined);
      else if (isDenied(error)) reject(notOurUser(path, error));
      else reject(new UserError(`cannot reach the relay at ${path}: ${error.message}`, { cause: error }));
    });
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
