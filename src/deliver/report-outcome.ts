import type { Config } from '../config/schema.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { logAddress } from '../ops/log.js';
import type { JobDeps } from './job-deps.js';
import type { Outcome } from './outcome.js';

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

/**
 * What the log says of an outcome: nothing that a person wrote about somebody, and no server where it may show not even
 * domains, because it may have the name of one.
 */
export function detailOf(outcome: Outcome, addresses: Config['logging']['addresses']): string {
  if (outcome.kind === 'refused' && outcome.untried === true)
    return "it was not tried, because the address is on the gateway's suppression list";
  const detail = outcome.kind === 'delivered' ? outcome.host : outcome.reason;
  const isHidden = addresses === 'none' && outcome.host !== undefined;
  return isHidden ? detail.replaceAll(outcome.host, 'its server') : detail;
}
