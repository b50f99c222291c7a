import { availableParallelism } from 'node:os';
import { createActContext } from './act-context.js';
import { auditEvent } from './audit/events.js';
import { createBackups } from './backup/index.js';
import type { LoadedConfig } from './config/load.js';
import { allStreams, streamSettings } from './config/streams.js';
import { createJudgeQueue } from './decide/judge-queue.js';
import { createCourier, createResolver, ownMail, type Resolver, tlsAvailability } from './deliver/index.js';
import { createInspector } from './inspect/index.js';
import { startIntake } from './intake/index.js';
import { createJudging } from './judging.js';
import { createDkimKeys } from './keys/dkim/index.js';
import { createSigningKeys } from './keys/index.js';
import { rememberedKeys } from './keys/remembered-keys.js';
import { certificateFingerprint, serverCertificate } from './keys/server-certificate.js';
import { KEY_KINDS } from './model/key.js';
import { startAdminServer } from './ops/admin-server.js';
import { startAuditRetention } from './ops/audit-retention.js';
import { listenForActs } from './ops/control-socket.js';
import { makeFirstAccount } from './ops/first-account.js';
import { policyLoaded, withPolicies } from './ops/in-force.js';
import type { Log } from './ops/log.js';
import { createMetrics, type Metrics } from './ops/metrics.js';
import { createOperatorLogin } from './ops/operators/login.js';
import { operatorTotp } from './ops/operators/totp.js';
import { whoActs } from './ops/operators/who-acts.js';
import { ACTS, KEEPING, performInTurn } from './ops/perform-in-turn.js';
import { refreshGauges } from './ops/refresh-gauges.js';
import { createMasterKeyRotation } from './ops/rotate-master.js';
import { checkpointSink } from './ops/system-log.js';
import { createPlaceInPortal, createRecall, createRemind, startPortal } from './portal/index.js';
import { createDkimSigning, createProtect, createSealer, methodAvailability } from './protect/index.js';
import { createRewriter } from './protect/rewrite/rewriter.js';
import { createReloadable } from './reloadable.js';
import { createReviewApi } from './review/api.js';
import { startReviewPage } from './review/site/index.js';
import type { Clock } from './shared/clock.js';
import { domainOf } from './shared/domain-of.js';
import { errorText } from './shared/errors.js';
import { createInTurn } from './shared/in-turn.js';
import { copyAccess } from './store/copies.js';
import { ThreadStuck } from './store/errors.js';
import { freshMessages } from './store/fresh-messages.js';
import { deriveKey, loadMasterKey, openStore } from './store/index.js';
import { knownSuppressions } from './store/known-suppressions.js';
import { watchedMessages } from './store/watched-messages.js';
import { VERSION } from './version.js';

/** How long running transactions and deliveries may take when the relay stops, in milliseconds. */
const DRAIN_MS = 30_000;

/** Messages for each inspecting thread that are on their way to a decision; few of the larger ones are in memory. */
const JUDGED_AT_ONCE = 32;

