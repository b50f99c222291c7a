import { strength } from '../decide/index.js';
import type { Decision } from '../model/decision.js';
import type { StoredRecipient } from '../model/message.js';
import type { Method } from '../model/method.js';

/**
 * Checks, at each attempt anew, that a row's method is one that its decision allows. Gives what is wrong, or undefined.
 * A row that fails this was damaged or written by a bug: it is held, never sent.
 */
export function methodProblem(recipient: StoredRecipient): string | undefined {
  const { decision, method } = recipient;
  if (decision === undefined || method === undefined) return 'the queued row has no decision';
  if (decision.recipient !== recipient.address) return 'the decision is for another recipient';
  // Shadow mode records what it would have done and sends as plain (DESIGN "Deciding").
  if (decision.enforcement === 'shadow')
    return method === 'plain' ? undefined : 'a method other than plain was queued in shadow mode';
  if (decision.demand.disposition !== 'send') return 'the decision does not allow sending';
  return allowed(decision, method) ? undefined : `the decision does not allow ${method}`;
}

/**
 * The next method after `method` that the decision allows; undefined when none is left.
 * @param options.keepStrength only methods as strong as `method` count
 */
export function nextMethod(
  decision: Decision,
  method: Method,
  options: { readonly keepStrength: boolean } = { keepStrength: false },
): Method | undefined {
  const at = decision.order.indexOf(method);
  if (at < 0 || decision.enforcement === 'shadow') return undefined;
  const least = options.keepStrength ? strength(method) : 0;
  return decision.order.slice(at + 1).find((one) => allowed(decision, one) && strength(one) >= least);
}

function allowed(decision: Decision, method: Method): boolean {
  return (
    decision.order.includes(method) &&
    decision.demand.methods.includes(method) &&
    !(decision.protected && method === 'plain')
  );
}
