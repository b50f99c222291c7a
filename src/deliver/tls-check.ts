import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, type TLSSocket } from 'node:tls';
import type { ReachedTlsLevel } from '../model/method.js';
import type { TlsFacts } from '../model/tls-facts.js';
import { type SuiteStrength, suiteStrength } from './tls-suites.js';

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

export interface TlsCheck {
  /** Name that the certificate must carry (MX host name as an A-label, or an IP address of a route). */
  readonly name: string;
  /** Least version that counts as TLS at all. */
  readonly minVersion: string;
}

/**
 * What a finished handshake really reached. The socket was opened with `rejectUnauthorized: false` and a
 * `checkServerIdentity` that accepts everything, so `authorized` speaks of the chain alone (signature, validity,
 * purpose, trust) and the name is checked here: RFC 9525 rules, i.e. subject alternative names only, a wildcard as the
 * whole left-most label only. The suite is judged by a fixed list, whatever ciphers are configured: those say what is
 * offered, not what it is worth. Anything not positively proved lowers the level; nothing raises it.
 */
export function tlsFacts(socket: TLSSocket, check: TlsCheck): TlsFacts {
  const protocol = socket.getProtocol() ?? undefined;
  const suite = socket.getCipher();
  const cipher = suite?.name;
  // Asked once: on Node 20 the second call, and getPeerCertificate() after it, give nothing.
  const certificate = socket.getPeerX509Certificate();
  const fingerprint = certificate?.fingerprint256.replaceAll(':', '').toLowerCase();
  const { level, shortfall } = levelOf(
    socket,
    certificate,
    check,
    protocol,
    suiteStrength(suite?.standardName),
  );
  return {
    level,
    ...(protocol === undefined ? {} : { protocol }),
    ...(cipher === undefined ? {} : { cipher }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(shortfall === undefined ? {} : { shortfall }),
  };
}

interface Level {
  readonly level: ReachedTlsLevel;
  readonly shortfall?: string;
}

function levelOf(
  socket: TLSSocket,
  certificate: X509Certificate | undefined,
  check: TlsCheck,
  protocol: string | undefined,
  suite: SuiteStrength,
): Level {
  const version = VERSIONS.indexOf(protocol ?? '');
  if (version < 0 || version < VERSIONS.indexOf(check.minVersion))
    return { level: 'none', shortfall: 'the TLS version is older than the configuration accepts' };
  if (suite === 'none') return { level: 'none', shortfall: 'the cipher suite protects nothing' };
  if (socket.authorized !== true)
    return { level: 'encrypted', shortfall: chainProblem(socket.authorizationError) };
  if (!nameMatches(certificate, check.name))
    return { level: 'encrypted', shortfall: 'the certificate is for another name' };
  if (suite !== 'modern') return { level: 'encrypted', shortfall: 'the cipher suite is an old one' };
  return { level: 'verified' };
}

function nameMatches(certificate: X509Certificate | undefined, name: string): boolean {
  if (certificate === undefined) return false;
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined;
  const matched = certificate.checkHost(name, {
    subject: 'never',
    wildcards: true,
    partialWildcards: false,
    multiLabelWildcards: false,
    singleLabelSubdomains: false,
  });
  // Two implementations must agree.
  return matched !== undefined && checkServerIdentity(name, certificate.toLegacyObject()) === undefined;
}

/** OpenSSL's verification code in words; the code itself is from a fixed set, never the peer's text. */
function chainProblem(error: Error | string | undefined): string {
  const code = errorCodeOf(error);
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'the certificate is self-signed';
    case 'CERT_HAS_EXPIRED':
      return 'the certificate has expired';
    case 'CERT_NOT_YET_VALID':
      return 'the certificate is not valid yet';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'the certificate is not from a known authority';
    default:
      return /^[A-Z_]{1,60}$/.test(code)
        ? `the certificate is not valid (${code})`
        : 'the certificate is not valid';
  }
}

function errorCodeOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}
