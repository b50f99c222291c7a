import type { Demand } from '../model/decision.js';
import { DISPOSITIONS, METHODS, type Method, PORTAL_STRENGTHS, TLS_LEVELS } from '../model/method.js';
import { joinKeyDemands, keysAtLeastAsStrict } from './key-demand.js';
import { joinRewriteDemands, rewritesAtLeast } from './rewrite-demand.js';

/** Demands nothing: the identity of `join`. */
export const NO_DEMAND: Demand = {
  methods: METHODS,
  tls: 'encrypted',
  portal: 'code',
  disposition: 'send',
};

/**
 * The demand that is at least as strict as both: method sets intersect, levels, dispositions and demands on keys take the stricter,
 * what is to be rewritten adds up, and an empty method set becomes at least a hold. Associative, commutative, idempotent and monotone, so neither the
 * order of rules nor of files matters and one more demand never weakens.
 */
export function join(a: Demand, b: Demand): Demand {
  const methods = METHODS.filter((method) => a.methods.includes(method) && b.methods.includes(method));
  const disposition = stricter(DISPOSITIONS, a.disposition, b.disposition);
  return {
    methods,
    tls: stricter(TLS_LEVELS, a.tls, b.tls),
    portal: stricter(PORTAL_STRENGTHS, a.portal, b.portal),
    disposition: methods.length === 0 ? stricter(DISPOSITIONS, disposition, 'hold') : disposition,
    ...((a.release ?? b.release) !== undefined && { release: 'two-person' as const }),
    ...joinKeyDemands(a.keys, b.keys),
    ...joinRewriteDemands(a.rewrite, b.rewrite),
  };
}

export function joinAll(demands: readonly Demand[]): Demand {
  return demands.reduce(join, NO_DEMAND);
}

/** Whether `a` is at least as strict as `b` in every respect. */
export function atLeastAsStrict(a: Demand, b: Demand): boolean {
  return (
    a.methods.every((method) => b.methods.includes(method)) &&
    TLS_LEVELS.indexOf(a.tls) >= TLS_LEVELS.indexOf(b.tls) &&
    PORTAL_STRENGTHS.indexOf(a.portal) >= PORTAL_STRENGTHS.indexOf(b.portal) &&
    DISPOSITIONS.indexOf(a.disposition) >= DISPOSITIONS.indexOf(b.disposition) &&
    (b.release === undefined || a.release !== undefined) &&
    keysAtLeastAsStrict(a.keys, b.keys) &&
    rewritesAtLeast(a.rewrite, b.rewrite)
  );
}

/** Strength of a method: `plain` 0 < `tls` 1 < the sealed ones 2, which are not ordered among themselves. */
export function strength(method: Method): 0 | 1 | 2 {
  if (method === 'plain') return 0;
  return method === 'tls' ? 1 : 2;
}

function stricter<T>(mildestFirst: readonly T[], a: T, b: T): T {
  return mildestFirst.indexOf(a) >= mildestFirst.indexOf(b) ? a : b;
}
