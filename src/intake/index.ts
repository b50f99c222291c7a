import { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { LoadedConfig } from '../config/load.js';
import type { ListenerConfig } from '../config/schema.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Clock } from '../shared/clock.js';
import { errorText, UserError } from '../shared/errors.js';
import type { AccountStore, AuditSink, BodyStore, QueueStore } from '../store/ports.js';
import type { ListenerContext } from './context.js';
import { cachedFreeSpace, freeSpaceOf } from './free-space.js';
import { watchListenerCertificates } from './listener-certificates.js';
import { loginChecker } from './login.js';
import { passwordCheck } from './password.js';
import { hourCounter } from './rate.js';
import { refusalRecorder } from './refusals.js';
import { IntakeServer } from './server.js';
import { type CertificatePair, type ListenerSettings, readSettings, type Settings } from './settings.js';

export interface IntakeDeps {
  readonly loaded: LoadedConfig;
  readonly queue: Pick<QueueStore, 'insert' | 'recipients'>;
  readonly bodies: BodyStore;
  readonly accounts: AccountStore;
  readonly audit: AuditSink;
  /** For listeners without certificate files of their own. */
  readonly serverCertificate: CertificatePair;
  /** Key of the field by which our own mail is known when it comes back. */
  readonly loopKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Bytes free on the data directory's file system; default: asked of the system. */
  readonly freeSpace?: () => Promise<number>;
  /** How often certificate files are looked at, in milliseconds; default: every few seconds. */
  readonly certificateEveryMs?: number;
  /** How often the keys of TLS tickets are made anew, in milliseconds; default: every hour. */
  readonly ticketKeysEveryMs?: number;
  /** Called when a message is safe on disk, before its 250. */
  readonly onAccepted: (messageId: string, stream: string, identity: string) => void;
  /** Whether the store can no longer write; then mail is deferred with 451. */
  readonly storeFailed: () => boolean;
}

/** The running intake. */
export interface Intake {
  /** The listeners with the ports they really have. */
  readonly listeners: readonly {
    readonly name: string;
    readonly mode: ListenerConfig['mode'];
    readonly host: string;
    readonly port: number;
  }[];
  /**
   * Reads identities, limits and certificates of a new configuration; nothing has changed then.
   * @returns puts them in force; sessions keep going
   * @throws UserError when a listener came, went or moved, or when something can't be read
   */
  prepare(loaded: LoadedConfig): Promise<() => void>;
  /** No new connections, no new transactions (421); running ones finish. */
  drain(): void;
  /** Drains, waits for running transactions at most `graceMs` milliseconds, then ends what is left. */
  close(graceMs: number): Promise<void>;
}

const TICKET_KEYS_MS = 3_600_000;

/**
 * Starts all listeners of the configuration, or none.
 * @throws UserError when a listener would admit anyone, an address can't be listened on, or a file can't be read
 */
export async function startIntake(deps: IntakeDeps): Promise<Intake> {
  const { clock, log, metrics, audit, accounts } = deps;
  let settings = await readSettings(deps.loaded, deps.serverCertificate);
  let draining = false;
  const reserved = (name: string) => settings.isTaken(name);
  const login = loginChecker({
    accounts,
    audit,
    passwords: await passwordCheck(clock, () => settings.loaded.config.login.remember),
    clock,
    log,
    metrics,
    limits: () => settings.loaded.config.login,
    reserved,
  });
  const shared = {
    loaded: () => settings.loaded,
    queue: deps.queue,
    loopKey: deps.loopKey,
    bodies: deps.bodies,
    accounts,
    login,
    reserved,
    recordRefusal: refusalRecorder({ audit, clock, log, metrics }),
    clock,
    log,
    metrics,
    freeSpace: cachedFreeSpace(deps.freeSpace ?? (() => freeSpaceOf(deps.loaded.dataDir)), clock),
    onAccepted: deps.onAccepted,
    storeFailed: deps.storeFailed,
    draining: () => draining,
  };
  const running: { readonly server: IntakeServer; readonly config: ListenerConfig; readonly port: number }[] =
    [];
  // Whoever got hold of such a key could read what was recorded of TLS 1.2 sessions while it was in use.
  const newTicketKeys = setInterval(() => {
    for (const { server } of running) server.refresh();
  }, deps.ticketKeysEveryMs ?? TICKET_KEYS_MS);
  newTicketKeys.unref();
  const stop = () => {
    clearInterval(newTicketKeys);
    for (const { server } of running) void server.stopListening();
  };

  for (const [name, { config }] of settings.listeners) {
    const context: ListenerContext = {
      ...shared,
      name,
      settings: () => settingsOf(settings, name),
      hourly: hourCounter(clock),
    };
    const server = new IntakeServer(context);
    try {
      running.push({ server, config, port: await listen(server, config) });
    } catch (cause) {
      stop();
      throw new UserError(
        `listener ${name}: can't listen on ${config.address.host}:${config.address.port}: ${errorText(cause)}`,
        { cause },
      );
    }
  }
  warnOfClearText(settings, log);

  const watch = () =>
    watchListenerCertificates(settings, {
      own: deps.serverCertificate,
      use: (name, certificate) => {
        const own = settingsOf(settings, name);
        const listeners = new Map(settings.listeners).set(name, { ...own, certificate });
        settings = { ...settings, listeners };
        for (const one of running) if (one.config.name === name) one.server.refresh();
      },
      audit,
      clock,
      log,
      metrics,
      ...(deps.certificateEveryMs === undefined ? {} : { everyMs: deps.certificateEveryMs }),
    });
  let watches = watch();
  const unwatch = () => {
    for (const one of watches) one.close();
  };

  const drain = () => {
    if (draining) return;
    draining = true;
    stop();
    for (const { server } of running) for (const one of server.intakeConnections) one.endIfIdle();
  };

  return {
    listeners: running.map(({ config, port }) => ({
      name: config.name,
      mode: config.mode,
      host: config.address.host,
      port,
    })),
    async prepare(loaded) {
      refuseMoved(settings.loaded, loaded);
      const read = await readSettings(loaded, deps.serverCertificate);
      return () => {
        settings = keepUnexpired(settings, read, clock.now());
        unwatch();
        watches = watch();
        for (const { server } of running) server.refresh();
        warnOfClearText(settings, log);
      };
    },
    drain,
    async close(graceMs) {
      drain();
      unwatch();
      await allClosed(
        running.map(({ server }) => server),
        graceMs,
      );
    },
  };
}

/**
 * Settings in which a listener goes on with the certificate that it shows, where the files that it is from now hold an
 * expired one. The watch over the files says so, and puts it on record.
 */
function keepUnexpired(before: Settings, next: Settings, now: number): Settings {
  const files = ({ loaded }: Settings, { tls }: ListenerConfig) =>
    [tls.certificate, tls.key].map((file) => (file === undefined ? '' : loaded.path(file))).join('\0');
  const listeners = new Map(next.listeners);
  for (const [name, own] of next.listeners) {
    const old = before.listeners.get(name);
    if (old === undefined || files(before, old.config) !== files(next, own.config)) continue;
    if (hasExpired(own.certificate, now) && !hasExpired(old.certificate, now))
      listeners.set(name, { ...own, certificate: old.certificate });
  }
  return { ...next, listeners };
}

function hasExpired({ certificatePem }: CertificatePair, now: number): boolean {
  return Date.parse(new X509Certificate(certificatePem).validTo) <= now;
}

function settingsOf(settings: Settings, name: string): ListenerSettings {
  const own = settings.listeners.get(name);
  if (own === undefined) throw new Error(`no settings for listener ${name}`);
  return own;
}

function listen(server: IntakeServer, config: ListenerConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(config.address.port, config.address.host, () => {
      server.server.removeListener('error', reject);
      const address: AddressInfo | string | null = server.server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : config.address.port);
    });
  });
}

