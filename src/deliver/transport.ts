import { isIP } from 'node:net';
import type { StoredRecipient } from '../model/message.js';
import { carry } from './carry.js';
import { type DialDeps, LocalProblem, openTo } from './dialling.js';
import { stillEnough, wanted } from './enough-tls.js';
import { logInternalError } from './internal-error.js';
import type { Outcome } from './outcome.js';
import type { Resolver } from './resolver.js';
import type { SessionPool } from './session-pool.js';
import type { Shipment, Shipped } from './shipment.js';
import { SmtpFailure } from './smtp-failure.js';
import type { SmtpSession } from './smtp-session.js';
import { findTargets } from './targets.js';

export interface TransportDeps extends DialDeps {
  readonly resolver: Resolver;
  readonly pool: SessionPool;
  readonly random: () => number;
}

/** No connection may hold a place for longer than this many command timeouts (one hour by default). */
const LONGEST_SESSION = 12;

/**
 * Tries all servers of the destination, each address, until every recipient has an outcome (in the order of
 * `recipients`), or was overtaken: then nobody was told of it. Never rejects for what peers do, nor for an error inside
 * once anybody has an outcome. What a server has taken is told before the connection is closed, so that it can be recorded
 * at once: until then a crash would send it again.
 */
export async function ship(deps: TransportDeps, shipment: Shipment): Promise<readonly Shipped[]> {
  const outcomes = new Map<StoredRecipient, Shipped>();
  try {
    await tryServers(deps, shipment, outcomes);
  } catch (error) {
    if (outcomes.size === 0) throw error;
    logInternalError(deps.log, shipment.message.id, error);
  }
  return ordered(shipment, outcomes);
}

async function tryServers(
  deps: TransportDeps,
  shipment: Shipment,
  outcomes: Map<StoredRecipient, Shipped>,
): Promise<void> {
  const left = () => shipment.recipients.filter((one) => !outcomes.has(one));
  const failures: SmtpFailure[] = [];
  let lastHost: string | undefined;
  let closing: Promise<void> | undefined;
  const dial: DialDeps = { ...deps, onTls: (facts) => shipment.onTls(facts.level) };

  const use = async (session: SmtpSession, used: boolean) => {
    lastHost = session.host;
    const limit = setTimeout(() => session.wire.destroy(), LONGEST_SESSION * session.timeouts.command);
    limit.unref();
    try {
      await carry(session, used, shipment, left, outcomes, failures);
    } finally {
      clearTimeout(limit);
      closing = deps.pool.give(shipment.connectionKey, session);
      if (closing !== undefined) shipment.onClosing(closing);
    }
  };

  const waiting = await deps.pool.take(shipment.connectionKey, await wanted(shipment));
  if (waiting !== undefined) {
    // It may have been opened for another domain.
    shipment.onTls(waiting.facts.level);
    try {
      await use(waiting, true);
    } catch (error) {
      if (!(error instanceof SmtpFailure)) throw error;
    }
    if (left().length === 0) return;
    // The connection had been idle; that it ended now says nothing about the destination.
    failures.length = 0;
  }

  const { config } = deps.loaded();
  const found = await findTargets(shipment.domain, shipment.route, config, deps.resolver, deps.random);
  if (found.kind !== 'targets') {
    const { status, reason } = found;
    for (const one of left())
      outcomes.set(
        one,
        found.kind === 'failed'
          ? { kind: 'deferred', status, reason }
          : { kind: 'refused', status, reason, addressGone: true },
      );
    return;
  }
  // It might have offered what the others don't.
  if (found.missing !== undefined)
    failures.push(new SmtpFailure('unreachable', `of another server of the domain, ${found.missing}`));
  for (const target of found.targets) {
    for (const address of target.addresses) {
      if (left().length === 0) break;
      const localAddress = sourceFor(shipment, address);
      lastHost = target.host;
      if (localAddress === null) {
        failures.push(new SmtpFailure('unreachable', NO_SOURCE));
        continue;
      }
      try {
        // One place, one connection.
        await closing;
        const session = await openTo(dial, shipment.route, target, address, {
          ...(await wanted(shipment)),
          ...(localAddress === undefined ? {} : { localAddress }),
        });
        deps.pool.opened(session, deps.loaded());
        await stillEnough(session, shipment);
        await use(session, false);
      } catch (error) {
        if (error instanceof LocalProblem) {
          for (const one of left())
            outcomes.set(one, { kind: 'deferred', status: '4.3.5', reason: error.message });
        } else if (error instanceof SmtpFailure) {
          failures.push(error);
        } else {
          throw error;
        }
      }
    }
  }
  for (const one of left()) outcomes.set(one, notDelivered(failures, lastHost));
}

const NO_SOURCE = 'its address is of another kind than the addresses that the stream connects from';

/** The own address to connect from; undefined: any, null: this one can't be reached from the stream's addresses. */
function sourceFor({ sourceAddresses }: Shipment, address: string): string | undefined | null {
  if (sourceAddresses.length === 0) return undefined;
  return sourceAddresses.find((one) => isIP(one) === isIP(address)) ?? null;
}

/**
 * What the failures of all servers together mean. Only when each was reached and failed by policy is the method left
 * at once; one that could not be reached might have offered what is needed.
 */
function notDelivered(failures: readonly SmtpFailure[], host: string | undefined): Outcome {
  const about = host === undefined ? {} : { host };
  const pick = (kind: SmtpFailure['kind']) => failures.findLast((one) => one.kind === kind);
  const say = (failure: SmtpFailure) =>
    host === undefined ? failure.message : `${host}: ${failure.message}`;
  const login = pick('login');
  if (login !== undefined) return { kind: 'deferred', status: '4.7.0', reason: say(login), ...about };
  const policy = pick('tls-policy');
  if (policy !== undefined && failures.every((one) => one.kind === 'tls-policy'))
    return { kind: 'unusable', why: 'tls', reason: say(policy), ...about };
  const tls = pick('tls-temporary') ?? policy;
  if (tls !== undefined)
    return { kind: 'deferred', status: '4.7.5', reason: say(tls), tlsFailing: true, ...about };
  const last = failures.at(-1);
  return {
    kind: 'deferred',
    status: '4.4.1',
    reason: last === undefined ? 'no server could be tried' : say(last),
    ...about,
  };
}

function ordered(shipment: Shipment, outcomes: ReadonlyMap<StoredRecipient, Shipped>): readonly Shipped[] {
  return shipment.recipients.map(
    (one): Shipped =>
      outcomes.get(one) ?? {
        kind: 'deferred',
        status: '4.3.0',
        reason: 'an error inside the gateway',
      },
  );
}
