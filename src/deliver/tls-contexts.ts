import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { LoadedConfig } from '../config/load.js';
import type { RouteConfig } from '../config/schema.js';

export interface TlsSetup {
  readonly context: SecureContext;
  readonly minVersion: string;
}

/** Contexts are dear (they parse every root certificate), so they are kept until the next reload. */
export interface TlsContexts {
  /**
   * Rejects when a file of the route (CA, certificate, key) can't be used; then nothing is dialled. Its certificate is read
   * each time, so that a renewed one needs no reload.
   * @param configured whether to offer only the version and suites of the configuration; otherwise what OpenSSL
   *   offers by itself from TLS 1.2 on, because old suites are better than clear text
   */
  get(route: RouteConfig | undefined, configured: boolean): Promise<TlsSetup>;
  /** Reads files anew from now on. */
  forget(): void;
}

export function createTlsContexts(loaded: () => LoadedConfig): TlsContexts {
  let kept = new Map<string, Promise<TlsSetup>>();
  return {
    forget() {
      kept = new Map();
    },
    async get(route, configured) {
      const now = loaded();
      // A reload while files are read makes another one, in which what was made by the old configuration has no place.
      const ofNow = kept;
      const own = await ownCertificate(now, route);
      const key = JSON.stringify([route?.ca ?? null, own?.fingerprint ?? null, configured]);
      const known = ofNow.get(key);
      if (known !== undefined) return known;
      const made = makeSetup(now, route, own, configured);
      ofNow.set(key, made);
      // A file that could not be read is tried again next time.
      made.catch(() => ofNow.delete(key));
      return made;
    },
  };
}

async function makeSetup(
  loaded: LoadedConfig,
  route: RouteConfig | undefined,
  own: OwnCertificate | undefined,
  configured: boolean,
): Promise<TlsSetup> {
  const { delivery } = loaded.config;
  const ca = await trusted(loaded, route);
  const context = createSecureContext({
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(own === undefined ? {} : { cert: own.cert, key: own.key }),
    ...(configured
      ? { minVersion: delivery.tls_min_version, ciphers: delivery.tls_ciphers }
      : { minVersion: 'TLSv1.2' as const, ciphers: 'DEFAULT' }),
  });
  return { context, minVersion: delivery.tls_min_version };
}

interface OwnCertificate {
  readonly cert: string;
  readonly key: string;
  /** Of both files, to know them again. */
  readonly fingerprint: string;
}

async function ownCertificate(
  loaded: LoadedConfig,
  route: RouteConfig | undefined,
): Promise<OwnCertificate | undefined> {
  if (route?.certificate === undefined || route.key === undefined) return undefined;
  const cert = await readFile(loaded.path(route.certificate), 'utf8');
  const key = await readFile(loaded.path(route.key), 'utf8');
  return { cert, key, fingerprint: createHash('sha256').update(cert).update(key).digest('hex') };
}

/** undefined: the certificates that Node trusts by itself. A route's CA stands alone, `delivery.ca` is in addition. */
async function trusted(
  loaded: LoadedConfig,
  route: RouteConfig | undefined,
): Promise<readonly string[] | undefined> {
  if (route?.ca !== undefined) return [await readFile(loaded.path(route.ca), 'utf8')];
  const { ca } = loaded.config.delivery;
  if (ca === undefined) return undefined;
  return [...rootCertificates, await readFile(loaded.path(ca), 'utf8')];
}
