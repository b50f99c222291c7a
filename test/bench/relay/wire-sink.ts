import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { CertificateAndKey } from '../../../src/keys/certificates.js';

export interface WireSink {
  readonly port: number;
  close(): void;
}

/**
 * A recipients' server that throws everything away, made to cost little. With a certificate it takes mail over STARTTLS only.
 * Replies to commands that came together leave together (RFC 2920 3.2).
 * @param onMessage with the envelope recipients of each message, before its 250
 */
export async function startWireSink(
  certificate: CertificateAndKey | undefined,
  onMessage: (recipients: readonly string[]) => void,
): Promise<WireSink> {
  const secureContext =
    certificate === undefined
      ? undefined
      : createSecureContext({ cert: certificate.certificatePem, key: certificate.keyPem });
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.write('220 sink.partner.example ESMTP\r\n');
    serve(socket, false);
  });
  const serve = (socket: Socket, secure: boolean) => {
    /** The beginning of a line, or the last octets of the message that is coming. */
    let rest: Buffer | undefined;
    let data = false;
    let recipients: string[] = [];
    let replies = '';
    const upgrade = () => {
      socket.removeAllListeners('data');
      socket.write('220 go on\r\n');
      serve(new TLSSocket(socket, { isServer: true, ...(secureContext && { secureContext }) }), true);
    };
    const obey = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') {
        const more = secureContext !== undefined && !secure ? ['STARTTLS'] : [];
        const said = ['sink.partner.example', '8BITMIME', 'PIPELINING', 'SIZE 104857600', ...more];
        replies += said.map((text, i) => `250${i === said.length - 1 ? ' ' : '-'}${text}\r\n`).join('');
      } else if (verb === 'STAR') upgrade();
      else if (verb === 'MAIL')
        replies += secureContext !== undefined && !secure ? '530 TLS first\r\n' : '250 ok\r\n';
      else if (verb === 'RCPT') {
        recipients.push(line.slice(line.indexOf('<') + 1, line.indexOf('>')));
        replies += '250 ok\r\n';
      } else if (verb === 'DATA') {
        data = true;
        replies += '354 go on\r\n';
      } else if (verb === 'RSET') {
        recipients = [];
        replies += '250 ok\r\n';
      } else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else replies += '250 ok\r\n';
    };
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const all = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      while (from < all.length) {
        const end = data ? endOfData(all, from) : all.indexOf(LF, from) + 1;
        if (end === 0) break;
        if (data) {
          data = false;
          onMessage(recipients);
          recipients = [];
          replies += '250 taken\r\n';
        } else obey(all.toString('latin1', from, end - 2));
        // The end of the line DATA is the beginning of the end of an empty message.
        from = data ? end - 2 : end;
      }
      // Of a message only its end is of interest.
      if (data) from = Math.max(from, all.length - LAST);
      rest = from < all.length ? all.subarray(from) : undefined;
      if (replies !== '') socket.write(replies, 'latin1');
      replies = '';
    });
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const LF = 0x0a;
const END = Buffer.from('\r\n.\r\n');
/** Octets of the end that may have come so far. */
const LAST = END.length - 1;

/** Where what follows a message begins; 0: it goes on. */
function endOfData(all: Buffer, from: number): number {
  const at = all.indexOf(END, from);
  return at < 0 ? 0 : at + END.length;
}
