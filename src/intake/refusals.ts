import { type AuditEventData, auditEvent } from '../audit/events.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Clock } from '../shared/clock.js';
import type { AuditSink } from '../store/ports.js';
import type { Refusal } from './reply.js';

/** Who was refused. Addresses are canonical, and only there when they parsed. */
interface RefusedClient {
  readonly listener: string;
  readonly clientAddress: string;
  readonly identity?: string;
  readonly sender?: string;
  readonly recipient?: string;
}

/** Counts a refusal and puts it on record. Never fails: the refusal stands whether or not it could be recorded. */
export type RecordRefusal = (client: RefusedClient, refusal: Refusal) => Promise<void>;

const WINDOW_MS = 10 * 60_000;
/** Identical refusals of one client recorded in a window. */
const PER_KEY = 10;
/** Refusals of everybody recorded in a window. */
const PER_WINDOW = 5000;
const MAX_KEYS = 10_000;

/**
 * Records refusals, but not each of a flood: a client that is refused for the same reason again and again fills ten
 * events in ten minutes, and the next one recorded says how many were left out. All are counted in the metrics.
 */
export function refusalRecorder(deps: {
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}): RecordRefusal {
  const { audit, clock, log, metrics } = deps;
  const known = new Map<string, { since: number; recorded: number; leftOut: number }>();
  let window = { since: clock.now(), recorded: 0 };

  const allowance = (key: string): { readonly leftOut: number } | undefined => {
    const now = clock.now();
    if (now - window.since >= WINDOW_MS || now < window.since) window = { since: now, recorded: 0 };
    let entry = known.get(key);
    if (entry === undefined || now - entry.since >= WINDOW_MS || now < entry.since) {
      entry = { since: now, recorded: 0, leftOut: entry?.leftOut ?? 0 };
      known.delete(key);
      known.set(key, entry);
      if (known.size > MAX_KEYS) known.delete(known.keys().next().value ?? '');
    }
    if (entry.recorded >= PER_KEY || window.recorded >= PER_WINDOW) {
      entry.leftOut++;
      return undefined;
    }
    entry.recorded++;
    window.recorded++;
    const { leftOut } = entry;
    entry.leftOut = 0;
    return { leftOut };
  };

  return async (client, refusal) => {
    metrics.refused.inc({ listener: client.listener, stage: refusal.stage });
    const key = [
      client.listener,
      client.clientAddress,
      client.identity,
      refusal.stage,
      refusal.status,
      refusal.text,
    ];
    const allowed = allowance(key.join('\n'));
    if (allowed === undefined) return;
    const data: AuditEventData['session.refused'] = {
      ...client,
      stage: refusal.stage,
      code: refusal.code,
      status: refusal.status,
      reason: refusal.text,
      ...(allowed.leftOut > 0 ? { leftOut: allowed.leftOut } : {}),
    };
    try {
      await audit.record([auditEvent('session.refused', data)]);
    } catch {
      // The client is refused all the same; only the record of it is missing, and that is said here.
      metrics.storeFailures.inc();
      log.error(
        { listener: client.listener, stage: refusal.stage, code: refusal.code },
        'a refusal could not be recorded',
      );
    }
  };
}
