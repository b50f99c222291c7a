import { connect, isIP, type Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { ReachedTlsLevel } from '../model/method.js';
import type { TlsFacts } from '../model/tls-facts.js';
import { errorCode } from '../shared/errors.js';
import { SmtpFailure } from './smtp-failure.js';
import { type Capabilities, NO_CAPABILITIES, readCapabilities } from './smtp-reply.js';
import { createWire, type Wire } from './smtp-wire.js';
import { type TlsCheck, tlsFacts } from './tls-check.js';
import { handshake } from './tls-handshake.js';
import { reaches } from './tls-levels.js';

/*
 * Our own SMTP client, not a library's: each recipient has DSN parameters of its own, the RCPTs must be the decided
 * ones byte for byte, the checked IP address itself is dialled, bytes injected before TLS end the session instead of
 * being dropped, and the certificate is judged between handshake and EHLO. It can do what an MTA needs and no more.
 */

/** Milliseconds. */
export interface SmtpTimeouts {
  readonly connect: number;
  /** Greeting, EHLO, MAIL, RCPT: 5 minutes in RFC 5321 4.5.3.2; the others are in its proportions. */
  readonly command: number;
}

export interface SessionOptions {
  readonly host: string;
  /** IP address that was checked; no further lookup happens. */
  readonly address: string;
  readonly port: number;
  /** Own address to connect from; absent: the system's choice. */
  readonly localAddress?: string;
  /** Our own name for EHLO. */
  readonly hostname: string;
  readonly implicitTls: boolean;
  /** `no`: don't even try STARTTLS (after an opportunistic handshake failed). */
  readonly startTls: 'yes' | 'no';
  /** Least level before anything about a message is said; `none` permits clear text. */
  readonly least: ReachedTlsLevel;
  /** Whether `tls.context` offers only what the configuration lists. */
  readonly configuredTls: boolean;
  readonly tls: TlsCheck & { readonly context: SecureContext };
  /** Log-in at a smarthost; sent over verified TLS only. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly timeouts: SmtpTimeouts;
  /** Told of the socket, so that stopping can cut it. */
  readonly onSocket?: (socket: Socket) => void;
  /** Told what an established TLS session reached, before anything can come of it. */
  readonly onTls?: (facts: TlsFacts) => void;
}

export interface SmtpSession {
  readonly host: string;
  readonly address: string;
  readonly facts: TlsFacts;
  /** Whether it was made with the version and suites of the configuration alone. */
  readonly configuredTls: boolean;
  readonly server: Capabilities;
  readonly wire: Wire;
  readonly timeouts: SmtpTimeouts;
}

/**
 * Dials, greets, secures and logs in. When this resolves, the session has reached at least `least`.
 * @throws SmtpFailure
 */
export async function openSession(options: SessionOptions): Promise<SmtpSession> {
  const socket = await dial(options);
  let wire: Wire | undefined;
  try {
    const opened = options.implicitTls
      ? await openImplicit(options, socket)
      : await openStartTls(options, socket);
    wire = opened.wire;
    if (!reaches(opened.facts.level, options.least))
      throw new SmtpFailure(
        'tls-policy',
        opened.facts.shortfall ?? 'TLS of the level demanded was not reached',
      );
    if (options.login !== undefined) await logIn(opened, options.login, options.timeouts);
    return {
      host: options.host,
      address: options.address,
      timeouts: options.timeouts,
      configuredTls: options.configuredTls,
      ...opened,
    };
  } catch (error) {
    wire?.destroy();
    socket.destroy();
    throw error;
  }
}

/** QUIT, without waiting long for the answer. */
export async function closeSession(session: SmtpSession): Promise<void> {
  try {
    if (session.wire.usable()) await session.wire.send('QUIT', Math.min(session.timeouts.command, 2000));
  } catch {
    // Nothing was in progress: how the peer says goodbye changes nothing.
  } finally {
    session.wire.destroy();
  }
}

interface Opened {
  readonly wire: Wire;
  readonly facts: TlsFacts;
  readonly server: Capabilities;
}

function dial(options: SessionOptions): Promise<Socket> {
  if (isIP(options.address) === 0) throw new TypeError('only IP addresses are dialled');
  return new Promise((resolve, reject) => {
    const { address: host, port, localAddress } = options;
    const socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
    const timer = setTimeout(() => fail('the connection attempt timed out'), options.timeouts.connect);
    const fail = (why: string) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new SmtpFailure('unreachable', why));
    };
    const onError = (error: Error) => fail(`no connection (${errorCode(error) ?? 'error'})`);
    const onClose = () => fail('the connection was closed by us');
    socket.once('error', onError);
    socket.once('close', onClose);
    // At once: stopping must be able to cut what is still connecting, too.
    options.onSocket?.(socket);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      // Until the wire takes over: an error in between must not be uncaught; the wire sees the close.
      socket.on('error', () => socket.destroy());
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

async function openImplicit(options: SessionOptions, socket: Socket): Promise<Opened> {
  const secured = await handshake(socket, options.tls.name, options.tls.context, options.timeouts.command);
  const facts = judge(secured, options);
  const wire = createWire(secured);
  await established(options, facts, greeting(wire, options));
  return { wire, facts, server: await hello(wire, options) };
}

async function openStartTls(options: SessionOptions, socket: Socket): Promise<Opened> {
  const clear = createWire(socket);
  await greeting(clear, options);
  const offered = await hello(clear, options);
  const noTls = (shortfall: string): Opened => ({
    wire: clear,
    facts: { level: 'none', shortfall },
    server: offered,
  });
  if (options.startTls === 'no') return noTls('the TLS handshake failed');
  if (!offered.startTls) {
    if (options.least !== 'none') throw new SmtpFailure('tls-policy', 'it does not offer STARTTLS');
    return noTls('STARTTLS was not offered');
  }
  const { code } = await startingTls(clear, clear.send('STARTTLS', options.timeouts.command));
  if (code !== 220) {
    if (options.least === 'none' && clear.usable() && code !== 421)
      return noTls(`STARTTLS was refused with ${code}`);
    throw new SmtpFailure(code >= 500 ? 'tls-policy' : 'tls-temporary', `it refused STARTTLS with ${code}`);
  }
  const secured = await handshake(
    releaseForTls(clear, socket),
    options.tls.name,
    options.tls.context,
    options.timeouts.command,
  );
  const facts = judge(secured, options);
  // RFC 3207 4.2: everything learnt before TLS is forgotten; what counts is said now.
  const wire = createWire(secured);
  return {
    wire,
    facts,
    server: await startingTls(wire, established(options, facts, hello(wire, options))),
  };
}

/**
 * A connection that ends between STARTTLS and the first reply inside TLS: the server was reached, so it is TLS that
 * failed. With TLS 1.3 a server may refuse the client only after the client has finished its handshake.
 */
async function startingTls<T>(wire: Wire, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SmtpFailure && error.kind === 'unreachable' && !wire.usable())
      throw new SmtpFailure('tls-temporary', `TLS could not be started: ${error.message}`, { cause: error });
    throw error;
  }
}

