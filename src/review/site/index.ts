import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '../../audit/events.js';
import type { LoadedConfig } from '../../config/load.js';
import type { Log } from '../../ops/log.js';
import type { Metrics } from '../../ops/metrics.js';
import type { Renderer } from '../../portal/renderer.js';
import type { Clock } from '../../shared/clock.js';
import { createGate } from '../../web/gate.js';
import {
  clientAddress,
  createLimit,
  createServer,
  DEFAULT_LIMITS,
  type WebLimits,
} from '../../web/server.js';
import type { CertificatePair } from '../../web/settings.js';
import { startListening, type WebSite } from '../../web/start.js';
import type { ReviewApi } from '../api.js';
import { contentRoutes } from './content-routes.js';
import { decideRoutes } from './decide-routes.js';
import { createFront, type ReviewSite, seeOther } from './front.js';
import { heldRoutes } from './held-routes.js';
import { createPages } from './pages.js';
import { createProblemHandler } from './problems.js';
import { reviewSessions } from './sessions.js';
import { reviewSettings } from './settings.js';
import { signInRoutes } from './sign-in-routes.js';

export interface ReviewPageDeps {
  /** May be another one at each access: what doesn't need a restart counts at once. */
  readonly loaded: LoadedConfig;
  readonly api: ReviewApi;
  readonly renderer: Pick<Renderer, 'render' | 'attachment'>;
  /** The gateway's own certificate, for a page without one of its own. */
  readonly serverCertificate: CertificatePair | undefined;
  readonly record: (events: readonly AuditEvent[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits?: WebLimits;
}

/** A message takes several times its size while it is read. */
const READINGS_AT_ONCE = 2;
/** What the relay adds to a message of the largest accepted size. */
const ADDED_AT_INTAKE = 64 * 1024;

/**
 * Starts the review page, on a listener of its own: recipients' browsers never come near it, and its cookies and keys are
 * not the portal's. Sessions and the key of its forms live in memory and end with the relay.
 * @throws UserError when it would serve plain HTTP off loopback, has no usable certificate, or can't listen
 */
export async function startReviewPage(deps: ReviewPageDeps): Promise<WebSite> {
  const settings = await reviewSettings(deps.loaded, deps.serverCertificate);
  const limits = deps.limits ?? DEFAULT_LIMITS;
  const server = await createServer(settings, limits);
  const site: ReviewSite = {
    get loaded() {
      return deps.loaded;
    },
    settings,
    api: deps.api,
    sessions: reviewSessions({
      idle: settings.config.session_idle,
      lifetime: settings.config.session_lifetime,
    }),
    pages: createPages(),
    renderer: deps.renderer,
    formKey: randomBytes(32),
    gate: createGate(READINGS_AT_ONCE),
    renderLimit:
      Math.max(...deps.loaded.config.listeners.map((listener) => listener.max_message_size)) +
      ADDED_AT_INTAKE,
    record: deps.record,
    clock: deps.clock,
    log: deps.log,
  };
  const secondThisMinute = createLimit(server, 1, clientAddress);
  const refusedTooOften = createLimit(server, limits.refusalsPerNetwork, clientAddress);
  const front = createFront(site, server, limits);
  server.setErrorHandler(
    createProblemHandler(site, {
      firstThisMinute: async (request) => !(await secondThisMinute(request)),
      refusedTooOften,
    }),
  );
  server.setNotFoundHandler(front.onVisit((visit) => front.closed(visit, 'no such page')));
  server.get(
    '/',
    front.onVisit(async ({ reply, signedIn }) =>
      seeOther(reply, signedIn === undefined ? '/sign-in' : '/held'),
    ),
  );
  server.get('/review.css', async (_request, reply) =>
    reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/css; charset=utf-8')
      .send(site.pages.css),
  );
  signInRoutes(server, site, front);
  heldRoutes(server, site, front);
  decideRoutes(server, site, front);
  contentRoutes(server, site, front);
  return startListening(
    {
      section: 'review',
      name: 'review page',
      loaded: deps.loaded,
      settings: () => reviewSettings(deps.loaded, deps.serverCertificate),
      record: deps.record,
      clock: deps.clock,
      log: deps.log,
      metrics: deps.metrics,
    },
    server,
    settings.config,
    settings,
  );
}
