import type { Json } from '../shared/canonical-json.js';
import { UserError } from '../shared/errors.js';
import type { RetentionPlan } from './retention.js';

/**
 * The whole months to prune by.
 * @throws UserError (exit status 2) where the log is kept for ever
 */
export function monthsKept(retention: number | 'forever'): number {
  if (retention !== 'forever') return retention;
  throw new UserError('`audit.retention` is `forever`: nothing is ever removed', { exitStatus: 2 });
}

/** What pruning did, or would do, as `audit prune --json` shows it. */
export function pruningResult({ remove, overdue, heldBack }: RetentionPlan): Json {
  return {
    removed: remove.map((one) => ({ ...one })),
    overdue,
    ...(heldBack === undefined ? {} : { heldBack: { month: heldBack.month, holds: [...heldBack.holds] } }),
  };
}
