import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { Method } from '../model/method.js';
import { oneByOne } from './apply-plans.js';
import { logInternalError } from './internal-error.js';
import type { JobDeps } from './job-deps.js';
import { undeliverableNotice } from './notice-undeliverable.js';
import type { Outcome } from './outcome.js';
import type { Planned } from './planned.js';
import { detailOf, reportOutcome } from './report-outcome.js';
import { routeFor } from './routes.js';
import type { SeenTls } from './seen-tls.js';
import { type Settled, settle } from './settle.js';
import type { Floor } from './tls-floor.js';

/** Where nothing was dialled. */
export const NO_FLOOR: Floor = { least: 'none', short: 'defer' };

/**
 * What is to become of recipients, by what came of an attempt. An error inside puts nobody off who got the message: then
 * their outcome is settled alone, and nobody told of it.
 */
export async function conclude(
  deps: JobDeps,
  message: StoredMessage,
  method: Method,
  floor: Floor,
  seen: SeenTls,
  results: readonly Settled[],
): Promise<readonly Planned[]> {
  const arrived = results.flatMap(({ recipient, outcome }) =>
    outcome.kind === 'delivered' ? [{ recipient, outcome: { ...outcome, dsnPassedOn: true } }] : [],
  );
  if (arrived.length === 0) return settled(deps, message, method, floor, seen, results);
  try {
    return await settled(deps, message, method, floor, seen, results);
  } catch (error) {
    const others = results.filter(({ outcome }) => outcome.kind !== 'delivered');
    const plans = await settled(deps, message, method, floor, seen, arrived);
    const waiting = others.map(({ recipient }) => recipient);
    return oneByOne(deps, ['arrived', 'others'] as const, async (which) =>
      which === 'arrived' ? plans : afterInternalError(deps, message, waiting, seen, error),
    );
  }
}

async function settled(
  deps: JobDeps,
  message: StoredMessage,
  method: Method,
  floor: Floor,
  seen: SeenTls,
  results: readonly Settled[],
): Promise<readonly Planned[]> {
  const loaded = deps.loaded();
  const { bodies, random } = deps;
  const { logging } = loaded.config;
  const now = deps.clock.now();
  const { domain = '', stream } = results[0]?.recipient ?? {};
  const settlement = await settle({
    loaded,
    bodies,
    message,
    method,
    route: routeFor(loaded.config, domain, stream),
    floor,
    seen: seen.highest(),
    results,
    now,
    random,
  });
  for (const { recipient, outcome } of results)
    reportOutcome(deps, message, recipient, outcome.kind, detailOf(outcome, logging.addresses));
  if (settlement.bounced.length === 0) return [settlement];
  const consequence = await undeliverableNotice({ ...deps, loaded, message, now });
  // First, so that a crash in between leaves the notice to be tried again rather than an item that nobody will open.
  return [consequence === undefined ? settlement : { ...settlement, before: consequence }];
}

/** A bug on our side. The recipients wait as after any temporary failure, so that they end in a bounce, not in silence. */
async function afterInternalError(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  seen: SeenTls,
  error: unknown,
): Promise<readonly Planned[]> {
  if (error instanceof Error && error.name === 'StoreUnavailable') throw error;
  logInternalError(deps.log, message.id, error);
  const method = recipients[0]?.method ?? 'plain';
  if (recipients.length === 0) return [];
  const outcome: Outcome = { kind: 'deferred', status: '4.3.0', reason: 'an error inside the gateway' };
  return conclude(
    deps,
    message,
    method,
    NO_FLOOR,
    seen,
    recipients.map((recipient) => ({ recipient, outcome })),
  );
}

/** As `plan`; an error inside leaves these recipients to wait, and no others, who may have got it already. */
export async function orWait(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  seen: SeenTls,
  plan: () => Promise<readonly Planned[]>,
): Promise<readonly Planned[]> {
  try {
    return await plan();
  } catch (error) {
    return afterInternalError(deps, message, recipients, seen, error);
  }
}
