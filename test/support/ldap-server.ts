import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { CertificateAndKey } from '../../src/keys/certificates.js';

/** A BER element (X.690), as RFC 4511 uses it; lengths as short as they can be. */
export function ber(tag: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([Buffer.from([tag, 0x84]), length, content]);
}

const integer = (value: number) => ber(0x02, Buffer.from([value]));
const result = (code: number, text = '') => [ber(0x0a, Buffer.from([code])), ber(0x04), ber(0x04, text)];

/** LDAPMessage (RFC 4511 section 4.1.1). */
export function ldapMessage(id: number, operation: Uint8Array, ...controls: readonly Uint8Array[]): Buffer {
  return ber(0x30, integer(id), operation, ...controls);
}

export type Attributes = Readonly<Record<string, readonly (Uint8Array | string)[]>>;

/** SearchResultEntry. */
export function searchEntry(name: string, attributes: Attributes): Buffer {
  return ber(
    0x64,
    ber(0x04, name),
    ber(
      0x30,
      ...Object.entries(attributes).map(([type, values]) =>
        ber(0x30, ber(0x04, type), ber(0x31, ...values.map((value) => ber(0x04, value)))),
      ),
    ),
  );
}

/** SearchResultDone. */
export function searchDone(code = 0): Buffer {
  return ber(0x65, ...result(code, 'free text of the server'));
}

/** What was asked, taken apart as far as tests need it. */
export interface LdapRequest {
  readonly id: number;
  readonly operation: 'bind' | 'unbind' | 'search' | 'start-tls' | 'other';
  readonly bytes: Buffer;
  readonly encrypted: boolean;
}

export interface LdapBehaviour {
  /** Answers a search; by default nothing is found. */
  readonly search?: (socket: Socket, id: number, request: LdapRequest) => void;
  /** Result code of binds. */
  readonly bind?: number;
  /** Answers StartTLS; by default the handshake follows. */
  readonly startTls?: (socket: Socket, id: number) => void;
  readonly connect?: (socket: Socket) => void;
  /** With `start-tls` for connections that begin in the clear, with `tls` for ldaps. */
  readonly tls?: { readonly mode: 'tls' | 'start-tls'; readonly certificate: CertificateAndKey };
}

export interface LdapServer {
  readonly url: string;
  readonly requests: readonly LdapRequest[];
  readonly connections: number;
  /** Resolves when no connection is open any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** A small LDAP server on 127.0.0.1 that says what it is told to say. */
export async function startLdapServer(behaviour: LdapBehaviour): Promise<LdapServer> {
  const requests: LdapRequest[] = [];
  const open = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let connections = 0;
  const serve = (socket: Socket, encrypted: boolean) => {
    // Clients of a hostile server hang up: resets are expected.
    socket.on('error', () => socket.destroy());
    let received = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        // Something else is a handshake that this server doesn't want to make.
        const end = received[0] === 0x30 ? elementEnd(received) : undefined;
        if (end === undefined) return;
        const request = parse(received.subarray(0, end), encrypted);
        received = received.subarray(end);
        requests.push(request);
        reply(socket, request, () => socket.off('data', read));
      }
    };
    socket.on('data', read);
  };
  const reply = (socket: Socket, request: LdapRequest, stopReading: () => void) => {
    const { id, operation } = request;
    if (operation === 'bind') socket.write(ldapMessage(id, ber(0x61, ...result(behaviour.bind ?? 0))));
    else if (operation === 'unbind') socket.end();
    else if (operation === 'search') {
      if (behaviour.search === undefined) socket.write(ldapMessage(id, searchDone()));
      else behaviour.search(socket, id, request);
    } else if (operation === 'start-tls') {
      if (behaviour.startTls !== undefined) behaviour.startTls(socket, id);
      else {
        stopReading();
        socket.write(ldapMessage(id, ber(0x78, ...result(0))));
        upgrade(socket);
      }
    }
  };
  const upgrade = (socket: Socket) => {
    const { tls } = behaviour;
    if (tls === undefined) return;
    const secure = new TLSSocket(socket, {
      isServer: true,
      cert: tls.certificate.certificatePem,
      key: tls.certificate.keyPem,
    });
    serve(secure, true);
  };
  const onConnection = (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      if (open.size === 0) for (const wake of waiting.splice(0)) wake();
    });
    behaviour.connect?.(socket);
    serve(socket, behaviour.tls?.mode === 'tls');
  };
  const server =
    behaviour.tls?.mode === 'tls'
      ? createTlsServer(
          { cert: behaviour.tls.certificate.certificatePem, key: behaviour.tls.certificate.keyPem },
          onConnection,
        )
      : createServer(onConnection);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `${behaviour.tls?.mode === 'tls' ? 'ldaps' : 'ldap'}://127.0.0.1:${port}`,
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

const START_TLS = '1.3.6.1.4.1.1466.20037';

function parse(bytes: Buffer, encrypted: boolean): LdapRequest {
  const content = bytes.subarray(headerLength(bytes));
  const id = content.readIntBE(2, content[1] ?? 1);
  const tag = content[2 + (content[1] ?? 1)];
  const operation =
    tag === 0x60
      ? 'bind'
      : tag === 0x42
        ? 'unbind'
        : tag === 0x63
          ? 'search'
          : tag === 0x77 && content.includes(START_TLS)
            ? 'start-tls'
            : 'other';
  return { id, operation, bytes: Buffer.from(bytes), encrypted };
}

function headerLength(bytes: Buffer): number {
  const first = bytes[1] ?? 0;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
}

function elementEnd(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes[1] ?? 0;
  if (first < 0x80) return bytes.length >= 2 + first ? 2 + first : undefined;
  const head = headerLength(bytes);
  if (bytes.length < head) return undefined;
  const end = head + bytes.readUIntBE(2, first & 0x7f);
  return bytes.length >= end ? end : undefined;
}
