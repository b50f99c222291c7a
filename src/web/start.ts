import type { LoadedConfig } from '../config/load.js';
import { type CertificateWatch, watchCertificate } from '../ops/certificate-watch.js';
import { errorText, UserError } from '../shared/errors.js';
import type { WebServer } from './server.js';
import type { WebConfig, WebSettings } from './settings.js';

/** A site that listens. */
export interface WebSite {
  /** The site as people reach it, without a trailing slash. */
  readonly url: string;
  /** The port that was really bound. */
  readonly port: number;
  /** Reads its certificate's files again; a bad one is logged, and the old one stays. */
  reload(): Promise<void>;
  /** Stops accepting, lets running answers end for some seconds, then cuts them. */
  close(): Promise<void>;
}

type Watched = Parameters<typeof watchCertificate>[0];

const CLOSE_AFTER_MS = 5000;

/**
 * Listens, and keeps the certificate as new as its files.
 * @throws UserError when it can't listen; then the server is closed
 */
export async function startListening(
  deps: Pick<Watched, 'clock' | 'log' | 'metrics' | 'record' | 'everyMs'> & {
    readonly section: 'portal' | 'review';
    readonly name: string;
    readonly loaded: Pick<LoadedConfig, 'path'>;
    readonly settings: () => Promise<WebSettings>;
  },
  server: WebServer,
  config: WebConfig,
  settings: WebSettings,
): Promise<WebSite> {
  const { host, port } = config.address;
  try {
    await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    throw new UserError(
      `the ${deps.name} cannot listen on ${host} port ${port}: ${errorText(cause)}; change \`${deps.section}.address\``,
      { cause },
    );
  }
  const bound = server.server.address();
  const certificate = keepCertificate(deps, server, config, settings);
  return {
    url: settings.origin,
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    reload: async () => certificate?.look(),
    close: async () => {
      certificate?.close();
      const cut = setTimeout(() => server.server.closeAllConnections(), CLOSE_AFTER_MS);
      try {
        await server.close();
      } finally {
        clearTimeout(cut);
      }
    },
  };
}

/** Undefined where the site has no certificate files of its own. */
function keepCertificate(
  deps: Parameters<typeof startListening>[0],
  server: WebServer,
  { certificate, key }: WebConfig,
  { tls }: WebSettings,
): CertificateWatch | undefined {
  if (tls === undefined || certificate === undefined || key === undefined) return undefined;
  const { section, name, loaded, clock, log, metrics, record, everyMs } = deps;
  return watchCertificate({
    part: section,
    files: [loaded.path(certificate), loaded.path(key)],
    inUse: tls,
    read: async () => {
      const next = (await deps.settings()).tls;
      if (next === undefined) throw new Error(`the ${name} has no TLS any more`);
      return next;
    },
    use: (next) => server.server.setSecureContext(next),
    record,
    clock,
    log,
    metrics,
    ...(everyMs === undefined ? {} : { everyMs }),
  });
}
