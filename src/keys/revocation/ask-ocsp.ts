import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.js';
import { type SafeFetch, SourceFailed } from '../types.js';
import type { Certificate } from '../x509/certificate.js';
import { BadCertificate } from '../x509/der.js';
import { type Finding, keptUntil, stalenessOf } from './finding.js';
import type { RevocationLimits } from './limits.js';
import { ocspRequest } from './ocsp-request.js';
import { responderOf } from './ocsp-responder.js';
import { type OcspResponse, readOcspResponse, type SingleResponse } from './ocsp-response.js';
import { keyBitsOf } from './signed.js';

/** What is known of a delegated responder's own certificate. */
export type AskAboutResponder = (responder: Certificate, signal: AbortSignal) => Promise<Finding>;

export type OcspAsker = (
  url: string,
  certificate: Certificate,
  ca: Certificate,
  aboutResponder: AskAboutResponder,
  signal: AbortSignal,
) => Promise<Finding>;

/** Real answers have 0.5 to 5 KB. */
const MAX_ANSWER = 64 * 1024;
const REDIRECTS = 3;
const CERTIFICATE_HOLD = 6;

/** Hashes of CertID (RFC 6960 4.1.1) by OID: they identify, they don't protect, so SHA-1 is one of them. */
const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Asks one responder about one certificate. Resolves to `unknown` for everything that isn't a valid answer. */
export function createOcspAsker(options: {
  readonly fetch: SafeFetch;
  readonly limits: RevocationLimits;
  readonly clock: Clock;
}): OcspAsker {
  const { fetch, limits, clock } = options;
  return async (url, certificate, ca, aboutResponder, signal) => {
    try {
      const answer = await fetch({
        url,
        method: 'POST',
        body: ocspRequest(certificate, ca),
        contentType: 'application/ocsp-request',
        maxSize: MAX_ANSWER,
        signal,
        redirects: REDIRECTS,
        allowHttp: true,
      });
      if (answer.status !== 200) return unknown(`the server answered with status ${answer.status}`);
      const response = readOcspResponse(answer.body);
      if (typeof response === 'string') return unknown(`the responder refused with ${response}`);
      return await judge(response, certificate, ca, aboutResponder, signal);
    } catch (error) {
      if (error instanceof SourceFailed) return unknown(error.message);
      if (error instanceof BadCertificate) return unknown('what the server gave is not an OCSP answer');
      throw error;
    }
  };

  async function judge(
    response: OcspResponse,
    certificate: Certificate,
    ca: Certificate,
    aboutResponder: AskAboutResponder,
    signal: AbortSignal,
  ): Promise<Finding> {
    // RFC 6960 3.2 item 1.
    const answers = response.answers.filter((one) => isAbout(one, certificate, ca));
    if (answers.length === 0) return unknown('the answer is about another certificate');
    const responder = await responderOf(response, ca, clock.now());
    if (responder === undefined) return unknown('the answer is not signed by a responder of the CA');
    // RFC 6960 4.2.2.2.1: without nocheck a responder may have been revoked like anybody else.
    const own: Finding =
      responder.kind === 'ca' || responder.noCheck
        ? { kind: 'good', until: Number.POSITIVE_INFINITY }
        : await aboutResponder(responder.certificate, signal);
    if (own.kind === 'revoked') return unknown("the responder's own certificate is revoked");
    const now = clock.now();
    // Revoked counts from any answer, good only from all of them.
    for (const { status, ...period } of answers) {
      if (typeof status === 'string') continue;
      const until = keptUntil(period, now, limits.max_age);
      return {
        kind: 'revoked',
        at: status.revokedAt,
        hold: status.reason === CERTIFICATE_HOLD,
        by: 'OCSP',
        until,
      };
    }
    if (own.kind === 'unknown') return unknown(`the responder itself may be revoked: ${own.why}`);
    if (response.unknownCritical) return unknown('it has a critical extension that is not known');
    let until = own.until;
    for (const answer of answers) {
      const stale = stalenessOf(answer, now);
      if (stale !== undefined) return unknown(stale);
      if (answer.status !== 'good') return unknown('the responder does not know the certificate');
      until = Math.min(until, keptUntil(answer, now, limits.max_age));
    }
    return { kind: 'good', until };
  }
}

function isAbout(answer: SingleResponse, certificate: Certificate, ca: Certificate): boolean {
  const hash = HASHES[answer.hash];
  if (hash === undefined || answer.serial !== certificate.serial) return false;
  const digest = (bytes: Uint8Array) => createHash(hash).update(bytes).digest();
  return (
    Buffer.compare(digest(certificate.issuer.bytes), answer.issuerNameHash) === 0 &&
    Buffer.compare(digest(keyBitsOf(ca)), answer.issuerKeyHash) === 0
  );
}

function unknown(why: string): Finding {
  return { kind: 'unknown', why };
}
