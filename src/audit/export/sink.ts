import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { errorText, UserError } from '../../shared/errors.js';

/** Where an export goes. */
export interface Sink {
  /** Resolves when it was handed over. @throws when it could not be */
  write(text: string): Promise<void>;
  /**
   * How long what was handed over may still be lost with the connection, in milliseconds: a syslog receiver confirms
   * nothing. 0: not at all.
   */
  readonly doubtMs: number;
  /** Resolves when the other side has taken everything. @throws when that is not known */
  close(): Promise<void>;
}

/** Standard output. */
export function streamSink(stream: Writable): Sink {
  return {
    doubtMs: 0,
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error == null ? resolve() : reject(error)));
      }),
    close: async () => undefined,
  };
}

/** A new file (0600), synced at the end. @throws UserError when it exists or can't be written */
export function fileSink(file: string): Sink {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw new UserError(`cannot write ${file}: ${errorText(cause)}`, { cause });
    }
  };
  const fd = attempt(() => openSync(file, 'wx', 0o600));
  return {
    doubtMs: 0,
    write: async (text) => {
      attempt(() => writeSync(fd, text));
    },
    close: async () => {
      attempt(() => fsyncSync(fd));
      closeSync(fd);
    },
  };
}

export interface Receiver {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  /** PEM: who may have signed the receiver's certificate; default: the system's. */
  readonly ca?: string;
  /** PEM: our own certificate and key, where the receiver asks for one. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Port of syslog over TLS (RFC 5425 §4.1). */
const TLS_PORT = 6514;

/**
 * Reads `--to`: `tls://host:port`, or `tcp://` to this machine, where a forwarder may listen. Addresses and names of
 * rules don't cross a network in clear text.
 * @throws UserError (exit status 2)
 */
export function parseReceiver(text: string): Receiver {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const tls = url?.protocol === 'tls:';
  if (
    url === undefined ||
    (!tls && url.protocol !== 'tcp:') ||
    url.hostname === '' ||
    url.pathname.length > 1
  )
    throw wrong(`--to ${text} is no receiver; write tls://siem.clinic.example:${TLS_PORT}`);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!tls && !/^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host))
    throw wrong(
      `--to ${text} would send the log in clear text; use tls://, or tcp:// to a forwarder on this machine`,
    );
  if (url.port === '' && !tls) throw wrong(`--to ${text} needs a port`);
  return { tls, host, port: url.port === '' ? TLS_PORT : Number(url.port) };
}

const CONNECT_MS = 15_000;
const WRITE_MS = 30_000;

/** Connects to a syslog receiver; its certificate is verified. @throws Error when that fails */
export async function connectSink(receiver: Receiver, doubtMs = 5_000): Promise<Sink> {
  const socket = open(receiver);
  let broken: Error | undefined;
  const fail = (error: Error) => {
    broken ??= error;
  };
  socket.on('error', fail);
  // Nothing is ever answered; reading sees the other side's end.
  socket.on('end', () => fail(new Error('the receiver closed the connection')));
  socket.on('close', () => fail(new Error('the connection was closed')));
  socket.setKeepAlive(true, 60_000);
  await within(CONNECT_MS, socket, once(socket, receiver.tls ? 'secureConnect' : 'connect'));
  socket.resume();
  return {
    doubtMs,
    write: async (text) => {
      if (broken !== undefined) throw broken;
      const written = new Promise<void>((resolve, reject) => {
        const closed = () => reject(broken ?? new Error('the connection was closed'));
        socket.once('close', closed);
        socket.write(text, (error) => {
          socket.off('close', closed);
          if (error == null) resolve();
          else reject(error);
        });
      });
      await within(WRITE_MS, socket, written);
    },
    close: async () => {
      if (broken !== undefined) {
        socket.destroy();
        throw broken;
      }
      socket.off('error', fail);
      const ended = new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.once('close', (hadError) =>
          hadError ? reject(new Error('the connection broke')) : resolve(),
        );
      });
      socket.end();
      await within(WRITE_MS, socket, ended);
    },
  };
}

function open({ tls, host, port, ca, certificate }: Receiver): Socket {
  if (!tls) return connect({ host, port });
  return connectTls({
    host,
    port,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(certificate ?? {}),
  });
}

/** @throws Error when it takes too long; the socket is then gone */
async function within(ms: number, socket: Socket, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the receiver did not answer in time')), ms);
  });
  try {
    await Promise.race([work, late]);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function wrong(text: string): UserError {
  return new UserError(text, { exitStatus: 2 });
}
