import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { logAddress } from '../ops/log.js';
import type { JobDeps } from './job-deps.js';

/** Counts and logs what came of an attempt for one recipient. */
export function reportOutcome(
  deps: Pick<JobDeps, 'loaded' | 'metrics' | 'log'>,
  message: StoredMessage,
  recipient: StoredRecipient,
  outcome: string,
  detail: string,
): void {
  deps.metrics.outcomes.inc({ outcome, method: recipient.method ?? 'plain' });
  const line = {
    id: message.id,
    recipient: logAddress(deps.loaded().config.logging.addresses, recipient.address),
    method: recipient.method,
    outcome,
    detail,
  };
  if (outcome === 'delivered' || outcome === 'in-portal') deps.log.info(line, 'delivery');
  else deps.log.warn(line, 'delivery');
}
