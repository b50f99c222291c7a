import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Client } from 'ldapts';
import { createFrameReader, type FrameLimits } from './ldap-frames.js';

/** What a search for one address may bring. */
const ANSWERS: FrameLimits = { maxBytes: 2 * 1024 * 1024, maxMessages: 50 };
/** In the clear only the answer to StartTLS may come: what else came would count as said under TLS. */
const BEFORE_TLS: FrameLimits = { maxBytes: 4096, maxMessages: 1 };

export interface LdapTarget {
  /** `ldap://host:port` or `ldaps://host:port`. */
  readonly url: string;
  readonly startTls: boolean;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
}

/** One connection, to be used once. */
export interface LdapConnection {
  readonly client: Client;
  /** With StartTLS: to be called before anything else. */
  secure(): Promise<void>;
  /** Rejects as soon as the connection is of no more use. The library doesn't notice every way in which one ends. */
  readonly lost: Promise<never>;
  /** Closes it, whatever is under way; never throws. */
  destroy(): void;
}

/**
 * A client of the library on a connection that it can't replace: after a lost connection it would connect again on its
 * own, and go on in the clear where StartTLS had been asked for.
 */
export function openLdap(target: LdapTarget): LdapConnection {
  const { hostname, port, protocol } = new URL(target.url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const tls: ConnectionOptions = {
    minVersion: 'TLSv1.2',
    // Said outright, because NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
    rejectUnauthorized: true,
    // RFC 4513 section 3.1.3: the certificate must name the server as it was configured.
    ...(isIP(host) === 0 ? { servername: host } : { host }),
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  };
  const sockets: Socket[] = [];
  let lose: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    lose = reject;
  });
  // Nobody may be waiting any more.
  lost.catch(() => undefined);
  const keep = <S extends Socket>(socket: S, limits: FrameLimits): S => {
    guard(socket, limits, lose);
    socket.on('close', () => lose(closed()));
    sockets.push(socket);
    return socket;
  };
  const implicitTls = protocol === 'ldaps:';
  const client = new Client({
    url: target.url,
    createConnection: () => {
      if (sockets.length > 0) throw closed();
      const socket = connectTcp({ host, port: Number(port === '' ? 389 : port) });
      return keep(socket, target.startTls ? BEFORE_TLS : ANSWERS);
    },
    createSecureConnection: () => {
      const [plain, ...others] = sockets;
      if (others.length > 0 || (plain === undefined) !== implicitTls) throw closed();
      const socket =
        plain === undefined
          ? connectTls({ host, port: Number(port === '' ? 636 : port), ...tls })
          : connectTls({ socket: plain, ...tls });
      return keep(socket, ANSWERS);
    },
  });
  return {
    client,
    secure: () => (target.startTls ? client.startTLS(tls) : Promise.resolve()),
    lost,
    destroy: () => {
      for (const socket of sockets) {
        // The library takes listeners away that aren't its own, and an error that nobody hears ends the process.
        socket.on('error', () => undefined);
        socket.destroy();
      }
    },
  };
}

/**
 * Lets only checked messages into the socket's stream. What the network brings, decrypted for TLS, enters a stream by
 * `push`, so nobody who reads the socket sees anything else.
 */
function guard(socket: Socket, limits: FrameLimits, lose: (error: Error) => void): void {
  const take = createFrameReader(limits);
  const push = socket.push.bind(socket);
  socket.prependListener('error', lose);
  socket.push = (chunk: unknown) => {
    if (chunk === null) return push(null);
    try {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('a socket gives buffers');
      // Without a message nothing waits to be read, so reading goes on.
      let more = true;
      for (const message of take(chunk)) more = push(message);
      return more;
    } catch (error) {
      lose(error instanceof Error ? error : new TypeError('something else was thrown'));
      socket.destroy();
      return false;
    }
  };
}

function closed(): Error {
  return new Error('the connection to the directory was lost');
}
