import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, rootCertificates } from 'node:tls';
import type { DoctorContext } from './finding.js';

/** The certificate that somebody who connects is shown. */
export interface TlsView {
  readonly protocol: string;
  readonly certificate: X509Certificate;
  /** OpenSSL's verification error; undefined where the chain is trusted. */
  readonly chainError?: string;
}

/**
 * A TLS handshake that refuses nothing and tells what it saw.
 * @param over an open socket (STARTTLS), or none to dial `address`
 * @throws Error of the network or of OpenSSL when there is no handshake
 */
export function tlsView(
  { timeout, trusted }: Pick<DoctorContext, 'timeout' | 'trusted'>,
  target: { readonly name: string; readonly address: string; readonly port: number },
  over?: Socket,
): Promise<TlsView> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...(over === undefined ? { host: target.address, port: target.port } : { socket: over }),
      ...(isIP(target.name) === 0 ? { servername: target.name } : {}),
      ca: [...rootCertificates, ...trusted],
      // Nothing is sent over it: it only looks.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const timer = setTimeout(() => socket.destroy(new Error('the TLS handshake took too long')), timeout);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const peer = socket.getPeerCertificate();
      const error: unknown = socket.authorizationError;
      const view = {
        protocol: socket.getProtocol() ?? 'unknown',
        certificate: new X509Certificate(peer.raw),
        ...(socket.authorized ? {} : { chainError: codeOf(error) }),
      };
      socket.destroy();
      resolve(view);
    });
  });
}

function codeOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}
