import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import ipaddr from 'ipaddr.js';
import type { Config } from '../../config/schema.js';
import { isPublicAddress } from '../../shared/address-guard.js';
import { inNetworks, readNetwork } from '../../shared/network.js';
import { type FetchRequest, type SafeFetch, SourceFailed } from '../types.js';
import { type ExchangeAnswer, exchange } from './exchange.js';
import { createResolveHost, type ResolveHost } from './resolve.js';
import { parseTarget, type Target } from './target.js';

/** What requests may reach; tests narrow it to their own servers. */
export interface FetchReach {
  readonly resolve: ResolveHost;
  /** Whether this address may be connected to. */
  readonly allows: (address: string, port: number) => boolean;
  /** Whether other ports than 443 (https) and 80 (http) may be asked. */
  readonly anyPort: boolean;
}

/**
 * Asks hosts that a stranger named (in a key's address, a certificate or a redirect) without letting them reach into
 * our network, hold us up or fill our memory: public addresses only (unless `dns.allow_private_targets`), each name
 * resolved once and connected to at just those addresses, ports 443 and 80 only, TLS 1.2 or later with the certificate
 * checked, no credentials, cookies, proxies or compression, size and time as the request says. The certificates of
 * `request.ca` count besides those that Node trusts by itself.
 */
export function createSafeFetch(
  options: Pick<Config['dns'], 'servers' | 'timeout' | 'allow_private_targets'> & {
    /** Networks that may be reached besides public addresses. */
    readonly private_networks?: readonly string[];
  },
): SafeFetch {
  const inside = (options.private_networks ?? []).flatMap((text) => readNetwork(text) ?? []);
  return createFetchWithin({
    resolve: createResolveHost(options),
    allows: (address) =>
      options.allow_private_targets ||
      isPublicAddress(address) ||
      inNetworks(inside, ipaddr.process(address)),
    anyPort: options.allow_private_targets,
  });
}

/** The same, within a given reach. */
export function createFetchWithin(reach: FetchReach): SafeFetch {
  const contextFor = keptContexts();
  return async (request) => {
    let target = parseTarget(request.url, { allowHttp: request.allowHttp, anyPort: reach.anyPort });
    let asked: Pick<FetchRequest, 'method' | 'body' | 'contentType'> = request;
    for (let followed = 0; ; followed += 1) {
      const { location, ...answer } = await ask(target, asked, request, reach, contextFor).catch(
        (error: unknown) => {
          throw followed > 0 ? withoutCode(error) : error;
        },
      );
      if (location === undefined) return answer;
      if (followed >= request.redirects) throw new SourceFailed(tooManyRedirects(request.redirects));
      target = parseTarget(location, { allowHttp: request.allowHttp, anyPort: reach.anyPort }, target);
      // RFC 9110 15.4.4: See Other is got. The others keep the method: without its body a question is none.
      if (answer.status === 303) asked = { method: 'GET' };
    }
  };
}

async function ask(
  target: Target,
  asked: Pick<FetchRequest, 'method' | 'body' | 'contentType'>,
  { maxSize, signal, ca }: FetchRequest,
  reach: FetchReach,
  contextFor: (ca: string | undefined) => SecureContext,
): Promise<ExchangeAnswer> {
  if (signal.aborted) throw new SourceFailed('the server did not answer in time', { code: 'late' });
  const addresses = target.isAddress
    ? [target.host]
    : await resolveInTime(target.host, signal, reach.resolve);
  // All of them: a name with one public and one private address is an attempt to reach the private one.
  if (addresses.length === 0 || !addresses.every((address) => reach.allows(address, target.port)))
    throw new SourceFailed('the host has an address that is not public');
  return exchange({
    target,
    addresses,
    method: asked.method,
    ...(asked.body === undefined ? {} : { body: asked.body }),
    ...(asked.contentType === undefined ? {} : { contentType: asked.contentType }),
    maxSize,
    signal,
    ...(target.secure ? { context: contextFor(ca) } : {}),
  });
}

async function resolveInTime(
  host: string,
  signal: AbortSignal,
  resolve: ResolveHost,
): Promise<readonly string[]> {
  try {
    return await resolve(host, signal);
  } catch (error) {
    throw signal.aborted ? new SourceFailed('the server did not answer in time', { code: 'late' }) : error;
  }
}

/** `no-such-host` is about the URL that was asked for; a redirect to nowhere is a failure of the server. */
function withoutCode(error: unknown): unknown {
  return error instanceof SourceFailed && error.code === 'no-such-host'
    ? new SourceFailed(error.message)
    : error;
}

function tooManyRedirects(allowed: number): string {
  return allowed === 0
    ? 'the server redirects, which is not followed'
    : `the server redirects more than ${allowed} times`;
}

/** Contexts are dear (they parse every root certificate). Their number is that of the `ca` settings in use. */
function keptContexts(): (ca: string | undefined) => SecureContext {
  const kept = new Map<string, SecureContext>();
  return (ca) => {
    const known = kept.get(ca ?? '');
    if (known !== undefined) return known;
    const made = makeContext(ca);
    // After a reload that changed the file the old one is not asked for again.
    if (kept.size >= 8) kept.clear();
    kept.set(ca ?? '', made);
    return made;
  };
}

function makeContext(ca: string | undefined): SecureContext {
  try {
    return createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    });
  } catch {
    throw new SourceFailed('the configured CA certificates could not be read');
  }
}
