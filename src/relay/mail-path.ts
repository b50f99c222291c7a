import type { JudgeQueue } from '../decide/judge-queue.js';
import { type Courier, ownMail, type Resolver } from '../deliver/index.js';
import type { Inspector } from '../inspect/index.js';
import type { CertificateAndKey } from '../keys/certificates.js';
import type { DkimKeys } from '../keys/dkim/index.js';
import { type Portal, startPortal } from '../portal/index.js';
import { createInTurn, type InTurn } from '../shared/in-turn.js';
import { deriveKey } from '../store/index.js';
import { createRelayCourier } from './courier.js';
import { startRelayInspector, startRelayJudging } from './judging.js';
import type { RelayParts } from './parts.js';

/** What a message goes through once it is accepted: inspect → decide → protect → deliver, with the portal beside it. */
export interface MailPath {
  readonly judging: JudgeQueue;
  /** Does nothing before it is started. */
  readonly courier: Courier;
  /** If there is one. */
  readonly portal: Portal | undefined;
  /** What recipients and operators do to one account comes one after the other. */
  readonly portalTurns: InTurn;
  /** Shows messages to whoever may read them. */
  readonly renderer: Inspector;
}

/** @throws UserError when the portal can't be served as it is configured */
export async function startMailPath(
  parts: RelayParts,
  deps: {
    readonly dkimKeys: DkimKeys;
    /** The relay's own. */
    readonly certificate: CertificateAndKey;
    readonly resolver: Resolver | undefined;
  },
): Promise<MailPath> {
  const { masterKey, opened, reloadable, closers, clock, log, metrics } = parts;
  const { store } = opened;
  const renderer = startRelayInspector(parts);
  const courier = createRelayCourier(parts, {
    dkimKeys: deps.dkimKeys,
    resolver: deps.resolver,
    whileUnread: (content, destroy) =>
      portal === undefined ? destroy() : portal.whileUnread(content, destroy),
  });
  const judging = startRelayJudging(parts, courier, renderer);

  const portalTurns = createInTurn();
  const portal =
    reloadable.loaded().config.portal === undefined
      ? undefined
      : await startPortal({
          get loaded() {
            return reloadable.loaded();
          },
          portal: store.portal,
          queue: store.queue,
          bodies: store.bodies,
          renderer,
          codeKey: deriveKey(masterKey, 'portal-code'),
          serverCertificate: deps.certificate,
          ownMail,
          inTurn: portalTurns,
          clock,
          log,
          metrics,
          onQueued: () => courier.wake(),
          onReceived: (id) => judging.add(id),
        });
  if (portal !== undefined) closers.add(() => portal.close());
  return { judging, courier, portal, portalTurns, renderer };
}
