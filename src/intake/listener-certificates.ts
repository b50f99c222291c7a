import { type CertificateWatch, watchCertificate } from '../ops/certificate-watch.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Clock } from '../shared/clock.js';
import type { AuditSink } from '../store/ports.js';
import { type CertificatePair, readCertificate, type Settings } from './settings.js';

/**
 * Watches the certificate files of all listeners that have their own; `use` is called with a renewed one. Listeners with
 * the relay's own certificate have no files that anybody renews.
 */
export function watchListenerCertificates(
  settings: Settings,
  deps: {
    readonly own: CertificatePair;
    readonly use: (listener: string, certificate: CertificatePair) => void;
    readonly audit: AuditSink;
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: Metrics;
    /** How often the files are looked at, in milliseconds; default: every few seconds. */
    readonly everyMs?: number;
  },
): readonly CertificateWatch[] {
  const { audit, clock, log, metrics } = deps;
  const { loaded } = settings;
  return [...settings.listeners.values()].flatMap(({ config, certificate }) => {
    const { tls, name } = config;
    if (tls.certificate === undefined || tls.key === undefined) return [];
    const inUse = toWatch(certificate);
    return [
      watchCertificate({
        part: `listener ${name}`,
        files: [loaded.path(tls.certificate), loaded.path(tls.key)],
        inUse,
        read: async () => toWatch(await readCertificate(loaded, config, deps.own)),
        use: ({ cert, key }) => deps.use(name, { certificatePem: cert, keyPem: key }),
        record: (events) => audit.record(events),
        clock,
        log,
        metrics,
        ...(deps.everyMs === undefined ? {} : { everyMs: deps.everyMs }),
      }),
    ];
  });
}

function toWatch({ certificatePem, keyPem }: CertificatePair) {
  return { cert: certificatePem, key: keyPem };
}
