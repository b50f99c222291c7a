import { readFile } from 'node:fs/promises';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { LoadedConfig } from '../config/load.js';
import { DEFAULT_CIPHERS, type RouteConfig } from '../config/schema.js';
import type { ReachedTlsLevel } from '../model/method.js';

export interface TlsSetup {
  readonly context: SecureContext;
  readonly minVersion: string;
  readonly ciphers: string;
  readonly restricted: boolean;
}

/** Contexts are dear (they parse every root certificate), so they are kept until the next reload. */
export interface TlsContexts {
  /**
   * @param least `none` means opportunistic: any version and suite that this Node speaks is better than clear text
   * Rejects when a CA file can't be read; then nothing is dialled.
   */
  get(route: RouteConfig | undefined, least: ReachedTlsLevel): Promise<TlsSetup>;
  /** Reads files anew from now on. */
  forget(): void;
}

export function createTlsContexts(loaded: () => LoadedConfig): TlsContexts {
  let kept = new Map<string, Promise<TlsSetup>>();
  return {
    forget() {
      kept = new Map();
    },
    get(route, least) {
      const restricted = least !== 'none';
      const key = JSON.stringify([route?.ca ?? null, restricted]);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const made = makeSetup(loaded(), route, restricted);
      kept.set(key, made);
      // A file that could not be read is tried again next time.
      made.catch(() => kept.delete(key));
      return made;
    },
  };
}

async function makeSetup(
  loaded: LoadedConfig,
  route: RouteConfig | undefined,
  restricted: boolean,
): Promise<TlsSetup> {
  const { delivery } = loaded.config;
  const ca = await trusted(loaded, route);
  const context = createSecureContext({
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(restricted
      ? { minVersion: delivery.tls_min_version, ciphers: delivery.tls_ciphers }
      : { minVersion: 'TLSv1.2' as const, ciphers: `${DEFAULT_CIPHERS}:DEFAULT` }),
  });
  return {
    context,
    minVersion: delivery.tls_min_version,
    ciphers: delivery.tls_ciphers,
    restricted,
  };
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
