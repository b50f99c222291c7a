import type { IncomingHttpHeaders } from 'node:http';
import { request as requestPlainly } from 'node:http';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { errorText } from '../shared/errors.js';
import type { WebConfig } from '../web/settings.js';
import { type DoctorContext, type Finding, ok, problem, warning } from './finding.js';
import { judgeCertificate } from './judge-certificate.js';
import { boundAddress, dial } from './smtp-view.js';
import { tlsView } from './tls-view.js';

/** A site of the relay that browsers reach. */
export interface ExaminedSite {
  readonly check: string;
  /** `the portal` */
  readonly what: string;
  /** `recipients` */
  readonly who: string;
  readonly config: WebConfig;
  /** Whether its visitors' browsers trust public authorities alone. */
  readonly publicTrust: boolean;
}

/** Whether browsers reach a site at its address, by a certificate that they trust, and it is ours that answers. */
export async function checkSite(site: ExaminedSite, context: DoctorContext): Promise<readonly Finding[]> {
  const { check, what, who, config, publicTrust } = site;
  const url = new URL(config.url);
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const literal = /^[\d.]+$|:/.test(name);
  const local = name === 'localhost' || name.endsWith('.localhost');
  const found = literal || local ? undefined : await context.dns.addresses(name);
  const address = literal
    ? name
    : local
      ? '127.0.0.1'
      : found?.kind === 'found'
        ? found.records[0]
        : undefined;
  if (found?.kind === 'failed') return [await notLookedUp(site, name, found.reason, context)];
  if (address === undefined)
    return [
      problem(
        check,
        `${name} has no address, so ${who} can't open ${what}`,
        `publish an A or AAAA record for ${name}`,
      ),
    ];
  try {
    if (url.protocol === 'http:') return [await answers(site, url, address, context)];
    const view = await tlsView(context, { name, address, port });
    const certificate = judgeCertificate(check, `${what} at ${url.origin}`, view, name, {
      now: context.now(),
      publicTrust,
    });
    // Browsers would go no further either.
    if (certificate.some((one) => one.level === 'problem')) return certificate;
    return [...certificate, await answers(site, url, address, context)];
  } catch (error) {
    return [
      problem(
        check,
        `${what} can't be reached at ${url.origin}: ${errorText(error)}`,
        (await toListen(site, context)) ??
          (config.behind_proxy
            ? `see that the proxy runs and passes ${url.hostname} on to ${listens(config)}`
            : `forward port ${port} to ${listens(config)} and let the firewall pass it`),
      ),
    ];
  }
}

/** A dead resolver is one problem, which the look at DNS tells; a name that alone fails is one of its own. */
async function notLookedUp(
  { check, what, who }: ExaminedSite,
  name: string,
  reason: string,
  { dns, loaded }: DoctorContext,
): Promise<Finding> {
  const own = await dns.addresses(loaded.config.hostname);
  return own.kind === 'failed'
    ? warning(
        check,
        `whether ${who} reach ${what} is not known, because DNS gives no answer`,
        'see to DNS, and run this again',
      )
    : problem(
        check,
        `${name} could not be looked up (${reason}), so ${who} can't open ${what}`,
        `see to the name servers of ${name}`,
      );
}

/** What to do where nobody listens on this machine; undefined where the relay does. */
async function toListen(
  { config, what }: ExaminedSite,
  { relay, timeout }: DoctorContext,
): Promise<string | undefined> {
  if (relay.kind === 'none') return 'start the relay: systemctl start sallyport';
  if (await isOpen(config, timeout)) return undefined;
  return `nobody listens at ${listens(config)}: start the relay, or restart it if ${what} was configured since; its log says why it does not listen`;
}

function listens({ address }: WebConfig): string {
  return `${address.host}:${address.port}`;
}

async function isOpen({ address }: WebConfig, timeout: number): Promise<boolean> {
  try {
    (await dial({ address: boundAddress(address.host), port: address.port }, timeout)).destroy();
    return true;
  } catch {
    // Why does not matter: the fix is the same.
    return false;
  }
}

/** Asks for a page that our sites alone answer in their way. */
async function answers(
  site: ExaminedSite,
  url: URL,
  address: string,
  context: DoctorContext,
): Promise<Finding> {
  const { check, what } = site;
  const { status, headers } = await new Promise<{
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
  }>((resolve, reject) => {
    const ask = url.protocol === 'https:' ? request : requestPlainly;
    const asked = ask(
      new URL('/sign-in', url),
      {
        // What DNS said; the name goes into the request and is what the certificate is for.
        lookup: (_host, options, done) =>
          options.all === true
            ? done(null, [{ address, family: isIP(address) }])
            : done(null, address, isIP(address)),
        // Its certificate was judged before; nothing secret is sent.
        ...(url.protocol === 'https:' ? { rejectUnauthorized: false } : {}),
        timeout: context.timeout,
        agent: false,
      },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.once('error', reject);
    asked.end();
  });
  const policy = headers['content-security-policy'] ?? '';
  if (status !== 200 || !policy.includes("frame-ancestors 'none'"))
    return problem(
      check,
      `something else than ${what} answers at ${url.origin} (status ${status})`,
      // A proxy answers by itself where nobody stands behind it.
      (status >= 500 ? await toListen(site, context) : undefined) ??
        'see that the proxy passes all paths and headers on unchanged, and that DNS leads here',
    );
  // Not for addresses: RFC 6797 8.1.1.
  if (
    url.protocol === 'https:' &&
    headers['strict-transport-security'] === undefined &&
    isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0
  )
    return problem(
      check,
      `${url.origin} does not send Strict-Transport-Security`,
      'let the proxy pass the header on',
    );
  return ok(check, `${what} answers at ${url.origin}`);
}
