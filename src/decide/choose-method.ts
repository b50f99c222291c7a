import type { Availability, MethodAvailability } from '../model/availability.js';
import type { ConsideredMethod, Decision, Demand } from '../model/decision.js';
import type { KeyFacts } from '../model/key.js';
import { METHODS, type Method, TLS_LEVELS } from '../model/method.js';
import { keyWords } from './key-availability.js';
import { firstAllowed, keyShortfall } from './key-demand.js';
import { strength } from './lattice.js';

/** The strongest that this version can do; a demand beyond it makes the method unavailable, never weaker. */
const STRONGEST_TLS = 'verified' as const satisfies (typeof TLS_LEVELS)[number];

export interface Choice {
  /** Methods to try, in this order. */
  readonly order: readonly Method[];
  /** Every method, in the order in which it was considered. */
  readonly considered: readonly ConsideredMethod[];
}

/**
 * The methods that the demand allows and the recipient can receive, in the order of preference. `plain` goes first
 * where the demand allows it, and then nothing else is needed.
 *
 * A method that only fails because what is demanded of it is not reached (a key from a source that doesn't suffice)
 * closes the way to weaker ones behind it: else one more demand on keys would send the message by TLS instead.
 * @param refusedBy names the rules that don't allow a method, for the explanation
 */
export function chooseMethods(
  demand: Demand,
  prefer: readonly Method[],
  availability: MethodAvailability,
  refusedBy: (method: Method) => readonly string[],
): Choice {
  const order: Method[] = [];
  const considered: ConsideredMethod[] = [];
  let floor: { readonly method: Method; readonly strength: number } | undefined;
  const refuse = (method: Method, reason: string) =>
    considered.push({
      method,
      verdict: 'refused',
      reason,
      ...(method !== 'plain' && !prefer.includes(method) && { leftOut: true as const }),
      ...refusedKeys(availability[method]),
    });

  for (const method of sequence(prefer)) {
    const available = availability[method];
    const shortfall = levelShortfall(demand, method) ?? keysShortfall(demand, available);
    if (!demand.methods.includes(method)) refuse(method, notAllowed(refusedBy(method)));
    else if (method !== 'plain' && !prefer.includes(method)) refuse(method, 'not in the `prefer` list');
    else if (order[0] === 'plain') refuse(method, 'not needed: no rule asks for protection');
    else if (!available.available) refuse(method, available.reason);
    else if (shortfall !== undefined) {
      refuse(method, shortfall);
      if (floor === undefined || strength(method) > floor.strength)
        floor = { method, strength: strength(method) };
    } else if (floor !== undefined && strength(method) < floor.strength) {
      refuse(method, `weaker than ${floor.method}, which is preferred but cannot do what is demanded of it`);
    } else {
      const key = keyOf(demand, available);
      considered.push({
        method,
        verdict: order.length === 0 ? 'chosen' : 'fallback',
        reason: key === undefined ? available.note : keyWords(key),
        ...(key !== undefined && { key }),
        ...refusedKeys(available),
      });
      order.push(method);
    }
  }
  return { order, considered };
}

/**
 * The methods by which a person may release a held message, in the order of preference: what the demand allows and
 * the recipient can receive, so never `plain` where a rule asked for protection, nor what `prefer` leaves out. Empty where
 * nothing may.
 * @param options.named the person names the method: then one that is weaker than what falls short of the demand counts
 * too, as long as the rules allow it
 */
export function methodsAfterRelease(
  decision: Decision,
  availability: MethodAvailability,
  options: { readonly named: boolean } = { named: false },
): readonly Method[] {
  const { demand } = decision;
  // What had to be rewritten and couldn't be is not sent as it is, whoever says so.
  if (demand.disposition === 'reject' || decision.cannotRewrite !== undefined) return [];
  const methods: Method[] = [];
  let floor = 0;
  for (const { method, leftOut } of decision.considered) {
    const available = availability[method];
    if (!demand.methods.includes(method) || leftOut === true || !available.available) continue;
    if (decision.protected && method === 'plain') continue;
    if (decision.alreadyEncrypted === true && (method === 'pgp' || method === 'smime')) continue;
    const short =
      levelShortfall(demand, method) !== undefined || keysShortfall(demand, available) !== undefined;
    if (short) floor = Math.max(floor, strength(method));
    else if (options.named || strength(method) >= floor) methods.push(method);
  }
  return methods;
}

function sequence(prefer: readonly Method[]): readonly Method[] {
  return [...new Set<Method>(['plain', ...prefer, ...METHODS])];
}

function levelShortfall(demand: Demand, method: Method): string | undefined {
  if (method === 'tls' && TLS_LEVELS.indexOf(demand.tls) > TLS_LEVELS.indexOf(STRONGEST_TLS)) {
    return `the rules demand TLS ${demand.tls}; this version reaches ${STRONGEST_TLS}`;
  }
  return undefined;
}

/** Why none of the keys that could be used meets the demand. */
function keysShortfall(demand: Demand, availability: Availability): string | undefined {
  if (!availability.available || availability.keys === undefined) return undefined;
  const { keys } = availability;
  if (firstAllowed(demand.keys, keys) !== undefined) return undefined;
  const [first] = keys;
  if (first === undefined) return 'no key';
  return `key ${first.fingerprint}: ${keyShortfall(demand.keys, first) ?? 'not allowed'}`;
}

function keyOf(demand: Demand, availability: Availability): KeyFacts | undefined {
  return availability.available ? firstAllowed(demand.keys, availability.keys ?? []) : undefined;
}

function refusedKeys(availability: Availability): Pick<ConsideredMethod, 'refusedKeys'> {
  const refused = availability.refusedKeys ?? [];
  return refused.length === 0 ? {} : { refusedKeys: refused };
}

function notAllowed(rules: readonly string[]): string {
  if (rules.length === 0) return 'not allowed';
  return `not allowed by ${rules.length === 1 ? 'rule' : 'rules'} ${rules.join(', ')}`;
}
