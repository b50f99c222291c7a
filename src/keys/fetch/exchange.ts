import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { checkServerIdentity, type PeerCertificate, type SecureContext } from 'node:tls';
import { SourceFailed } from '../types.js';
import { exchangeFailure } from './failure.js';
import type { Target } from './target.js';

export interface ExchangeRequest {
  readonly target: Target;
  /** The only addresses that may be connected to; they are checked already. Not empty. */
  readonly addresses: readonly string[];
  readonly method: 'GET' | 'POST';
  readonly body?: Uint8Array;
  readonly contentType?: string;
  readonly maxSize: number;
  readonly signal: AbortSignal;
  /** For https. */
  readonly context?: SecureContext;
}

export interface ExchangeAnswer {
  readonly status: number;
  /** Of a redirect; then the body is not read. */
  readonly location?: string;
  readonly body: Buffer;
}

/** Bytes of status line and header fields. */
const MAX_HEADER = 16_384;
/** A host with more addresses is tried at the first of them. */
const MAX_ADDRESSES = 8;
/** How long one of several addresses is tried before the next; Node's 250 ms are short for far hosts. */
const ATTEMPT_MS = 2000;
/** RFC 9110 15.4: those that name another place for the same thing. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * One request and its answer, over a connection of its own that is gone when this settles. Nothing is resolved here:
 * the connection goes to one of the given addresses (DNS rebinding), while Host, SNI and certificate go by the name.
 * @throws SourceFailed
 */
export function exchange(request: ExchangeRequest): Promise<ExchangeAnswer> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(tooLate());
      return;
    }
    let outgoing: ClientRequest;
    try {
      outgoing = open(request);
    } catch (error) {
      reject(exchangeFailure(error));
      return;
    }
    let answering = false;
    const settle = (end: () => void) => {
      signal.removeEventListener('abort', onAbort);
      // Whatever still comes is not wanted; errors after this are the ones that destroying makes.
      outgoing.destroy();
      end();
    };
    const fail = (error: unknown) =>
      settle(() => reject(signal.aborted ? tooLate() : exchangeFailure(error)));
    const onAbort = () => fail(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    outgoing.on('error', fail);
    outgoing.on('close', () => {
      // Some connections die without an error, for example after a 101. Once reading, the body's end is what counts.
      if (!answering) fail(new SourceFailed('the server closed the connection'));
    });
    outgoing.on('response', (incoming) => {
      answering = true;
      readAnswer(incoming, request).then((answer) => settle(() => resolve(answer)), fail);
    });
    outgoing.end(request.body);
  });
}

function open(request: ExchangeRequest): ClientRequest {
  const { target, body } = request;
  const options = {
    method: request.method,
    host: target.host,
    port: target.port,
    path: target.path,
    setHost: false,
    headers: {
      Host: target.authority,
      'User-Agent': 'sallyport',
      Accept: '*/*',
      // A compressed body would have to be expanded before its size is known.
      'Accept-Encoding': 'identity',
      Connection: 'close',
      ...(body === undefined ? {} : { 'Content-Length': body.length }),
      ...(request.contentType === undefined ? {} : { 'Content-Type': request.contentType }),
    },
    // An agent of its own: no connection, TLS session or proxy setting is shared.
    agent: false,
    lookup: fixedLookup(request.addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    maxHeaderSize: MAX_HEADER,
    insecureHTTPParser: false,
  } as const;
  if (!target.secure) return httpRequest(options);
  // In a variable, because Node's types leave secureContext out.
  const secured = {
    ...options,
    secureContext: request.context,
    servername: target.isAddress ? '' : target.host,
    // Said outright, because NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
    rejectUnauthorized: true,
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      identityProblem(target.host, certificate),
  };
  return httpsRequest(secured);
}

/** RFC 9525 6.3: only subject alternative names count; Node would fall back to the common name. */
function identityProblem(host: string, certificate: PeerCertificate): Error | undefined {
  const wanted = isIP(host) === 0 ? 'DNS:' : 'IP Address:';
  const names = (certificate.subjectaltname ?? '').split(', ');
  if (!names.some((name) => name.startsWith(wanted)))
    return new SourceFailed('the TLS certificate of the server is for another name');
  return checkServerIdentity(host, certificate);
}

/** Answers every look-up with the checked addresses. */
function fixedLookup(addresses: readonly string[]): LookupFunction {
  const all = addresses.slice(0, MAX_ADDRESSES).map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const first = all[0];
    if (first === undefined) callback(new SourceFailed('the host has no address in DNS'), '');
    else if (options.all === true) callback(null, all);
    else callback(null, first.address, first.family);
  };
}

async function readAnswer(incoming: IncomingMessage, request: ExchangeRequest): Promise<ExchangeAnswer> {
  const status = incoming.statusCode ?? 0;
  const location = incoming.headers.location;
  if (REDIRECTS.has(status) && location !== undefined) return { status, location, body: Buffer.alloc(0) };
  const encoding = incoming.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const transfer = incoming.headers['transfer-encoding']?.trim().toLowerCase() ?? 'chunked';
  if (encoding !== 'identity' || transfer !== 'chunked')
    throw new SourceFailed('the answer is compressed, which was not asked for');
  const tooLong = () => new SourceFailed(`the answer is longer than ${request.maxSize} bytes`);
  // Only to refuse early: what counts is what comes.
  if (Number(incoming.headers['content-length'] ?? 0) > request.maxSize) throw tooLong();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) throw new SourceFailed('the answer is not valid HTTP');
    size += chunk.length;
    if (size > request.maxSize) throw tooLong();
    chunks.push(chunk);
  }
  // Fewer bytes than Content-Length says, or no last chunk.
  if (!incoming.complete) throw new SourceFailed('the server closed the connection');
  return { status, body: Buffer.concat(chunks) };
}

function tooLate(): SourceFailed {
  return new SourceFailed('the server did not answer in time', { code: 'late' });
}
