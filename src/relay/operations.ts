import { createActContext } from '../act-context.js';
import { createBackups } from '../backup/index.js';
import type { LoadedConfig } from '../config/load.js';
import type { CertificateAndKey } from '../keys/certificates.js';
import { KEY_KINDS } from '../model/key.js';
import { startAdminServer } from '../ops/admin-server.js';
import { startAuditRetention } from '../ops/audit-retention.js';
import { listenForActs } from '../ops/control-socket.js';
import { healthState } from '../ops/health.js';
import { createOperatorLogin } from '../ops/operators/login.js';
import { operatorTotp } from '../ops/operators/totp.js';
import { whoActs } from '../ops/operators/who-acts.js';
import { ACTS, KEEPING, performInTurn } from '../ops/perform-in-turn.js';
import { refreshGauges } from '../ops/refresh-gauges.js';
import { createMasterKeyRotation } from '../ops/rotate-master.js';
import { createReviewApi } from '../review/api.js';
import { startReviewPage } from '../review/site/index.js';
import { createInTurn } from '../shared/in-turn.js';
import type { WebSite } from '../web/start.js';
import type { MailPath } from './mail-path.js';
import type { RelayParts } from './parts.js';

/** What operators reach. */
export interface Operations {
  /** If there is one. */
  readonly review: WebSite | undefined;
  readonly adminPort: number;
}

/**
 * The control socket, the review page, health and metrics, and what is done over the months: backups, audit retention, a
 * rotation of the master key that was begun before.
 * @param deps.first the configuration of the start: where a master key comes from stays until the next
 * @throws UserError when one of the listeners can't be opened
 */
export async function startOperations(
  parts: RelayParts,
  deps: {
    readonly first: LoadedConfig;
    readonly path: MailPath;
    /** The relay's own. */
    readonly certificate: CertificateAndKey;
    readonly isDraining: () => boolean;
  },
): Promise<Operations> {
  const { masterKey, opened, reloadable, failure, closers, clock, log, metrics } = parts;
  const { store } = opened;
  const { loaded } = reloadable;
  const { first, path } = deps;
  const { config, dataDir } = first;

  const totp = operatorTotp(masterKey, () => loaded().config.organisation.name);
  const login = await createOperatorLogin({ config: () => loaded().config, store, totp, clock });
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
    { loaded, masterKey, totp, portalTurns: path.portalTurns },
    {
      store,
      clock,
      relayStopped: false,
      wake: () => path.courier.wake(),
      decideAgain: (id, stream) => path.judging.add(id, stream),
      findKeys: (address) => reloadable.findKeys(address, KEY_KINDS),
      judgeKey: reloadable.keys.judge,
      rostersChanged: reloadable.rostersChanged,
      makeBackup: (to, actor) => backups.make(to, actor),
      rotateMaster: (actor) => rotation.rotate(actor),
    },
  );
  const performAs = performInTurn(actContext, inTurn);
  const control = await listenForActs(dataDir, async (name, input, credentials) =>
    performAs(await whoActs(login, credentials), name, input),
  );
  closers.add(() => control.close());

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
            login,
            performAs,
            availability: actContext.availability,
            methodsAfterRelease: actContext.methodsAfterRelease,
          }),
          renderer: path.renderer,
          serverCertificate: deps.certificate,
          record: (events) => store.audit.record(events),
          clock,
          log,
          metrics,
        });
  if (review !== undefined) closers.add(() => review.close());
  closers.add(() => backups.stop());
  closers.add(() => rotation.stop());

  const admin = await startAdminServer({
    host: config.admin.address.host,
    port: config.admin.address.port,
    metrics,
    health: () => {
      const state = healthState({
        hasFailed: failure.happened(),
        isDraining: deps.isDraining(),
        unansweredFor: store.unansweredFor(),
      });
      return {
        ok: state === 'running',
        state,
        enforcement: loaded().config.enforcement,
        policyHash: reloadable.judgedBy().policy.hash,
        configHash: loaded().hash,
      };
    },
    refresh: () => refreshGauges(metrics, store.queue, loaded),
  });
  closers.add(() => admin.close());

  closers.add(
    startAuditRetention({
      store,
      dataDir,
      now: () => clock.now(),
      retention: config.audit.retention,
      log,
    }),
  );
  void inTurn(KEEPING, () => rotation.resume());
  return { review, adminPort: admin.port };
}
