import type { Decision } from '../../model/decision.js';
import type { Method } from '../../model/method.js';
import type { Actor, Approval, Operator } from '../../model/operator.js';

/** What becomes of a person's wish to release a recipient. */
export type ReleasePlan =
  | { readonly kind: 'release'; readonly method: Method; readonly approvedBy?: string }
  /** It waits for somebody else's word. */
  | { readonly kind: 'approve'; readonly method: Method }
  | { readonly kind: 'refuse'; readonly reason: string };

export interface ReleaseWish {
  readonly actor: Actor;
  readonly decision: Decision | undefined;
  /** The method that was named, if one was. */
  readonly named?: Method | undefined;
  /** Methods that somebody may name: the rules allow them, and the recipient can receive them. */
  readonly allowed: readonly Method[];
  /** Those of them that are taken without being named, best first. */
  readonly usual: readonly Method[];
  /** What counts of an approval given before. */
  readonly approval?: Approval | undefined;
  /** Who gave it, as they are now. */
  readonly approver?: Operator | undefined;
}

/**
 * Decides about a release: by an allowed method, and where a rule asks for two people, by two different operators who
 * mean the same method. Pure. Whoever can't be told from somebody else (the local user) doesn't count as one of two.
 */
export function planRelease(wish: ReleaseWish): ReleasePlan {
  const { actor, decision, named, allowed, usual, approval, approver } = wish;
  if (decision === undefined)
    return {
      kind: 'refuse',
      reason: 'it was never decided: have that done with `held redecide`, or reject it',
    };
  if (decision.cannotRewrite !== undefined)
    return {
      kind: 'refuse',
      reason: `the rules ask that the message be rewritten, and that is impossible: ${decision.cannotRewrite}; reject it`,
    };
  const approved = approval !== undefined && allowed.includes(approval.method) ? approval.method : undefined;
  const method = named ?? approved ?? usual[0];
  if (method === undefined)
    return {
      kind: 'refuse',
      reason:
        'no method is left that the rules allow and the recipient can receive; reject it, or see with `keys find` and `check` what it lacks',
    };
  if (!allowed.includes(method))
    return {
      kind: 'refuse',
      reason: `${method} is not allowed; allowed: ${allowed.length === 0 ? 'none' : allowed.join(', ')}`,
    };
  if (decision.demand.release === undefined) return { kind: 'release', method };
  if (actor.kind !== 'operator')
    return {
      kind: 'refuse',
      reason:
        'a rule asks that two operators release it: say who you are with SALLYPORT_OPERATOR and SALLYPORT_OPERATOR_TOKEN_FILE',
    };
  if (approval === undefined || approval.method !== method || !stillCounts(approval, approver))
    return { kind: 'approve', method };
  if (approval.operator === actor.name)
    return { kind: 'refuse', reason: 'you approved it already; another operator must release it, too' };
  return { kind: 'release', method, approvedBy: approval.operator };
}

/**
 * A word counts only of an operator as they were when they gave it. The store removes it with the change; this also stands
 * where the clock was set, or a copy of the database was put back.
 */
function stillCounts({ at }: Approval, approver: Operator | undefined): boolean {
  return (
    approver !== undefined &&
    !approver.disabled &&
    approver.roles.includes('reviewer') &&
    at >= approver.changedAt
  );
}
