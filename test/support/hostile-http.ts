import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { CertificateAndKey } from '../../src/keys/certificates.js';

/** One request as it came. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case; the last of equal ones. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Writes an answer, or something else, to the socket. What it starts must end when the socket closes. */
export type Behaviour = (socket: Socket, request: SeenRequest) => void;

export interface HostileHttp {
  readonly port: number;
  /** `http://127.0.0.1:port` or, with a certificate, `https://127.0.0.1:port`. */
  readonly origin: string;
  readonly requests: readonly SeenRequest[];
  /** Connections made so far. */
  readonly connections: number;
  /** Resolves when no connection is open any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * An HTTP server on 127.0.0.1 that behaves as it is told, by path (without query); everything else is 404. It writes
 * to the socket itself, because node:http would not misbehave.
 * @param tls serves https with this certificate
 */
export async function startHostileHttp(
  behaviours: Readonly<Record<string, Behaviour>>,
  tls?: CertificateAndKey,
  at: { readonly host?: string; readonly port?: number } = {},
): Promise<HostileHttp> {
  const requests: SeenRequest[] = [];
  const open = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let connections = 0;
  const onConnection = (socket: Socket) => {
    connections += 1;
    open.add(socket);
    // Clients of a hostile server hang up: resets are expected.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      open.delete(socket);
      if (open.size === 0) for (const wake of waiting.splice(0)) wake();
    });
    let received = Buffer.alloc(0);
    socket.on('data', function read(chunk: Buffer) {
      received = Buffer.concat([received, chunk]);
      // What servers say to a TLS handshake on their port for http.
      if (received[0] === 0x16) answer('', { status: 400 })(socket, NO_REQUEST);
      const request = parseRequest(received);
      if (request === undefined) return;
      socket.off('data', read);
      socket.resume();
      requests.push(request);
      const behave = behaviours[request.path.replace(/\?.*$/, '')] ?? answer('', { status: 404 });
      behave(socket, request);
    });
  };
  const server: Server =
    tls === undefined
      ? createTcpServer(onConnection)
      : createTlsServer({ cert: tls.certificatePem, key: tls.keyPem }, onConnection);
  server.on('tlsClientError', () => undefined);
  const { host = '127.0.0.1' } = at;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    port,
    origin: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    requests,
    get connections() {
      return connections;
    },
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

const NO_REQUEST: SeenRequest = { method: '', path: '', headers: {}, body: Buffer.alloc(0) };

/** The request once its header and body are there. */
function parseRequest(bytes: Buffer): SeenRequest | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = bytes.subarray(end + 4);
  const length = Number(headers['content-length'] ?? 0);
  return body.length < length ? undefined : { method, path, headers, body: body.subarray(0, length) };
}

/** A well-behaved answer. */
export function answer(
  body: string | Uint8Array,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Behaviour {
  const bytes = Buffer.from(body);
  return (socket) => {
    socket.write(
      head(options.status ?? 200, {
        'Content-Length': String(bytes.length),
        Connection: 'close',
        ...options.headers,
      }),
    );
    socket.end(bytes);
  };
}

export function redirect(location: string, status = 302): Behaviour {
  return answer('', { status, headers: { Location: location } });
}

/** Never says anything. */
export const silence: Behaviour = () => undefined;

/** Sends what is given and nothing more; the connection stays open. */
export function sendAndHang(text: string | Uint8Array): Behaviour {
  return (socket) => {
    socket.write(text);
  };
}

/** Sends what is given and closes, however much was promised. */
export function sendAndClose(text: string | Uint8Array): Behaviour {
  return (socket) => {
    socket.end(text);
  };
}

/** Breaks the connection off with a reset after these bytes. */
export function sendAndReset(text: string): Behaviour {
  return (socket) => {
    socket.write(text, () => socket.resetAndDestroy());
  };
}

/** A body without end, as fast as it is read. */
export const endlessBody: Behaviour = (socket) => {
  const block = Buffer.alloc(65_536, 0x41);
  const more = () => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', more);
  socket.write(head(200, { Connection: 'close' }));
  more();
};

/** A header without end. */
export const endlessHeader: Behaviour = (socket) => {
  const block = `X-Filler: ${'a'.repeat(1000)}\r\n`;
  const more = () => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', more);
  socket.write('HTTP/1.1 200 OK\r\n');
  more();
};

/** Interim answers (RFC 9110 15.2) without end. */
export const endlessInterim: Behaviour = (socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'));
  };
  socket.on('drain', more);
  more();
};

/** The answer one byte at a time, header or body, and never its end. */
export function drip(part: 'header' | 'body', everyMs = 5): Behaviour {
  return (socket) => {
    socket.write(part === 'body' ? head(200, { 'Content-Length': '9999' }) : 'HTTP/1.1 200 OK\r\nX-Slow: ');
    const timer = setInterval(() => socket.write('a'), everyMs);
    socket.on('close', () => clearInterval(timer));
  };
}

/** A small gzip that would grow to `size` bytes, sent although nobody asked for compression. */
export function gzipBomb(size: number): Behaviour {
  return answer(gzipSync(Buffer.alloc(size)), { headers: { 'Content-Encoding': 'gzip' } });
}

/** Status line and header fields. */
export function head(status: number, headers: Readonly<Record<string, string>>): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Said\r\n${fields.join('')}\r\n`;
}
