import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { errorText } from '../shared/errors.js';
import { type Check, type DoctorContext, type Finding, ok, problem } from './finding.js';
import { judgeCertificate } from './judge-certificate.js';
import { tlsView } from './tls-view.js';

const CHECK = 'portal';

/** Whether recipients reach the portal at its address, by a certificate that their browsers trust. */
export const checkPortal: Check = async (context) => {
  const { portal } = context.loaded.config;
  if (portal === undefined)
    return [ok(CHECK, 'there is no portal; what cannot be protected otherwise is held')];
  const url = new URL(portal.url);
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const found = await context.dns.addresses(name);
  const literal = /^[\d.]+$|:/.test(name);
  const address = literal ? name : found.kind === 'found' ? found.records[0] : undefined;
  if (address === undefined)
    return [
      problem(
        CHECK,
        `${name} has no address, so recipients can't open the portal`,
        `publish an A or AAAA record for ${name}`,
      ),
    ];
  if (url.protocol === 'http:') return [ok(CHECK, 'the portal is on loopback without TLS: for tests only')];
  try {
    const view = await tlsView(context, { name, address, port });
    const certificate = judgeCertificate(CHECK, `the portal at ${url.origin}`, view, name, {
      now: context.now(),
      publicTrust: true,
    });
    // Browsers would go no further either.
    if (certificate.some((one) => one.level === 'problem')) return certificate;
    return [...certificate, await answers(url, address, context)];
  } catch (error) {
    return [
      problem(
        CHECK,
        `the portal can't be reached at ${url.origin}: ${errorText(error)}`,
        portal.behind_proxy
          ? `see that the proxy runs and passes ${url.hostname} on to ${portal.address.host}:${portal.address.port}`
          : `forward port ${port} to ${portal.address.host}:${portal.address.port} and let the firewall pass it`,
      ),
    ];
  }
};

/** Asks for a page that the portal alone answers in its way. */
async function answers(url: URL, address: string, { timeout, trusted }: DoctorContext): Promise<Finding> {
  const { status, headers } = await new Promise<{
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
  }>((resolve, reject) => {
    const asked = request(
      new URL('/sign-in', url),
      {
        // What DNS said; the name goes into the request and is what the certificate is for.
        lookup: (_host, options, done) =>
          options.all === true
            ? done(null, [{ address, family: isIP(address) }])
            : done(null, address, isIP(address)),
        ca: [...rootCertificates, ...trusted],
        timeout,
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
      CHECK,
      `something else than the portal answers at ${url.origin} (status ${status})`,
      'see that the proxy passes all paths and headers on unchanged, and that DNS leads here',
    );
  // Not for addresses: RFC 6797 8.1.1.
  if (headers['strict-transport-security'] === undefined && isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0)
    return problem(
      CHECK,
      `${url.origin} does not send Strict-Transport-Security`,
      'let the proxy pass the header on',
    );
  return ok(CHECK, `the portal answers at ${url.origin}`);
}