function judge(secured: TLSSocket, options: SessionOptions): TlsFacts {
  const facts = tlsFacts(secured, options.tls);
  if (reaches(facts.level, options.least)) return facts;
  // What was seen counts even where it isn't enough.
  options.onTls?.(facts);
  throw new SmtpFailure('tls-policy', facts.shortfall ?? 'TLS of the level demanded was not reached');
}

/**
 * Tells of the session whatever comes of the first words inside it, with one exception: with TLS 1.3 a server that
 * demands a client certificate says so only now, by an alert inside the encryption, which nobody else can make. That
 * ends its handshake; a level that it never grants would keep notices back for ever, past every reset.
 */
async function established<T>(options: SessionOptions, facts: TlsFacts, words: Promise<T>): Promise<T> {
  try {
    const said = await words;
    options.onTls?.(facts);
    return said;
  } catch (error) {
    const cause = error instanceof SmtpFailure ? errorCode(error.cause) : undefined;
    if (cause !== 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') options.onTls?.(facts);
    throw error;
  }
}

/** Bytes that came in the clear behind the 220 were put there by somebody else (response injection). */
function releaseForTls(wire: Wire, socket: Socket): Socket {
  if (socket.destroyed)
    throw new SmtpFailure('tls-temporary', 'TLS could not be started: the connection ended');
  try {
    return wire.release();
  } catch (error) {
    throw new SmtpFailure('tls-temporary', 'it sent data in the clear after STARTTLS', { cause: error });
  }
}

async function greeting(wire: Wire, options: SessionOptions): Promise<void> {
  const { code } = await wire.reply(options.timeouts.command);
  // RFC 5321 3.1: 554 means no service here; like other refusals of the connection it is retried elsewhere or later.
  if (code !== 220) throw new SmtpFailure('unreachable', `it greeted with ${code}`);
}

async function hello(wire: Wire, options: SessionOptions): Promise<Capabilities> {
  const ehlo = await wire.send(`EHLO ${options.hostname}`, options.timeouts.command);
  const { code } = ehlo;
  if (code === 250) return readCapabilities(ehlo);
  if (code < 500 || code > 504) throw new SmtpFailure('unreachable', `it answered EHLO with ${code}`);
  // RFC 5321 3.2: a server without EHLO. It offers nothing, so it is of use for mail that may travel in the clear only.
  const helo = await wire.send(`HELO ${options.hostname}`, options.timeouts.command);
  if (helo.code !== 250) throw new SmtpFailure('unreachable', `it answered HELO with ${helo.code}`);
  return NO_CAPABILITIES;
}

async function logIn(
  opened: Opened,
  login: { readonly user: string; readonly password: string },
  timeouts: SmtpTimeouts,
): Promise<void> {
  if (!reaches(opened.facts.level, 'verified'))
    throw new SmtpFailure('login', 'it needs a log-in, which is sent over verified TLS only');
  const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
  const say = async (line: string) => (await opened.wire.send(line, timeouts.command)).code;
  let code: number;
  if (opened.server.auth.includes('PLAIN')) {
    code = await say(`AUTH PLAIN ${base64(`\0${login.user}\0${login.password}`)}`);
  } else if (opened.server.auth.includes('LOGIN')) {
    code = await say('AUTH LOGIN');
    if (code === 334) code = await say(base64(login.user));
    if (code === 334) code = await say(base64(login.password));
  } else {
    throw new SmtpFailure('login', 'it offers neither AUTH PLAIN nor AUTH LOGIN');
  }
  if (code !== 235) throw new SmtpFailure('login', `it refused the log-in with ${code}`);
}
