import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { errorCode } from '../shared/errors.js';
import { SmtpFailure } from './smtp-failure.js';

/**
 * Starts TLS on a connected socket. Accepts any certificate: the caller judges what was reached (`tlsFacts`) before
 * it sends anything that matters.
 * @param name server name to ask for (SNI); none is sent for IP addresses
 * @throws SmtpFailure of kind `tls-policy` (version or suites don't meet) or `tls-temporary`
 */
export function handshake(
  socket: Socket,
  name: string,
  context: SecureContext,
  timeoutMs: number,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const tls = connect({
      socket,
      secureContext: context,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(isIP(name) === 0 ? { servername: name } : {}),
    });
    const fail = (failure: SmtpFailure) => {
      clearTimeout(timer);
      tls.destroy();
      socket.destroy();
      reject(failure);
    };
    const timer = setTimeout(
      () => fail(new SmtpFailure('tls-temporary', 'the TLS handshake took too long')),
      timeoutMs,
    );
    // Stays for good: an error after the promise settled must not become an uncaught exception.
    tls.on('error', (error) => fail(handshakeFailure(error)));
    tls.once('close', () => fail(new SmtpFailure('tls-temporary', 'the TLS handshake was cut off')));
    tls.once('secureConnect', () => {
      clearTimeout(timer);
      tls.removeAllListeners('close');
      // A renegotiation could bring another certificate after we judged this one.
      tls.disableRenegotiation();
      resolve(tls);
    });
  });
}

/** Failures that come from what the peer is, not from the moment. */
const POLICY_CODES: Readonly<Record<string, string>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'its TLS version is too old',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'its TLS version is too old',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'it has no TLS version or cipher suite that is acceptable',
  // The same, as OpenSSL 3.2 and newer name it.
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': 'it has no TLS version or cipher suite that is acceptable',
  ERR_SSL_NO_CIPHERS_AVAILABLE: 'it has no cipher suite that is acceptable',
  ERR_SSL_WRONG_CIPHER_RETURNED: 'it has no cipher suite that is acceptable',
  ERR_SSL_DH_KEY_TOO_SMALL: 'its key exchange is too weak',
  ERR_SSL_EE_KEY_TOO_SMALL: 'its certificate key is too weak',
};

function handshakeFailure(error: Error): SmtpFailure {
  const code = errorCode(error) ?? '';
  const policy = POLICY_CODES[code];
  if (policy !== undefined) return new SmtpFailure('tls-policy', policy, { cause: error });
  const shown = /^[A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : '';
  return new SmtpFailure('tls-temporary', `the TLS handshake failed${shown}`, { cause: error });
}
