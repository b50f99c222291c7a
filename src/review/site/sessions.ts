import { newSecret, secretHash } from '../../web/secrets.js';

/** An operator who signed in; kept in memory alone, so that a restart of the relay ends it. */
export interface ReviewSession {
  /** SHA-256 (hex) of the token, which only the browser has. */
  readonly id: string;
  readonly operator: string;
  /** When signing in began, in epoch milliseconds: whatever was changed about the operator since ends the session. */
  readonly since: number;
  /** By message: until when its content may be looked at again without another press of the button. */
  readonly opened: Map<string, number>;
}

export interface ReviewSessions {
  /** @returns the token for the cookie */
  open(operator: string, since: number): string;
  /** The session of a token, which counts as a use of it; undefined when it is over. */
  use(token: string | undefined, now: number): ReviewSession | undefined;
  close(id: string): void;
}

export interface SessionTimes {
  /** Milliseconds without a request. */
  readonly idle: number;
  /** Milliseconds altogether. */
  readonly lifetime: number;
}

/** An operator's browsers; one more ends the oldest. */
const MOST_OF_ONE = 5;

export function reviewSessions(times: SessionTimes): ReviewSessions {
  const alive = new Map<string, ReviewSession & { lastUsed: number }>();
  const over = (one: { readonly since: number; readonly lastUsed: number }, now: number) =>
    now >= one.since + times.lifetime || now >= one.lastUsed + times.idle || now < one.since;
  return {
    open(operator, since) {
      const token = newSecret();
      const id = idOf(token);
      if (id === undefined) throw new Error('a new secret has no hash');
      for (const [key, one] of alive) if (over(one, since)) alive.delete(key);
      const own = [...alive.values()].filter((one) => one.operator === operator);
      for (const one of own.slice(0, Math.max(0, own.length - MOST_OF_ONE + 1))) alive.delete(one.id);
      alive.set(id, { id, operator, since, lastUsed: since, opened: new Map() });
      return token;
    },
    use(token, now) {
      const id = token === undefined ? undefined : idOf(token);
      const found = id === undefined ? undefined : alive.get(id);
      if (found === undefined) return undefined;
      if (over(found, now)) {
        alive.delete(found.id);
        return undefined;
      }
      found.lastUsed = now;
      return found;
    },
    close: (id) => void alive.delete(id),
  };
}

function idOf(token: string): string | undefined {
  const hash = secretHash(token);
  return hash === undefined ? undefined : Buffer.from(hash).toString('hex');
}
