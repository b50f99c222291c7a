import { constants } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import ipaddr from 'ipaddr.js';
import type { LoadedConfig } from '../config/load.js';
import { DEFAULT_CIPHERS, type PortalConfig } from '../config/schema.js';
import { errorText, UserError } from '../shared/errors.js';
import { checkSmsGateway } from './account/sms.js';

/** What the portal's listener is made of, after every check that the schema alone can't do. */
export interface PortalSettings {
  readonly config: PortalConfig;
  /** `https://host[:port]`, as browsers name it; links start with it. */
  readonly origin: string;
  /** Recipients' browsers use https, here or at the reverse proxy: `Secure` and `__Host-` cookies. */
  readonly secure: boolean;
  /** Send HSTS. Not for loopback names, where it would lock other local servers out. */
  readonly hsts: boolean;
  /** Absent: plain HTTP, on loopback. */
  readonly tls?: {
    readonly cert: string;
    readonly key: string;
    readonly minVersion: 'TLSv1.2';
    readonly ciphers: string;
    readonly honorCipherOrder: true;
    readonly secureOptions: number;
  };
  /** Addresses whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
}

/**
 * The site's origin, without a trailing slash.
 * @throws UserError (exit status 2) when the address has a path, a query or a login
 */
export function portalOrigin(url: string): string {
  const parsed = new URL(url);
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '' || parsed.username !== '')
    throw wrong('`portal.url` must be scheme, host and port only, such as https://pickup.clinic.example');
  return parsed.origin;
}

/**
 * Checks how the portal will be reached and reads its certificate.
 * @throws UserError (exit status 2) when it would serve plain HTTP to anything but this machine, or has no certificate
 */
export async function portalSettings(
  loaded: LoadedConfig,
  serverCertificate: { readonly certificatePem: string; readonly keyPem: string } | undefined,
): Promise<PortalSettings> {
  const config = loaded.config.portal;
  if (config === undefined) throw wrong('there is no `portal` in the configuration');
  checkSmsGateway(config.sms);
  const origin = portalOrigin(config.url);
  const secure = origin.startsWith('https:');
  const localName = isLocalName(new URL(origin).hostname);
  const localSocket = ipaddr.process(config.address.host).range() === 'loopback';
  if (!secure && !(localName && localSocket))
    throw wrong(
      '`portal.url` is plain http, which is for a portal on this machine alone; use https, or put both `portal.url` and `portal.address` on loopback',
    );
  if (config.behind_proxy && !localSocket)
    throw wrong('`portal.behind_proxy` needs `portal.address` on loopback, such as 127.0.0.1:8443');
  const base = {
    config,
    origin,
    secure,
    hsts: secure && !localName,
    trustedProxies: [...(config.behind_proxy ? ['127.0.0.0/8', '::1/128'] : []), ...config.trusted_proxies],
  };
  if (config.behind_proxy || !secure) return base;
  const { cert, key } = await readCertificate(loaded, config, serverCertificate);
  return {
    ...base,
    tls: {
      cert,
      key,
      minVersion: 'TLSv1.2',
      ciphers: DEFAULT_CIPHERS,
      honorCipherOrder: true,
      // No browser asks for it, and each costs the server far more than the client.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    },
  };
}

async function readCertificate(
  loaded: LoadedConfig,
  config: PortalConfig,
  serverCertificate: { readonly certificatePem: string; readonly keyPem: string } | undefined,
): Promise<{ readonly cert: string; readonly key: string }> {
  if (config.certificate === undefined || config.key === undefined) {
    if (serverCertificate === undefined)
      throw wrong('the portal has no certificate: give `portal.certificate` and `portal.key`');
    return { cert: serverCertificate.certificatePem, key: serverCertificate.keyPem };
  }
  const certificateFile = loaded.path(config.certificate);
  const keyFile = loaded.path(config.key);
  try {
    const cert = await readFile(certificateFile, 'utf8');
    const key = await readFile(keyFile, 'utf8');
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    throw new UserError(
      `cannot use the portal's certificate ${certificateFile} with the key ${keyFile}: ${errorText(cause)}`,
      { exitStatus: 2, cause },
    );
  }
}

function isLocalName(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback';
}

function wrong(problem: string): UserError {
  return new UserError(problem, { exitStatus: 2 });
}
