import type { LoadedConfig } from '../config/load.js';
import type { ReachedTlsLevel } from '../model/method.js';
import { closeSession, type SmtpSession } from './smtp-session.js';
import { reaches } from './tls-levels.js';

/** How long an idle connection is kept, in milliseconds, and how many messages one may carry. */
const IDLE_MS = 5000;
const MAX_USES = 100;

/** Open connections that wait for the next message to the same destination. */
export interface SessionPool {
  /**
   * Makes a session known when it is opened, with the configuration that it was dialled by: what it is worth was judged by
   * that, so it is kept for nobody once another is in force.
   */
  opened(session: SmtpSession, by: LoadedConfig): void;
  /**
   * One that has reached `least`; it is the caller's now. Where the server takes commands one by one, it still answers
   * RSET; else the caller says that before the next message, in one go with it. Where the configured TLS is asked for,
   * never one that was free to use other suites.
   */
  take(
    destination: string,
    wanted: { readonly least: ReachedTlsLevel; readonly configuredTls: boolean },
  ): Promise<SmtpSession | undefined>;
  /**
   * Gives a session back after use. One that can't be used again is closed: then what is returned resolves when it is,
   * which may take two seconds, and never rejects.
   */
  give(destination: string, session: SmtpSession): Promise<void> | undefined;
  closeAll(): Promise<void>;
}

interface Idle {
  readonly session: SmtpSession;
  readonly timer: NodeJS.Timeout;
}

/** @param loaded the configuration in force; `closeAll` is to be called when it is another one */
export function createSessionPool(loaded: () => LoadedConfig): SessionPool {
  const idle = new Map<string, Idle[]>();
  const uses = new WeakMap<SmtpSession, number>();
  const madeBy = new WeakMap<SmtpSession, LoadedConfig>();

  const remove = (destination: string, entry: Idle) => {
    clearTimeout(entry.timer);
    const left = (idle.get(destination) ?? []).filter((one) => one !== entry);
    if (left.length === 0) idle.delete(destination);
    else idle.set(destination, left);
  };

  return {
    opened(session, by) {
      madeBy.set(session, by);
    },
    async take(destination, wanted) {
      for (;;) {
        const entry = (idle.get(destination) ?? []).findLast(
          ({ session }) =>
            reaches(session.facts.level, wanted.least) && (session.configuredTls || !wanted.configuredTls),
        );
        if (entry === undefined) return undefined;
        remove(destination, entry);
        if (await stillAnswers(entry.session)) return entry.session;
        entry.session.wire.destroy();
      }
    },
    give(destination, session) {
      const used = (uses.get(session) ?? 0) + 1;
      uses.set(session, used);
      if (!session.wire.usable() || used >= MAX_USES || madeBy.get(session) !== loaded())
        return closeSession(session);
      const entry: Idle = {
        session,
        timer: setTimeout(() => {
          remove(destination, entry);
          void closeSession(session);
        }, IDLE_MS),
      };
      entry.timer.unref();
      idle.set(destination, [...(idle.get(destination) ?? []), entry]);
      return undefined;
    },
    async closeAll() {
      const entries = [...idle.values()].flat();
      idle.clear();
      for (const entry of entries) clearTimeout(entry.timer);
      await Promise.all(entries.map((entry) => closeSession(entry.session)));
    },
  };
}

async function stillAnswers(session: SmtpSession): Promise<boolean> {
  if (!session.wire.usable()) return false;
  if (session.server.pipelining) return true;
  try {
    const reply = await session.wire.send('RSET', Math.min(session.timeouts.command, 10_000));
    return reply.code === 250;
  } catch {
    // A connection that died while idle: another is opened.
    return false;
  }
}
