import { SMTPServer } from 'smtp-server';
import { type CertificateAndKey, issueCertificate } from '../../keys/certificates.js';

/** A message as a demo peer received it. */
export interface Received {
  readonly peer: string;
  readonly recipients: readonly string[];
  readonly sender: string;
  /** Whether it came over TLS, and by which protocol version. */
  readonly tls?: string;
  readonly bytes: Buffer;
}

/** A recipients' server on loopback. */
export interface Peer {
  readonly name: string;
  readonly domain: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface Peers {
  readonly list: readonly Peer[];
  readonly received: readonly Received[];
  /** PEM of the demo CA, which the relay is told to trust. */
  readonly caPem: string;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/**
 * Starts the recipients' servers of the demo on 127.0.0.1: one with a certificate of the demo CA, one with a
 * self-signed certificate, one without STARTTLS, and one that refuses each recipient once with 451.
 */
export async function startPeers(now: number): Promise<Peers> {
  const validity = { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + 30 * DAY_MS) };
  const ca = await issueCertificate({ commonName: 'Sallyport demo CA', names: [], isCa: true, ...validity });
  const leaf = (name: string, issuer?: CertificateAndKey) =>
    issueCertificate({
      commonName: name,
      names: [name],
      ...validity,
      ...(issuer === undefined ? {} : { issuer }),
    });
  const received: Received[] = [];
  const list = [
    await startPeer({
      name: 'valid certificate',
      domain: 'hospital.example',
      certificate: await leaf('mx.hospital.example', ca),
      received,
    }),
    await startPeer({
      name: 'self-signed certificate',
      domain: 'practice.example',
      certificate: await leaf('mx.practice.example'),
      received,
    }),
    await startPeer({ name: 'no STARTTLS', domain: 'oldhost.example', received }),
    await startPeer({
      name: 'busy at first',
      domain: 'busy.example',
      certificate: await leaf('mx.busy.example', ca),
      received,
      refuseFirst: true,
    }),
    await startPeer({
      name: 'the clinic itself',
      domain: 'clinic.example',
      certificate: await leaf('mx.clinic.example', ca),
      received,
    }),
  ];
  return {
    list,
    received,
    caPem: ca.certificatePem,
    close: async () => {
      for (const peer of list) await peer.close();
    },
  };
}

async function startPeer(options: {
  readonly name: string;
  readonly domain: string;
  readonly certificate?: CertificateAndKey;
  readonly received: Received[];
  readonly refuseFirst?: boolean;
}): Promise<Peer> {
  const seen = new Set<string>();
  const { certificate } = options;
  const server = new SMTPServer({
    name: `mx.${options.domain}`,
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: certificate === undefined ? ['AUTH', 'STARTTLS'] : ['AUTH'],
    ...(certificate === undefined ? {} : { cert: certificate.certificatePem, key: certificate.keyPem }),
    onRcptTo: (address, _session, done) => {
      if (options.refuseFirst === true && !seen.has(address.address)) {
        seen.add(address.address);
        done(Object.assign(new Error('busy, try again later'), { responseCode: 451 }));
        return;
      }
      done();
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', done);
      stream.on('end', () => {
        const from = session.envelope.mailFrom;
        options.received.push({
          peer: options.name,
          recipients: session.envelope.rcptTo.map((one) => one.address),
          sender: from === false ? '' : from.address,
          bytes: Buffer.concat(chunks),
          ...(session.tlsOptions === false ? {} : { tls: session.tlsOptions.version ?? 'TLS' }),
        });
        done(null, '2.0.0 accepted');
      });
    },
  });
  // A client that goes away is the demo's subject, not its failure.
  server.on('error', () => undefined);
  const port = await new Promise<number>((resolve, reject) => {
    server.server.once('error', reject);
    const listening = server.listen(0, '127.0.0.1', () => {
      const address = listening.address();
      if (address === null || typeof address === 'string') reject(new Error('no TCP port'));
      else resolve(address.port);
    });
  });
  return {
    name: options.name,
    domain: options.domain,
    port,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
