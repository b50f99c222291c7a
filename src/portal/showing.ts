import type { Writable } from 'node:stream';
import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { SealedBody } from '../model/message.js';
import type { PortalItem, PortalSession } from '../model/portal-item.js';
import type { Log } from '../ops/log.js';
import type { Clock } from '../shared/clock.js';
import { errorFacts } from '../shared/errors.js';
import type { PortalStore } from '../store/ports.js';
import { type AccessDeps, mayOpen } from './access.js';
import { bodyKey } from './body-readers.js';
import { about } from './sign-in.js';

/** How often it is asked whether what is on its way may still be shown, in milliseconds. */
const LOOK_EVERY_MS = 1000;

/** Content that is about to be sent. */
export interface ShownContent {
  readonly session: PortalSession;
  readonly item: PortalItem;
  readonly body: SealedBody;
  readonly client: string;
  readonly view: string;
  readonly response: Pick<Writable, 'once' | 'destroyed'> & { destroy(): unknown };
}

/**
 * Content on its way to readers, who may take it as slowly as they like: what ends meanwhile, session or item, ends it
 * within a second, whoever ended it and wherever.
 */
export interface Showing {
  /**
   * To be called before the last look at session and item: what happens after that look isn't missed.
   * @returns `begin`: false when it was cut already; `leave`: nothing is going to be sent
   */
  enter(content: ShownContent): { begin(): boolean; leave(): void };
  /** A session goes on under another token; to be told before that is stored. */
  follow(before: Uint8Array, after: Uint8Array): void;
  /** Cuts whatever shows one of these (`bodyKey`): nothing of it is on its way after. */
  cut(keys: readonly string[]): Promise<void>;
  close(): void;
}

interface Shown extends ShownContent {
  /** Tokens' hashes, the oldest first. */
  readonly tokens: Uint8Array[];
  begun: boolean;
  over: boolean;
}

export function createShowing(
  deps: AccessDeps & {
    readonly portal: Pick<PortalStore, 'session' | 'item' | 'account' | 'passkeys' | 'record'>;
    readonly clock: Clock;
    readonly log: Log;
  },
  everyMs = LOOK_EVERY_MS,
): Showing {
  const all = new Set<Shown>();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  const leave = (shown: Shown): void => {
    shown.over = true;
    all.delete(shown);
    if (all.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  /** Undefined while it may be shown. */
  const reasonToEnd = async ({ tokens, item }: Shown): Promise<string | undefined> => {
    const now = deps.clock.now();
    for (const token of tokens) {
      const session = await deps.portal.session(token, now);
      if (session === undefined) continue;
      const found = await mayOpen(deps, session, item.id, now);
      return found.open ? undefined : found.reason;
    }
    return 'the session has ended';
  };

  /** Ends those of these that may not be shown any more, at once, and records it after. */
  const look = async (these: readonly Shown[], otherwise?: string): Promise<void> => {
    const cut: AuditEvent[] = [];
    for (const shown of these) {
      if (shown.over) continue;
      let reason: string | undefined;
      try {
        reason = await reasonToEnd(shown);
      } catch (error) {
        // Who can't be asked permits nothing.
        deps.log.error({ item: shown.item.id, ...errorFacts(error) }, 'a download could not be looked at');
        reason = 'the store could not be asked';
      }
      reason ??= otherwise;
      if (reason === undefined || shown.over) continue;
      leave(shown);
      if (!shown.begun) continue;
      shown.response.destroy();
      cut.push(
        auditEvent('portal.download-cut', { ...about(shown.item, shown.client), view: shown.view, reason }),
      );
    }
    if (cut.length > 0) await deps.portal.record(cut);
  };

  const lookAtAll = async (): Promise<void> => {
    // One look at a time; what is only about to begin is looked at by who begins it.
    if (looking) return;
    looking = true;
    try {
      await look([...all].filter(({ begun }) => begun));
    } catch (error) {
      deps.log.error(errorFacts(error), 'what was cut could not be recorded');
    } finally {
      looking = false;
    }
  };

  return {
    enter(content) {
      const shown: Shown = { ...content, tokens: [content.session.tokenHash], begun: false, over: false };
      all.add(shown);
      timer ??= setInterval(() => void lookAtAll(), everyMs).unref();
      return {
        begin() {
          if (shown.over) return false;
          shown.begun = true;
          // Nobody is there any more.
          if (shown.response.destroyed) leave(shown);
          else shown.response.once('close', () => leave(shown));
          return true;
        },
        leave: () => leave(shown),
      };
    },
    follow(before, after) {
      for (const { tokens } of all)
        if (tokens.some((token) => Buffer.from(token).equals(before))) tokens.push(after);
    },
    cut: (keys) =>
      look(
        [...all].filter(({ body }) => keys.includes(bodyKey(body))),
        'its content is destroyed',
      ),
    close: () => {
      for (const shown of all) leave(shown);
    },
  };
}
