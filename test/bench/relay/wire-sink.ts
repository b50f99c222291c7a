import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { CertificateAndKey } from '../../../src/keys/certificates.js';

export interface WireSink {
  readonly port: number;
  close(): void;
}

/**
 * A recipients' server that throws everything away, made to cost little. With a certificate it takes mail over STARTTLS only.
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
    let rest = '';
    let data = false;
    let recipients: string[] = [];
    const say = (text: string) => socket.write(`${text}\r\n`);
    const upgrade = () => {
      socket.removeAllListeners('data');
      say('220 go on');
      serve(new TLSSocket(socket, { isServer: true, ...(secureContext && { secureContext }) }), true);
    };
    const obey = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') {
        const more = secureContext !== undefined && !secure ? ['STARTTLS'] : [];
        const said = ['sink.partner.example', '8BITMIME', 'PIPELINING', 'SIZE 104857600', ...more];
        say(said.map((text, i) => `250${i === said.length - 1 ? ' ' : '-'}${text}`).join('\r\n'));
      } else if (verb === 'STAR') upgrade();
      else if (verb === 'MAIL') say(secureContext !== undefined && !secure ? '530 TLS first' : '250 ok');
      else if (verb === 'RCPT') {
        recipients.push(/<(.*?)>/.exec(line)?.[1] ?? '');
        say('250 ok');
      } else if (verb === 'DATA') {
        data = true;
        say('354 go on');
      } else if (verb === 'RSET') {
        recipients = [];
        say('250 ok');
      } else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else say('250 ok');
    };
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      rest += chunk.toString('latin1');
      for (;;) {
        const end = data ? endOfData(rest) : rest.indexOf('\r\n') + 1;
        if (end <= 0) break;
        if (data) {
          rest = rest.slice(end);
          data = false;
          onMessage(recipients);
          recipients = [];
          say('250 taken');
        } else {
          const line = rest.slice(0, end - 1);
          rest = rest.slice(end + 1);
          obey(line);
        }
      }
      // Only its end is of interest.
      if (data && rest.length > 4) rest = rest.slice(-4);
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

/** Where what follows a message begins; 0: it goes on. */
function endOfData(text: string): number {
  if (text.startsWith('.\r\n')) return 3;
  const at = text.indexOf('\r\n.\r\n');
  return at < 0 ? 0 : at + 5;
}
