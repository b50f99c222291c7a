import { X509Certificate } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type AuditEvent, auditEvent } from '../audit/events.js';
import { certificateFingerprint } from '../keys/server-certificate.js';
import type { Clock } from '../shared/clock.js';
import { errorText } from '../shared/errors.js';
import { createInTurn } from '../shared/in-turn.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** A certificate with its key, and those of its issuers behind it, in PEM form. */
interface CertificateInUse {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateWatch {
  /** Looks now; resolves when a new certificate is in use, or the old one stays. Never rejects. */
  look(): Promise<void>;
  close(): void;
}

/** How often the files are looked at. Asking for their facts works where notices of changes don't: links, network shares. */
const EVERY_MS = 5000;

/**
 * Takes a new certificate into use when its files change, for handshakes from then on. One that can't be used leaves the
 * old one in use: connections go on being served. That is logged, counted in the metrics and recorded, each time that the
 * files change. Of two files one is always written first, so what can't be used is read once more a little later.
 */
export function watchCertificate<Pair extends CertificateInUse>(deps: {
  /** What shows the certificate, as logs, metrics and the audit log name it: `portal`, `listener submission`. */
  readonly part: string;
  readonly files: readonly string[];
  readonly inUse: Pair;
  /** Rejects when the files hold nothing that can be used. */
  readonly read: () => Promise<Pair>;
  readonly use: (pair: Pair) => void;
  /** Puts events on record; rejects when it can't. */
  readonly record: (events: readonly AuditEvent[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'certificateExpires' | 'certificateRefused'>;
  readonly everyMs?: number;
}): CertificateWatch {
  const { part, files, clock, log, metrics } = deps;
  const everyMs = deps.everyMs ?? EVERY_MS;
  const inTurn = createInTurn();
  let inUse: Pair = deps.inUse;
  let closed = false;

  const readUsable = async (): Promise<Pair> => {
    const next = await deps.read();
    const { validTo } = new X509Certificate(next.cert);
    // Clients refuse it; what is in use may still be good.
    if (Date.parse(validTo) <= clock.now()) throw new Error(`the certificate expired on ${validTo}`);
    return next;
  };
  const take = async (next: Pair): Promise<void> => {
    metrics.certificateRefused.set({ part }, 0);
    if (closed || (next.cert === inUse.cert && next.key === inUse.key)) return;
    const facts = {
      fingerprint: certificateFingerprint(next.cert),
      expiresAt: Date.parse(new X509Certificate(next.cert).validTo),
    };
    await deps.record([auditEvent('certificate.changed', { part, ...facts })]);
    // A reload in that time may have put a certificate of other files in use; then what is on record needs its counterpart.
    if (closed) return notUsed();
    deps.use(next);
    inUse = next;
    metrics.certificateExpires.set({ part }, facts.expiresAt / 1000);
    log.info({ part, fingerprint: facts.fingerprint }, 'a new certificate is in use');
  };
  const refuse = async (error: unknown): Promise<void> => {
    const reason = errorText(error);
    metrics.certificateRefused.set({ part }, 1);
    log.error({ part, reason }, 'the certificate in the files cannot be used: the one in use stays');
    await recordRefused(reason);
  };
  const recordRefused = async (reason: string): Promise<void> => {
    try {
      await deps.record([auditEvent('certificate.rejected', { part, error: reason })]);
    } catch (unrecorded) {
      log.error(
        { part, reason: errorText(unrecorded) },
        'that a certificate was refused could not be recorded',
      );
    }
  };
  const notUsed = () =>
    recordRefused(
      'it was not taken into use: a reload or the end of the relay came between, and decided what is',
    );

  const look = () =>
    inTurn('certificate', async () => {
      if (closed) return;
      try {
        const next = await readUsable().catch(async () => {
          await delay(everyMs / 5, undefined, { ref: false });
          return readUsable();
        });
        await take(next);
      } catch (error) {
        if (!closed) await refuse(error);
      }
    });
  metrics.certificateRefused.set({ part }, 0);
  metrics.certificateExpires.set({ part }, Date.parse(new X509Certificate(inUse.cert).validTo) / 1000);
  // `look` never rejects.
  const changed = () => void look();
  for (const file of files) watchFile(file, { persistent: false, interval: everyMs }, changed);
  // What changed before the first look at a file's facts would never be seen as a change.
  const once = setTimeout(changed, everyMs).unref();
  return {
    look,
    close: () => {
      closed = true;
      clearTimeout(once);
      for (const file of files) unwatchFile(file, changed);
    },
  };
}
