import type { SealedBody } from '../model/message.js';
import type { PortalItem } from '../model/portal-item.js';
import { errorFacts } from '../shared/errors.js';
import { StoreUnavailable } from '../store/ports.js';
import { mayOpen, openedSession } from './access.js';
import { createKept } from './reading/kept.js';
import { commitRead, readBody, type View } from './reading.js';
import { type Front, type Handler, pathPart, type SessionVisit, type Site, seeOther } from './site.js';

/** A visit whose session opens the item, with its content. */
export interface ItemVisit extends SessionVisit {
  readonly item: PortalItem;
  readonly body: SealedBody;
  /** `/inbox/<id>` */
  readonly path: string;
}

/** A task that takes time and memory. */
export interface Turn {
  /** Of this message: where it failed, it isn't tried again for some minutes. */
  readonly what: string;
  readonly gate?: 'message' | 'preview';
}

/** In milliseconds: what can't be read takes the most time, and asking again changes nothing. */
const FAILED_KEPT_MS = 5 * 60_000;
const MOST_FAILED_BYTES = 1024 * 1024;
/** Bytes, about, of what is kept of one. */
const OF_A_FAILURE = 200;

/** What the pages of one message share. */
export interface ItemRoutes {
  /** Runs the handler where the session opens the item; everything else gets the same answer as what isn't there. */
  onItem(handler: (visit: ItemVisit) => Promise<unknown>): Handler;
  /**
   * What a task gives, in its turn, one of a recipient at a time; undefined when it failed, now or lately, or nobody
   * waits for it any more.
   */
  inTurn<T>(visit: ItemVisit, turn: Turn, task: () => Promise<T>): Promise<T | undefined>;
  /** The whole plain message, within a turn. */
  whole(visit: ItemVisit): Promise<Uint8Array>;
  /**
   * The last gate before content leaves: session and item are looked at anew, because rendering takes time in which the
   * item may be revoked, and the read is on record before anything is shown. From then on what ends them ends the
   * answer, too.
   */
  mayShow(visit: ItemVisit, view: View): Promise<boolean>;
  /** The answer where `mayShow` says no. */
  tooLate(visit: ItemVisit): Promise<unknown>;
}

export function itemRoutes(site: Site, front: Front): ItemRoutes {
  const failed = createKept<true>(() => OF_A_FAILURE, FAILED_KEPT_MS, MOST_FAILED_BYTES);
  const inTurn: ItemRoutes['inTurn'] = async (visit, { what, gate = 'message' }, task) => {
    const key = `${visit.item.id} ${what}`;
    try {
      return await site.gates[gate](visit.session.recipient, async () =>
        // Whoever left while waiting makes nobody else wait.
        failed.get(key) === true || visit.reply.raw.destroyed ? undefined : task(),
      );
    } catch (cause) {
      if (cause instanceof StoreUnavailable) throw cause;
      failed.put(key, true);
      // Nothing was shown, so nothing is weaker; the person is offered the sealed original instead.
      site.log.warn(
        { item: visit.item.id, ...errorFacts(cause) },
        'a message in the portal could not be rendered',
      );
      return undefined;
    }
  };
  /** Whether session and item still open it; then the read is on record. */
  const readNow = async (visit: ItemVisit, view: View): Promise<boolean> => {
    const now = site.clock.now();
    const session = await openedSession(site, visit.token, now);
    const found = session === undefined ? undefined : await mayOpen(site, session, visit.item.id, now);
    if (session === undefined || found?.open !== true) return false;
    await commitRead(site, found.item, view, visit.client, now);
    return found.item.state !== 'waiting' || (await mayOpen(site, session, visit.item.id, now)).open;
  };
  return {
    inTurn,
    onItem: (handler) =>
      front.onSession(async (visit) => {
        const id = pathPart(visit.request, 'item');
        const found = await mayOpen(site, visit.session, id, visit.now);
        if (!found.open) {
          // It is the visitor's own and asks for more than was proved.
          if (found.wantsMore === true) return seeOther(visit.reply, `/inbox/${id}/steps`);
          return front.closed(visit, found.reason, found.item);
        }
        const { item } = found;
        const body = item.body ?? (await site.queue.message(item.messageId))?.body;
        if (body === undefined) return front.closed(visit, 'the content was destroyed', item);
        return handler({ ...visit, item, body, path: `/inbox/${item.id}` });
      }),

    whole: ({ body }) => readBody(site.bodies, body, site.renderLimit),

    mayShow: async (visit, view) => {
      const { session, item, body, client, reply } = visit;
      const shown = site.showing.enter({
        session,
        item,
        body,
        client,
        view: view.kind,
        response: reply.raw,
      });
      let begun = false;
      try {
        begun = (await readNow(visit, view)) && shown.begin();
      } finally {
        if (!begun) shown.leave();
      }
      return begun;
    },

    tooLate: (visit) => front.closed(visit, 'closed while it was being opened', visit.item),
  };
}
