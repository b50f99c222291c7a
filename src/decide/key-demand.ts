import { type KeyDemand, REVOCATION_DEMANDS } from '../model/decision.js';
import { KEY_SOURCES, type KeyFacts } from '../model/key.js';

/**
 * The demand on keys that is at least as strict as both: sources intersect, the stricter word on revocation wins.
 * Absent demands nothing.
 */
export function joinKeyDemands(
  a: KeyDemand | undefined,
  b: KeyDemand | undefined,
): { readonly keys?: KeyDemand } {
  if (a === undefined || b === undefined) {
    const keys = a ?? b;
    return keys === undefined ? {} : { keys };
  }
  const strictest = Math.max(
    REVOCATION_DEMANDS.indexOf(a.revocation),
    REVOCATION_DEMANDS.indexOf(b.revocation),
  );
  return {
    keys: {
      sources: KEY_SOURCES.filter((source) => a.sources.includes(source) && b.sources.includes(source)),
      revocation: REVOCATION_DEMANDS[strictest] ?? 'required',
    },
  };
}

/** Whether `a` demands at least as much of keys as `b`. */
export function keysAtLeastAsStrict(a: KeyDemand | undefined, b: KeyDemand | undefined): boolean {
  if (b === undefined) return true;
  if (a === undefined) return b.sources.length === KEY_SOURCES.length && b.revocation === 'if-reachable';
  return (
    a.sources.every((source) => b.sources.includes(source)) &&
    REVOCATION_DEMANDS.indexOf(a.revocation) >= REVOCATION_DEMANDS.indexOf(b.revocation)
  );
}

/** Why a key that could be used doesn't meet the demand; undefined when it does. */
export function keyShortfall(demand: KeyDemand | undefined, key: KeyFacts): string | undefined {
  if (demand === undefined) return undefined;
  if (!demand.sources.includes(key.source)) {
    const wanted = demand.sources.length === 0 ? 'none' : demand.sources.join(' or ');
    return `it came from ${key.source}, and the rules accept ${wanted}`;
  }
  if (demand.revocation === 'required' && key.revocation === 'undetermined')
    return `whether it was revoked could not be found out${key.detail === undefined ? '' : ` (${key.detail})`}, and the rules demand it`;
  return undefined;
}

/** The first key that meets the demand. */
export function firstAllowed<K extends KeyFacts>(
  demand: KeyDemand | undefined,
  keys: readonly K[],
): K | undefined {
  return keys.find((key) => keyShortfall(demand, key) === undefined);
}
