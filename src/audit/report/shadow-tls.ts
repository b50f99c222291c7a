import type { Decision } from '../../model/decision.js';
import { type Method, REACHED_TLS_LEVELS, type ReachedTlsLevel } from '../../model/method.js';
import { type Counter, createCounter, createGroups, type Ranked, type Ranking } from './groups.js';

/** What would have become of mail for which enforced TLS was not reached. */
export type Instead = Exclude<Method, 'tls' | 'plain'> | 'hold';

/** Servers of one domain that did not reach the TLS level that was demanded. */
export interface ShortDomain {
  readonly key: string;
  readonly recipients: number;
  /** The lowest level that a delivery reached. */
  readonly lowest: ReachedTlsLevel;
  /** Why no higher one was reached, as of the newest delivery. */
  readonly shortfall?: string;
  readonly instead: readonly Ranked[];
}

/** Recipients whose mail would have been tried over enforced TLS first. */
export interface ShadowTls {
  readonly recipients: number;
  /** Their mail left over a connection that would have sufficed. */
  readonly reached: number;
  /** It left over one that would not: the next allowed method would have been taken, or the mail held. */
  readonly short: number;
  /** It was not delivered in the period, so nobody knows. */
  readonly unknown: number;
  readonly instead: Ranking;
  readonly domains: readonly ShortDomain[];
  /** Domains that are not listed, and recipients of domains that had no place. */
  readonly unlisted: number;
  readonly uncounted: number;
}

/** Compares what decisions demand with what their deliveries reached. */
export interface TlsComparison {
  /**
   * A decision of shadow mode; a newer one for the same recipient takes its place.
   * @param wouldBeHeld called when it turns out that nothing else would have been left for the mail
   */
  decided(messageId: string, decision: Decision, wouldBeHeld: () => void): void;
  delivered(messageId: string, recipient: string, tls: Delivered): void;
  result(top: number): ShadowTls;
}

interface Delivered {
  readonly level: ReachedTlsLevel;
  readonly shortfall?: string;
}

interface Open {
  readonly decision: Decision;
  readonly wouldBeHeld: () => void;
}

interface DomainFigures {
  recipients: number;
  lowest: ReachedTlsLevel;
  shortfall: string | undefined;
  readonly instead: Counter;
}

/** Decisions that wait for their delivery; the oldest of more are counted as unknown. */
const MAX_OPEN = 50_000;

/** @param domainOf domain of an address, as the report's other lists name it */
export function compareTls(domainOf: (address: string) => string, maxOpen = MAX_OPEN): TlsComparison {
  const open = new Map<string, Open>();
  let [recipients, reached, short] = [0, 0, 0];
  const instead = createCounter();
  const domains = createGroups(
    (): DomainFigures => ({
      recipients: 0,
      lowest: 'authenticated',
      shortfall: undefined,
      instead: createCounter(),
    }),
  );

  return {
    decided(messageId, decision, wouldBeHeld) {
      const key = keyOf(messageId, decision.recipient);
      if (open.delete(key)) recipients--;
      if (decision.demand.disposition !== 'send' || decision.order[0] !== 'tls') return;
      recipients++;
      open.set(key, { decision, wouldBeHeld });
      const [oldest] = open.keys();
      if (open.size > maxOpen && oldest !== undefined) open.delete(oldest);
    },
    delivered(messageId, recipient, { level, shortfall }) {
      const key = keyOf(messageId, recipient);
      const found = open.get(key);
      if (found === undefined) return;
      open.delete(key);
      const { decision, wouldBeHeld } = found;
      if (rank(level) >= rank(decision.demand.tls)) {
        reached++;
        return;
      }
      short++;
      const next = nextAfterTls(decision);
      if (next === 'hold') wouldBeHeld();
      instead.add(next);
      const domain = domains.of(domainOf(recipient));
      if (domain === undefined) return;
      domain.recipients++;
      domain.instead.add(next);
      domain.shortfall = shortfall;
      if (rank(level) < rank(domain.lowest)) domain.lowest = level;
    },
    result(top) {
      const rows = domains
        .entries()
        .map(
          ([key, { recipients: count, lowest, shortfall, instead: next }]): ShortDomain => ({
            key,
            recipients: count,
            lowest,
            ...(shortfall === undefined ? {} : { shortfall }),
            instead: next.ranking(top).top,
          }),
        )
        .sort((a, b) => b.recipients - a.recipients || (a.key < b.key ? -1 : 1));
      return {
        recipients,
        reached,
        short,
        unknown: recipients - reached - short,
        instead: instead.ranking(top),
        domains: rows.slice(0, top),
        unlisted: Math.max(0, rows.length - top),
        uncounted: domains.uncounted(),
      };
    },
  };
}

/** As the relay goes on when a server falls short: with the next method of the decision's order, or with a person. */
function nextAfterTls({ order }: Decision): Instead {
  const next = order[order.indexOf('tls') + 1];
  return next === undefined || next === 'tls' || next === 'plain' ? 'hold' : next;
}

function rank(level: ReachedTlsLevel): number {
  return REACHED_TLS_LEVELS.indexOf(level);
}

function keyOf(messageId: string, recipient: string): string {
  return `${messageId}\n${recipient}`;
}
