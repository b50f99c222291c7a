import type { LoadedConfig } from '../config/load.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Clock } from '../shared/clock.js';
import type { InTurn } from '../shared/in-turn.js';
import type { BodyStore, PortalStore, QueueStore } from '../store/ports.js';
import { createFairGate, createRoom } from '../web/gate.js';
import { createProblemHandler } from '../web/problem-handler.js';
import { renderLimit } from '../web/render-limit.js';
import { createServer, DEFAULT_LIMITS, type WebLimits } from '../web/server.js';
import { startListening, type WebSite } from '../web/start.js';
import { accountRoutes } from './account/account-routes.js';
import { lostRoutes } from './account/lost-routes.js';
import { signInRoutes } from './account/sign-in-routes.js';
import { stepRoutes } from './account/step-routes.js';
import { createWays } from './account/ways.js';
import { createBodyReaders } from './body-readers.js';
import { inboxRoutes } from './inbox-routes.js';
import { linkRoutes } from './link-routes.js';
import { loadLooks } from './looks/load-looks.js';
import { looksRoutes } from './looks/looks-routes.js';
import type { OwnMail } from './own-mail.js';
import { PAGES } from './page-data.js';
import { createPages } from './pages.js';
import { portalProblems } from './problems.js';
import type { Renderer } from './renderer.js';
import { formKey } from './secrets.js';
import { sessionRoutes } from './session-routes.js';
import { portalSettings } from './settings.js';
import { createShowing } from './showing.js';
import { createFront, type Site } from './site.js';
import { createWhileUnread, type WhileUnread } from './while-unread.js';

export { unlockRecipient } from './account/unlock.js';
export { createPortalOperations } from './after/operate.js';
export { createRecall } from './after/recall.js';
export { createRemind } from './after/remind.js';
export { createPlaceInPortal } from './place.js';
export { revoke } from './revoke.js';

export interface Portal extends WebSite {
  /** Destroys content while nobody reads it here. */
  readonly whileUnread: WhileUnread;
}

export interface PortalDeps {
  /** May be another one at each access: what doesn't need a restart counts at once. */
  readonly loaded: LoadedConfig;
  readonly portal: PortalStore;
  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'contentKey' | 'apply'>;
  readonly bodies: Pick<BodyStore, 'open' | 'seal' | 'create' | 'remove'>;
  readonly renderer: Renderer;
  /** At least 32 bytes, derived from the master key. */
  readonly codeKey: Uint8Array;
  /** The gateway's own certificate, for a portal without one of its own. */
  readonly serverCertificate: { readonly certificatePem: string; readonly keyPem: string } | undefined;
  readonly ownMail: OwnMail;
  /** Shared with what operators do to accounts, so that no sign-in going on outlives that. */
  readonly inTurn: InTurn;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called after a code was queued. */
  readonly onQueued: () => void;
  /** Called after a reply was queued as a received message: it waits to be inspected and decided. */
  readonly onReceived: (messageId: string) => void;
  readonly limits?: WebLimits;
  /** How often the certificate's files are looked at, in milliseconds. */
  readonly certificateEveryMs?: number;
}

const RENDERINGS_AT_ONCE = 4;
const LISTED_AT_ONCE = 4;
const PREVIEWS_AT_ONCE = 2;
/** Bytes of the messages whose attachments wait in memory for their readers: of those that can't be read piece by piece. */
const HELD_AT_ONCE = 256 * 1024 * 1024;

/**
 * Starts the pickup site.
 * @throws UserError when it would serve plain HTTP off loopback, has no usable certificate, or can't listen
 */
export async function startPortal(deps: PortalDeps): Promise<Portal> {
  const settings = await portalSettings(deps.loaded, deps.serverCertificate);
  if (deps.codeKey.length < 32) throw new RangeError('the code key is shorter than 32 bytes');
  const looks = await loadLooks(deps.loaded);
  const limits = deps.limits ?? DEFAULT_LIMITS;
  const server = await createServer(settings, limits);
  const readers = createBodyReaders(deps.bodies);
  const showing = createShowing(deps);
  const site: Site = {
    get loaded() {
      return deps.loaded;
    },
    config: settings.config,
    settings,
    portal: deps.portal,
    queue: deps.queue,
    bodies: { ...deps.bodies, open: readers.open },
    renderer: deps.renderer,
    codeKey: deps.codeKey,
    formKey: formKey(deps.codeKey),
    ownMail: deps.ownMail,
    pages: createPages(PAGES),
    inTurn: deps.inTurn,
    gates: {
      message: createFairGate(RENDERINGS_AT_ONCE),
      list: createFairGate(LISTED_AT_ONCE),
      preview: createFairGate(PREVIEWS_AT_ONCE),
    },
    showing,
    room: createRoom(HELD_AT_ONCE),
    renderLimit: renderLimit(deps.loaded),
    clock: deps.clock,
    log: deps.log,
    onQueued: deps.onQueued,
    onReceived: deps.onReceived,
  };
  const front = createFront(site, server, limits);
  server.setErrorHandler(createProblemHandler(portalProblems(site), server, limits));
  const ways = await createWays(settings.config.code_lifetime);
  linkRoutes(server, site, front, ways);
  stepRoutes(server, site, front, ways);
  signInRoutes(server, site, front, ways);
  lostRoutes(server, site, front, ways);
  accountRoutes(server, site, front, ways);
  sessionRoutes(server, site, front);
  inboxRoutes(server, site, front);
  looksRoutes(server, site, front, looks);

  const listening = await startListening(
    {
      section: 'portal',
      name: 'portal',
      loaded: deps.loaded,
      settings: () => portalSettings(deps.loaded, deps.serverCertificate),
      record: (events) => deps.portal.record(events),
      clock: deps.clock,
      log: deps.log,
      metrics: deps.metrics,
      ...(deps.certificateEveryMs === undefined ? {} : { everyMs: deps.certificateEveryMs }),
    },
    server,
    settings.config,
    settings,
  );
  return {
    ...listening,
    whileUnread: createWhileUnread(deps, showing, readers),
    close: async () => {
      try {
        await listening.close();
      } finally {
        showing.close();
      }
    },
  };
}