/** Mail that waits to be judged and is still in memory. */
const FRESH_BYTES = 8 * 1024 * 1024;

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
  const { clock, log } = options;
  const atStart = await withPolicies(first);
  const { config, dataDir } = first;
  const metrics = createMetrics();
  showShadow(first, metrics, log);

  const masterKey = loadMasterKey(config.master_key, dataDir, { createIfMissing: true });
  const judgeWorkers = config.inspect.workers ?? availableParallelism();
  const opened = await openStore({
    dataDir,
    masterKey,
    clock,
    log,
    audit: {
      checkpointEveryEvents: config.audit.checkpoint_every_events,
      checkpointEveryMs: config.audit.checkpoint_every,
      onCheckpoint: checkpointSink(log, config.audit.syslog),
    },
  });

  const { store: watched, watch } = watchedMessages(
    knownSuppressions({ ...opened, keys: rememberedKeys(opened.keys) }),
  );
  // What comes in while that much waits is read again when its turn comes.
  const {
    store,
    take: takeFresh,
    takeDecided,
  } = freshMessages(watched, {
    messages: JUDGED_AT_ONCE * judgeWorkers,
    bytes: FRESH_BYTES,
  });

  // Undone in reverse order, whether the relay stops or could not start.
  const closers: (() => Promise<void>)[] = [() => store.close()];
  const closeAll = async () => {
    let stuck: ThreadStuck | undefined;
    for (const close of closers.splice(0).reverse()) {
      // One that fails must not keep the others, and the store behind them, from closing.
      await close().catch((error: unknown) => {
        if (error instanceof ThreadStuck) stuck = error;
        log.error({ reason: errorText(error) }, 'a part did not close cleanly');
      });
    }
    if (stuck !== undefined) throw stuck;
  };

  let storeFailure: Error | undefined;
  let draining = false;
  let cutDeliveries: () => void = () => undefined;
  let reportFailure: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    reportFailure = resolve;
  });
  const onFailure = (error: Error) => {
    if (storeFailure !== undefined || error.name !== 'StoreUnavailable') return;
    storeFailure = error;
    metrics.storeFailures.inc();
    log.fatal(
      { reason: error.message },
      'the store cannot be written: new mail is deferred and the relay ends',
    );
    // What came of an attempt could not be recorded any more.
    cutDeliveries();
    reportFailure(error);
  };
  store.failed.then(onFailure, onFailure);

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

    const signingKeys = createSigningKeys({ store: store.keys, masterKey, clock, log });
    const dkimKeys = createDkimKeys({ store: store.keys, masterKey });
    const reloadable = await createReloadable(atStart, { masterKey, store, dkimKeys, clock, log });
    const { loaded, findKeys } = reloadable;
    const dkimSigned = createDkimSigning({ loaded, keys: dkimKeys, clock, log, metrics });

    const fingerprintKey = deriveKey(masterKey, 'fingerprint');
    const inspector = createInspector({
      limits: config.inspect,
      fingerprintKey,
      log,
    });
    closers.push(() => inspector.close());

    const sealer = createSealer({
      threads: config.inspect.workers ?? availableParallelism(),
      access: () => copyAccess(dataDir, masterKey),
      log,
    });
    closers.push(() => sealer.close());

    const portalKey = deriveKey(masterKey, 'portal-code');
    const loopKey = deriveKey(masterKey, 'loop');
    const rewriter = createRewriter({
      threads: config.inspect.workers ?? availableParallelism(),
      limits: config.inspect,
      log,
    });
    closers.push(() => rewriter.close());

    const courier = createCourier({
      loaded,
      queue: store.queue,
      portalItems: store.portal,
      bodies: store.bodies,
      tlsMemory: store.tlsMemory,
      suppressions: store.suppressions,
      fresh: takeDecided,
      watch,
      audit: store.audit,
      protect: dkimSigned(
        createProtect({
          bodies: store.bodies,
          audit: store.audit,
          config: () => loaded().config.protect,
          hostname: () => loaded().config.hostname,
          findKeys: async (address, kind) => (await findKeys(address, [kind]))[kind],
          signingKeys,
          seal: (task) => sealer.seal(task),
          clock,
          log,
        }),
      ),
      placeInPortal: createPlaceInPortal({
        loaded,
        portal: store.portal,
        bodies: store.bodies,
        ownMail,
        codeKey: portalKey,
      }),
      whileUnread: (content, destroy) =>
        portal === undefined ? destroy() : portal.whileUnread(content, destroy),
      remind: createRemind({
        loaded,
        portal: store.portal,
        queue: store.queue,
        bodies: store.bodies,
        ownMail,
        codeKey: portalKey,
        clock,
        log,
      }),
      loopKey,
      resolver: options.resolver ?? createResolver(config.dns),
      clock,
      log,
      metrics,
      onFailure,
    });
    closers.push(() => courier.stop(DRAIN_MS));
    cutDeliveries = () => void courier.stop(0);

    const recall = createRecall({
      loaded,
      portal: store.portal,
      queue: store.queue,
      bodies: store.bodies,
      ownMail,
      clock,
      log,
    });
    /** Messages of which the courier has everything already, so that it need not look for them. */
    const handedOver = new Set<string>();
    const judging = createJudgeQueue({
      judge: createJudging({
        inForce: reloadable.judgedBy,
        store,
        fresh: takeFresh,
        onlyQueued: (rows, id) => {
          if (rows.length === 0 || courier.take(rows)) handedOver.add(id);
        },
        promiseAttempt: (message, rows) => courier.promise(message, rows),
        recall,
        inspector,
        rewriter,
        workers: judgeWorkers,
        ocrWorkers: config.inspect.documents.ocr.workers,
        availability: (address, stream) =>
          methodAvailability(loaded().config, tlsAvailability(loaded().config, domainOf(address), stream)),
        findKeys: reloadable.keys.find,
        fingerprintKey,
        clock,
        log,
        metrics,
      }),
      undecided: (limit) => store.queue.undecided(limit),
      streams: () => allStreams(loaded().config).map((one) => one.name),
      priority: (stream) => streamSettings(loaded().config, stream).priority,
      // Most of them wait for the disk at any time, so that many share one sync.
      concurrency: JUDGED_AT_ONCE * judgeWorkers,
      // One more, so that the next document is at hand when a process becomes free.
      ocrConcurrency: config.inspect.documents.ocr.workers + 1,
      log,
      onDecided: (id) => {
        if (!handedOver.delete(id)) courier.wake();
      },
      onFailure,
    });
    closers.push(async () => {
      const stopped = judging.stop();
      // Recognising a long scan takes minutes. It waits in the store, and is done after the next start.
      inspector.abandonOcr();
      await stopped;
    });

    // What recipients and operators do to one account comes one after the other.
    const portalTurns = createInTurn();
    const portal =
      config.portal === undefined
        ? undefined
        : await startPortal({
            get loaded() {
              return loaded();
            },
            portal: store.portal,
            queue: store.queue,
            bodies: store.bodies,
            renderer: inspector,
            codeKey: portalKey,
            serverCertificate: certificate,
            ownMail,
            inTurn: portalTurns,
            clock,
            log,
            metrics,
            onQueued: () => courier.wake(),
            onReceived: (id) => judging.add(id),
          });
    if (portal !== undefined) closers.push(() => portal.close());

    const totp = operatorTotp(masterKey, () => loaded().config.organisation.name);
    const operatorLogin = await createOperatorLogin({ config: () => loaded().config, store, totp, clock });
    const inTurn = createInTurn();
    const backups = createBackups({ loaded, store, masterKey, clock });
    const rotation = createMasterKeyRotation({
      loaded: first,
      masterKey,
      store,
      alone: (task) => inTurn(ACTS, task),
      log,
    });
    const actContext = createActContext(
      { loaded, masterKey, totp, portalTurns },
      {
        store,
        clock,
        relayStopped: false,
        wake: () => courier.wake(),
        decideAgain: (id, stream) => judging.add(id, stream),
        findKeys: (address) => findKeys(address, KEY_KINDS),
        judgeKey: reloadable.keys.judge,
        rostersChanged: reloadable.rostersChanged,
        makeBackup: (to, actor) => backups.make(to, actor),
        rotateMaster: (actor) => rotation.rotate(actor),
      },
    );
    const performAs = performInTurn(actContext, inTurn);
    const control = await listenForActs(dataDir, async (name, input, credentials) =>
      performAs(await whoActs(operatorLogin, credentials), name, input),
    );
    closers.push(() => control.close());

    const review =
      config.review === undefined
        ? undefined
        : await startReviewPage({
            get loaded() {
              return loaded();
            },
            api: createReviewApi({
              dataDir,
              store,
              login: operatorLogin,
              performAs,
              availability: actContext.availability,
              methodsAfterRelease: actContext.methodsAfterRelease,
            }),
            renderer: inspector,
            serverCertificate: certificate,
            record: (events) => store.audit.record(events),
            clock,
            log,
            metrics,
          });
    if (review !== undefined) closers.push(() => review.close());
    closers.push(() => backups.stop());
    closers.push(async () => rotation.stop());

    const admin = await startAdminServer({
      host: config.admin.address.host,
      port: config.admin.address.port,
      metrics,
      health: () => ({
        ok: storeFailure === undefined && !draining,
        state: storeFailure !== undefined ? 'store-failed' : draining ? 'draining' : 'running',
        enforcement: loaded().config.enforcement,
        policyHash: reloadable.judgedBy().policy.hash,
        configHash: loaded().hash,
      }),
      refresh: () => refreshGauges(metrics, store.queue, loaded),
    });
    closers.push(() => admin.close());

    const stopRetention = startAuditRetention({
      store,
      dataDir,
      now: () => clock.now(),
      retention: config.audit.retention,
      log,
    });
    closers.push(async () => stopRetention());

    void inTurn(KEEPING, () => rotation.resume());
    courier.start();
    const intake = await startIntake({
      loaded: loaded(),
      queue: store.queue,
      bodies: store.bodies,
      accounts: store.accounts,
      audit: store.audit,
      serverCertificate: certificate,
      loopKey,
      clock,
      log,
      metrics,
      onAccepted: (id, stream, identity) => judging.add(id, stream, identity),
      storeFailed: () => storeFailure !== undefined,
    });
    closers.push(() => intake.close(DRAIN_MS));
    // Last, when nothing can fail any more: its password is told once, by whoever started the relay.
    const firstAccount = await makeFirstAccount(config, store.accounts, clock);

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
      adminPort: admin.port,
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
        draining = true;
        store.expectAnswers();
        intake.drain();
        log.info({ reason }, 'stopping: running transactions are finished first');
        // The event is written while the store is still open; the last closer closes it.
        closers.splice(1, 0, async () => {
          if (storeFailure === undefined) await store.audit.record([auditEvent('relay.stopped', { reason })]);
        });
        await closeAll();
      },
      failed,
    };
  } catch (error) {
    await closeAll();
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
