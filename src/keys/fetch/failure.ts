import { errorCode } from '../../shared/errors.js';
import { SourceFailed } from '../types.js';

/** What went wrong between us and a server, in words of our own: codes of Node and OpenSSL, never the server's text. */
export function exchangeFailure(error: unknown): SourceFailed {
  if (error instanceof SourceFailed) return error;
  return new SourceFailed(words(errorCode(error) ?? ''));
}

const UNREACHABLE = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EINVAL',
  'ENETDOWN',
  'ENETUNREACH',
  'EPERM',
  'ETIMEDOUT',
]);

function words(code: string): string {
  if (UNREACHABLE.has(code)) return `the server could not be reached (${code})`;
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return 'the server closed the connection';
  if (code === 'HPE_HEADER_OVERFLOW') return 'the header of the answer is too large';
  if (code.startsWith('HPE_')) return 'the answer is not valid HTTP';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'the TLS certificate of the server is for another name';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS'))
    return 'TLS with the server could not be set up';
  // OpenSSL's verification codes, such as CERT_HAS_EXPIRED or DEPTH_ZERO_SELF_SIGNED_CERT.
  if (/^[A-Z0-9_]*(?:CERT|CRL|CA|CHAIN|PURPOSE|SIGNATURE)[A-Z0-9_]*$/.test(code) && code.length <= 60)
    return `the TLS certificate of the server is not accepted (${code})`;
  return /^[A-Z][A-Z0-9_]{1,40}$/.test(code)
    ? `the server could not be asked (${code})`
    : 'the server could not be asked';
}