/** Mail without TLS is allowed only where the configuration says so, and then it is said aloud. */
function warnOfClearText(settings: Settings, log: Log): void {
  for (const { config } of settings.listeners.values()) {
    if (config.tls.mode === 'off')
      log.warn(
        { listener: config.name, networks: config.tls.off_for },
        'TLS is off for these networks: mail and patient data reach this relay in clear text',
      );
  }
}

function refuseMoved(before: LoadedConfig, after: LoadedConfig): void {
  const shape = (loaded: LoadedConfig) =>
    JSON.stringify(
      loaded.config.listeners
        .map((one) => [one.name, one.mode, one.address.host, one.address.port])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
  if (shape(before) !== shape(after))
    throw new UserError(
      'listeners were added, removed or moved, which a reload cannot do: restart the relay to use the new configuration',
    );
  if (before.config.hostname !== after.config.hostname || before.dataDir !== after.dataDir)
    throw new UserError('`hostname` or `data_dir` changed, which a reload cannot do: restart the relay');
}

/** Waits for all sessions to end; those left after `graceMs` are cut. */
async function allClosed(servers: readonly IntakeServer[], graceMs: number): Promise<void> {
  const ended = Promise.all(servers.map((server) => server.stopListening()));
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([ended, grace]);
  clearTimeout(timer);
  for (const server of servers) for (const connection of server.intakeConnections) connection.cut();
  await ended;
}
