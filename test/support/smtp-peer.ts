import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { CertificateAndKey } from '../../src/keys/certificates.js';

/** A point of the dialogue at which a peer can misbehave. */
export type PeerStage =
  | 'connect'
  | 'EHLO'
  | 'STARTTLS'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'content'
  | 'end'
  | 'RSET';

/** How a peer behaves. What is left out is as a good server does it. */
export interface PeerBehaviour {
  /** What happens to TLS. `offer` by default when there is a certificate, else `none`. */
  readonly startTls?:
    | 'offer'
    /** Not among the keywords (stripped). */
    | 'none'
    | '454'
    | '502'
    /** 220, then bytes that are no TLS. */
    | 'garbage'
    /** 220 and, in the same packet, replies in the clear for what comes after TLS. */
    | 'injection'
    /** 220, then the connection ends. */
    | 'cut'
    /** 220, then silence. */
    | 'silence'
    /** Speaks TLS 1.1 at most. */
    | 'old';
  /** Keywords beside STARTTLS. */
  readonly keywords?: readonly string[];
  /** Keywords said only before TLS, to be forgotten. */
  readonly clearKeywords?: readonly string[];
  /**
   * Replies instead of the good one; RCPT may look at the address. STARTTLS: anything but 220 refuses. `content`: said
   * half-way, after which the peer reads no more.
   */
  readonly replies?: Partial<Record<PeerStage, string | ((argument: string) => string)>>;
  readonly closeAt?: PeerStage;
  readonly stallAt?: PeerStage;
  /** Breaks the connection with a TCP reset. */
  readonly resetAt?: PeerStage;
  /** Settings of its TLS beside the certificate: old versions, weak suites, asking for a client certificate. */
  readonly tls?: TLSSocketOptions;
  /** EHLO is not known, HELO is. */
  readonly helloOnly?: boolean;
  readonly implicitTls?: boolean;
  /** Takes the message with 250 and breaks the connection in the same moment. */
  readonly resetAfterTaking?: boolean;
  /** Sends each reply byte by byte, so many milliseconds apart. */
  readonly dripMs?: number;
  /** Called when a DATA is about to be allowed; what it gives is kept with the message. */
  readonly noteAtData?: () => number;
}

export interface PeerMessage {
  readonly mail: string;
  readonly rcpts: readonly string[];
  /** As sent, dot-stuffing and final dot included. */
  readonly content: string;
  /** Protocol version, or undefined in the clear. */
  readonly tls: string | undefined;
  /** What `noteAtData` gave. */
  readonly noted?: number;
}

export interface SmtpPeer {
  readonly host: string;
  readonly port: number;
  readonly connections: () => number;
  /** Most connections open at the same time. */
  readonly mostAtOnce: () => number;
  /** Connections open now. */
  readonly openNow: () => number;
  /** Every byte that came outside TLS, and every byte that came inside. */
  readonly clear: () => string;
  readonly secured: () => string;
  /** What came outside TLS, piece by piece as it came. */
  readonly writes: () => readonly string[];
  /** Command lines in order. */
  readonly commands: readonly string[];
  readonly messages: readonly PeerMessage[];
  /** Changes how it behaves from the next connection on; a function may look at the connection's number, from 1. */
  behave(behaviour: PeerBehaviour | ((connection: number) => PeerBehaviour)): void;
  close(): Promise<void>;
}

const DEFAULT_KEYWORDS = [
  'PIPELINING',
  'SIZE 50000000',
  '8BITMIME',
  'SMTPUTF8',
  'DSN',
  'ENHANCEDSTATUSCODES',
];

