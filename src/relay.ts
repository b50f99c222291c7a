import { auditEvent } from './audit/events.js';
import type { LoadedConfig } from './config/load.js';
import type { Resolver } from './deliver/index.js';
import { startIntake } from './intake/index.js';
import { createDkimKeys } from './keys/dkim/index.js';
import { certificateFingerprint, serverCertificate } from './keys/server-certificate.js';
import { makeFirstAccount } from './ops/first-account.js';
import { policyLoaded, withPolicies } from './ops/in-force.js';
import type { Log } from './ops/log.js';
import { createMetrics, type Metrics } from './ops/metrics.js';
import { createClosers } from './relay/closers.js';
import { startMailPath } from './relay/mail-path.js';
import { startOperations } from './relay/operations.js';
import { DRAIN_MS, type RelayParts } from './relay/parts.js';
import { openRelayStore } from './relay/store.js';
import { watchStoreFailure } from './relay/store-failure.js';
import { createReloadable } from './reloadable.js';
import type { Clock } from './shared/clock.js';
import { createInTurn } from './shared/in-turn.js';
import { deriveKey, loadMasterKey } from './store/index.js';
import { VERSION } from './version.js';

export interface Relay {
  readonly listeners: readonly {
    readonly name: string;
    readonly mode: string;
    readonly host: string;
    readonly port: number;
  }[];
  /** Address of the pickup site, if there is one. */
  readonly portalUrl?: string;
  /** Address of the review page, if there is one. */
  readonly reviewUrl?: string;
  readonly adminPort: number;
  /** Made at this start; its password is shown once and kept nowhere. */
  readonly firstAccount?: { readonly name: string; readonly password: string };
  /** SHA-256 of the self-signed certificate. */
  readonly certificateFingerprint: string;
  readonly policyRules: number;
  /** Reads config and policies again; a bad one keeps the old, says so and is recorded. Resolves to whether it took. */
  reload(): Promise<boolean>;
  /** Resolves when every accepted message is decided and nothing is due. */
  idle(): Promise<void>;
  /** Drains and stops; nothing accepted is lost. @throws ThreadStuck when the disk hangs: the process can only be killed */
  stop(reason: string): Promise<void>;
  /** Resolves when the relay ended by itself because its store failed. */
  readonly failed: Promise<Error>;
}

/**
 * Runs the whole journey of a message: intake → inspect → decide → protect → deliver, with the portal, the audit log
 * and the control socket beside it.
 * @throws UserError when anything that it needs is missing or wrong; then nothing listens
 */
export async function startRelay(
  first: LoadedConfig,
  options: { readonly clock: Clock; readonly log: Log; readonly resolver?: Resolver },
): Promise<Relay> {
  const { clock, log, resolver } = options;
  const atStart = await withPolicies(first);
  const { config, dataDir } = first;
  const metrics = createMetrics();
  showShadow(first, metrics, log);

  const masterKey = loadMasterKey(config.master_key, dataDir, { createIfMissing: true });
  const opened = await openRelayStore(first, { masterKey, clock, log });
  const { store } = opened;
  const failure = watchStoreFailure(store, { log, metrics });

  const closers = createClosers(log);
  closers.add(() => store.close());
  let stopping: { readonly reason: string } | undefined;
  // When all else has stopped, and the store is still open.
  closers.add(async () => {
    if (stopping !== undefined && !failure.happened())
      await store.audit.record([auditEvent('relay.stopped', { reason: stopping.reason })]);
  });

  try {
    await store.audit.record([
      auditEvent('relay.started', {
        version: VERSION,
        enforcement: config.enforcement,
        configHash: first.hash,
      }),
      policyLoaded(atStart),
    ]);
    const certificate = await serverCertificate(dataDir, config.hostname, clock.now());

    const dkimKeys = createDkimKeys({ store: store.keys, masterKey });
    const reloadable = await createReloadable(atStart, { masterKey, store, dkimKeys, clock, log });
    const { loaded } = reloadable;
    const parts: RelayParts = { masterKey, opened, failure, closers, reloadable, clock, log, metrics };
    const path = await startMailPath(parts, { dkimKeys, certificate, resolver });
    const { courier, judging, portal } = path;
    const { review, adminPort } = await startOperations(parts, {
      first,
      path,
      certificate,
      isDraining: () => stopping !== undefined,
    });

    courier.start();
    const intake = await startIntake({
      loaded: loaded(),
      queue: store.queue,
      bodies: store.bodies,
      accounts: store.accounts,
      audit: store.audit,
      serverCertificate: certificate,
      loopKey: deriveKey(masterKey, 'loop'),
      clock,
      log,
      metrics,
      onAccepted: (id, stream, identity) => judging.add(id, stream, identity),
      storeFailed: failure.happened,
    });
    closers.add(() => intake.close(DRAIN_MS));
    // Last, when nothing can fail any more: its password is told once, by whoever started the relay.
    const firstAccount = await makeFirstAccount(config, store.accounts, clock);

    const inTurn = createInTurn();
    const reload = () =>
      reloadable.reload({
        prepare: intake.prepare,
        replaced: async () => {
          showShadow(loaded(), metrics, log);
          courier.reload();
          await portal?.reload();
          await review?.reload();
        },
      });

    return {
      listeners: intake.listeners,
      ...(portal === undefined ? {} : { portalUrl: portal.url }),
      ...(review === undefined ? {} : { reviewUrl: review.url }),
      adminPort,
      ...(firstAccount === undefined ? {} : { firstAccount }),
      certificateFingerprint: certificateFingerprint(certificate.certificatePem),
      policyRules: atStart.policy.rules.length,
      // In turn, so that the files read last are those in force.
      reload: () => inTurn('reload', reload),
      idle: async () => {
        await judging.idle();
        await courier.idle();
      },
      stop: async (reason) => {
        stopping ??= { reason };
        store.expectAnswers();
        intake.drain();
        // Now, not when its turn to be closed has come: no attempt begins behind this, and those that are begun end within the time
        // that clients have.
        void courier.stop(DRAIN_MS);
        log.info({ reason }, 'stopping: running transactions are finished first');
        await closers.closeAll();
      },
      failed: failure.failed,
    };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

function showShadow({ config }: LoadedConfig, metrics: Metrics, log: Log): void {
  const isShadow = config.enforcement === 'shadow';
  metrics.shadow.set(isShadow ? 1 : 0);
  if (!isShadow) return;
  log.warn(
    'SHADOW MODE: nothing is enforced. Decisions are recorded as "would have", and all mail leaves as plain.',
  );
}
