import { SMTPServer } from 'smtp-server';
import { type CertificateAndKey, issueCertificate } from '../../src/keys/certificates.js';

/** A message as a recipients' server got it. */
export interface Sunk {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly tls: string | undefined;
  readonly text: string;
}

export interface Sink {
  readonly host: string;
  readonly port: number;
  readonly messages: readonly Sunk[];
  /** Resolves with the first message that fits, now or later. */
  next(fits: (message: Sunk) => boolean): Promise<Sunk>;
  close(): Promise<void>;
}

const DAY = 86_400_000;

/** A CA for tests, and certificates of it. */
export async function testCa(): Promise<{
  readonly pem: string;
  issue(name: string): Promise<CertificateAndKey>;
}> {
  const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };
  const ca = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...validity });
  return {
    pem: ca.certificatePem,
    issue: (name) => issueCertificate({ commonName: name, names: [name], issuer: ca, ...validity }),
  };
}

/**
 * A well-behaved recipients' server; without a certificate it doesn't offer STARTTLS.
 * `refuse` gives the reply code for a recipient it doesn't want; `beforeAnswer` runs between a message and its 250.
 */
export async function startSink(options: {
  readonly host?: string;
  readonly port?: number;
  readonly certificate?: CertificateAndKey;
  readonly refuse?: (recipient: string) => number | undefined;
  readonly beforeAnswer?: (message: Sunk) => Promise<void>;
}): Promise<Sink> {
  const messages: Sunk[] = [];
  const waiting = new Set<() => void>();
  const { certificate, host = '127.0.0.1', port = 0 } = options;
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    // By itself it hangs up after a minute in which nothing comes: on a test that keeps an answer back, or a slow machine.
    socketTimeout: 3_600_000,
    disabledCommands: certificate === undefined ? ['AUTH', 'STARTTLS'] : ['AUTH'],
    ...(certificate === undefined ? {} : { cert: certificate.certificatePem, key: certificate.keyPem }),
    onRcptTo: ({ address }, _session, done) => {
      const code = options.refuse?.(address);
      done(code === undefined ? null : Object.assign(new Error('not wanted here'), { responseCode: code }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', done);
      stream.on('end', () => {
        const from = session.envelope.mailFrom;
        const message: Sunk = {
          sender: from === false ? '' : from.address,
          recipients: session.envelope.rcptTo.map((one) => one.address),
          tls: session.tlsOptions === false ? undefined : (session.tlsOptions.version ?? 'TLS'),
          text: Buffer.concat(chunks).toString('utf8'),
        };
        const accept = () => {
          messages.push(message);
          done(null, '2.0.0 accepted');
          for (const wake of [...waiting]) wake();
        };
        if (options.beforeAnswer === undefined) accept();
        else options.beforeAnswer(message).then(accept, done);
      });
    },
  });
  server.on('error', () => undefined);
  const bound = await new Promise<number>((resolve, reject) => {
    server.server.once('error', reject);
    const listening = server.listen(port, host, () => {
      const address = listening.address();
      if (address === null || typeof address === 'string') reject(new Error('no TCP port'));
      else resolve(address.port);
    });
  });
  return {
    host,
    port: bound,
    messages,
    next: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = messages.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