/** Starts an SMTP server on a loopback address that behaves, or misbehaves, as told and records everything. */
export async function startPeer(
  options: {
    readonly host?: string;
    readonly port?: number;
    readonly certificate?: CertificateAndKey;
    readonly behaviour?: PeerBehaviour | ((connection: number) => PeerBehaviour);
  } = {},
): Promise<SmtpPeer> {
  const host = options.host ?? '127.0.0.1';
  let behaviour: PeerBehaviour | ((connection: number) => PeerBehaviour) = options.behaviour ?? {};
  const clear: Buffer[] = [];
  const secured: Buffer[] = [];
  const commands: string[] = [];
  const messages: PeerMessage[] = [];
  const open = new Set<Socket>();
  let connections = 0;
  let mostAtOnce = 0;

  const server: Server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    // Replies one by one to a pipelined envelope must not wait for each other's acknowledgement.
    socket.setNoDelay(true);
    mostAtOnce = Math.max(mostAtOnce, open.size);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    const now = typeof behaviour === 'function' ? behaviour(connections) : behaviour;
    serve(socket, now, options.certificate, { clear, secured, commands, messages });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    host,
    port: address.port,
    connections: () => connections,
    mostAtOnce: () => mostAtOnce,
    openNow: () => open.size,
    clear: () => Buffer.concat(clear).toString('latin1'),
    secured: () => Buffer.concat(secured).toString('latin1'),
    writes: () => clear.map((chunk) => chunk.toString('latin1')),
    commands,
    messages,
    behave: (next) => {
      behaviour = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

interface Records {
  readonly clear: Buffer[];
  readonly secured: Buffer[];
  readonly commands: string[];
  readonly messages: PeerMessage[];
}

function serve(
  raw: Socket,
  behaviour: PeerBehaviour,
  certificate: CertificateAndKey | undefined,
  records: Records,
): void {
  let socket: Socket = raw;
  let tls: TLSSocket | undefined;
  let buffer = '';
  let mail = '';
  let rcpts: string[] = [];
  let inContent = false;
  let content = '';
  let noted: number | undefined;
  let loginSteps = 0;

  const dripping: { readonly to: Socket; readonly byte: string }[] = [];
  let isDripping = false;
  const drip = () => {
    const next = dripping.shift();
    isDripping = next !== undefined && !next.to.destroyed;
    if (next === undefined || !isDripping) return;
    next.to.write(next.byte);
    setTimeout(drip, behaviour.dripMs);
  };
  const say = (text: string) => {
    if (socket.destroyed) return;
    const line = text.endsWith('\r\n') ? text : `${text}\r\n`;
    if (behaviour.dripMs === undefined) {
      socket.write(line);
      return;
    }
    // What is said in the clear goes out there, also when TLS is begun meanwhile.
    dripping.push(...[...line].map((byte) => ({ to: socket, byte })));
    if (!isDripping) drip();
  };
  /** True when the peer does something else than go on. */
  const odd = (stage: PeerStage): boolean => {
    if (behaviour.closeAt === stage) {
      raw.destroy();
      return true;
    }
    if (behaviour.resetAt === stage) {
      raw.resetAndDestroy();
      return true;
    }
    return behaviour.stallAt === stage;
  };
  const answer = (stage: PeerStage, good: string, argument = ''): string => {
    const wanted = behaviour.replies?.[stage];
    const text = typeof wanted === 'function' ? wanted(argument) : (wanted ?? good);
    say(text);
    return text;
  };
  const offered = () => {
    const startTls = behaviour.startTls ?? (certificate === undefined ? 'none' : 'offer');
    return [
      'peer.test at your service',
      ...(behaviour.keywords ?? DEFAULT_KEYWORDS),
      ...(tls === undefined ? (behaviour.clearKeywords ?? []) : []),
      ...(tls === undefined && startTls !== 'none' ? ['STARTTLS'] : []),
    ];
  };

  const onData = (chunk: Buffer) => {
    (tls === undefined ? records.clear : records.secured).push(chunk);
    buffer += chunk.toString('latin1');
    for (;;) {
      const end = buffer.indexOf('\r\n');
      if (end < 0) return;
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      if (inContent) onContent(line);
      else onCommand(line);
      // What came before it broke off is not taken.
      if (raw.destroyed) return;
    }
  };
  const onContent = (line: string) => {
    content += `${line}\r\n`;
    if (line !== '.') {
      if (content.length > 200 && !odd('content') && behaviour.replies?.content !== undefined) {
        // Refuses without hearing the message out.
        answer('content', '');
        raw.pause();
        buffer = '';
        inContent = false;
      }
      return;
    }
    inContent = false;
    if (odd('end')) return;
    if (answer('end', '250 2.0.0 taken').startsWith('2')) {
      records.messages.push({
        mail,
        rcpts,
        content,
        tls: tls?.getProtocol() ?? undefined,
        ...(noted === undefined ? {} : { noted }),
      });
      // After what was just written has left.
      if (behaviour.resetAfterTaking === true) setImmediate(() => raw.resetAndDestroy());
    }
    rcpts = [];
  };
  const onCommand = (line: string) => {
    records.commands.push(line);
    if (loginSteps > 0) {
      loginSteps -= 1;
      say(loginSteps === 0 ? '235 2.7.0 welcome' : '334 UGFzc3dvcmQ6');
      return;
    }
    const verb = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
    switch (verb) {
      case 'EHLO':
        if (odd('EHLO')) return;
        if (behaviour.helloOnly === true) return say('502 5.5.1 what?');
        if (behaviour.replies?.EHLO !== undefined) {
          answer('EHLO', '');
          return;
        }
        return say(
          offered()
            .map((keyword, i, all) => `250${i === all.length - 1 ? ' ' : '-'}${keyword}`)
            .join('\r\n'),
        );
      case 'HELO':
        return say('250 peer.test');
      case 'STARTTLS':
        return onStartTls();
      case 'AUTH':
        if (line.toUpperCase() === 'AUTH LOGIN') {
          loginSteps = 2;
          return say('334 VXNlcm5hbWU6');
        }
        return say('235 2.7.0 welcome');
      case 'MAIL':
        mail = line;
        rcpts = [];
        if (!odd('MAIL')) answer('MAIL', '250 2.1.0 fine', line);
        return;
      case 'RCPT':
        if (!odd('RCPT') && answer('RCPT', '250 2.1.5 fine', line).startsWith('2')) rcpts.push(line);
        return;
      case 'DATA':
        if (odd('DATA')) return;
        noted = behaviour.noteAtData?.();
        if (answer('DATA', rcpts.length > 0 ? '354 go on' : '554 5.5.1 nobody').startsWith('354')) {
          inContent = true;
          content = '';
        }
        return;
      case 'RSET':
        if (odd('RSET')) return;
        rcpts = [];
        answer('RSET', '250 2.0.0 fine');
        return;
      case 'QUIT':
        say('221 2.0.0 bye');
        socket.end();
        return;
      default:
        say('500 5.5.2 what?');
    }
  };
  const onStartTls = () => {
    if (odd('STARTTLS')) return;
    if (behaviour.replies?.STARTTLS !== undefined) {
      answer('STARTTLS', '');
      return;
    }
    switch (behaviour.startTls) {
      case '454':
        return say('454 4.7.0 TLS not available now');
      case '502':
        return say('502 5.5.1 not here');
      case 'garbage':
        say('220 2.0.0 go on');
        raw.removeListener('data', onData);
        raw.on('data', (chunk: Buffer) => records.clear.push(chunk));
        raw.write('this is not TLS at all, and it goes on for a while\r\n'.repeat(4));
        return;
      case 'injection':
        raw.write(`220 2.0.0 go on\r\n250-injected\r\n250 8BITMIME\r\n`);
        return secure();
      case 'cut':
        say('220 2.0.0 go on');
        raw.destroySoon();
        return;
      case 'silence':
        return say('220 2.0.0 go on');
      default:
        say('220 2.0.0 go on');
        return secure();
    }
  };
  const secure = () => {
    if (certificate === undefined) throw new Error('a peer without a certificate');
    raw.removeListener('data', onData);
    buffer = '';
    const old = behaviour.startTls === 'old';
    tls = new TLSSocket(raw, {
      ...behaviour.tls,
      isServer: true,
      secureContext: createSecureContext({
        cert: certificate.certificatePem,
        key: certificate.keyPem,
        ...behaviour.tls,
        ...(old ? { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
      }),
    });
    tls.on('error', () => raw.destroy());
    tls.on('data', onData);
    socket = tls;
  };

  if (behaviour.implicitTls === true) secure();
  else raw.on('data', onData);
  if (!odd('connect')) answer('connect', '220 peer.test ESMTP');
}
