import { constants } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { DEFAULT_CIPHERS } from '../config/fields.js';
import type { LoadedConfig } from '../config/load.js';
import { errorText, UserError } from '../shared/errors.js';

/** What the configuration says about a site of the relay. */
export interface WebConfig {
  readonly address: { readonly host: string; readonly port: number };
  readonly url: string;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly behind_proxy: boolean;
  readonly trusted_proxies: readonly string[];
}

/** A site: its section of the configuration, what people call it, and an example of its address. */
export interface WebPart {
  readonly section: 'portal' | 'review';
  readonly name: string;
  readonly example: string;
}

/** What a site's listener is made of, after every check that the schema alone can't do. */
export interface WebSettings {
  /** `https://host[:port]`, as browsers name it. */
  readonly origin: string;
  /** Browsers use https, here or at the reverse proxy: `Secure` and `__Host-` cookies. */
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

export type CertificatePair = { readonly certificatePem: string; readonly keyPem: string };

/**
 * A site's origin, without a trailing slash.
 * @throws UserError (exit status 2) when the address has a path, a query or a login
 */
export function webOrigin({ section, example }: WebPart, url: string): string {
  const parsed = new URL(url);
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '' || parsed.username !== '')
    throw wrong(`\`${section}.url\` must be scheme, host and port only, such as ${example}`);
  return parsed.origin;
}

/**
 * Checks how a site will be reached and reads its certificate.
 * @param serverCertificate the gateway's own, for a site without certificate files
 * @throws UserError (exit status 2) when it would serve plain HTTP to anything but this machine, or has no certificate
 */
export async function webSettings(
  part: WebPart,
  config: WebConfig,
  loaded: Pick<LoadedConfig, 'path'>,
  serverCertificate: CertificatePair | undefined,
): Promise<WebSettings> {
  const { section, name } = part;
  const origin = webOrigin(part, config.url);
  const secure = origin.startsWith('https:');
  const localName = isLocalName(new URL(origin).hostname);
  const localSocket = ipaddr.process(config.address.host).range() === 'loopback';
  if (!secure && !(localName && localSocket))
    throw wrong(
      `\`${section}.url\` is plain http, which is for a ${name} on this machine alone; use https, or put both \`${section}.url\` and \`${section}.address\` on loopback`,
    );
  if (config.behind_proxy && !localSocket)
    throw wrong(
      `\`${section}.behind_proxy\` needs \`${section}.address\` on loopback, such as 127.0.0.1:8443`,
    );
  const base = {
    origin,
    secure,
    hsts: secure && !localName,
    trustedProxies: [...(config.behind_proxy ? ['127.0.0.0/8', '::1/128'] : []), ...config.trusted_proxies],
  };
  if (config.behind_proxy || !secure) return base;
  const { cert, key } = await readCertificate(part, config, loaded, serverCertificate);
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
  { section, name }: WebPart,
  config: WebConfig,
  loaded: Pick<LoadedConfig, 'path'>,
  serverCertificate: CertificatePair | undefined,
): Promise<{ readonly cert: string; readonly key: string }> {
  if (config.certificate === undefined || config.key === undefined) {
    if (serverCertificate === undefined)
      throw wrong(`the ${name} has no certificate: give \`${section}.certificate\` and \`${section}.key\``);
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
      `cannot use the ${name}'s certificate ${certificateFile} with the key ${keyFile}: ${errorText(cause)}`,
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
