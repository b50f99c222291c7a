import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { LoadedConfig } from '../config/load.js';
import type { RouteConfig } from '../config/schema.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { ReachedTlsLevel } from '../model/method.js';
import type { Log } from '../ops/log.js';
import type { OutboundCopy } from '../protect/types.js';
import { parseAddress } from '../shared/address.js';
import { errorCode } from '../shared/errors.js';
import { UnsafeContentError } from './dot-stuffing.js';
import { EnvelopeError } from './envelope-commands.js';
import type { Outcome } from './outcome.js';
import type { Resolver } from './resolver.js';
import type { SessionPool } from './session-pool.js';
import { SmtpFailure } from './smtp-failure.js';
import { openSession, type SessionOptions, type SmtpSession } from './smtp-session.js';
import { type RecipientResult, transact } from './smtp-transaction.js';
import { ContentError } from './smtp-wire.js';
import { findTargets, type Target } from './targets.js';
import type { TlsContexts } from './tls-contexts.js';
import { stricter } from './tls-levels.js';

/** One message for recipients that share a destination and a demand of TLS. */
export interface Shipment {
  readonly message: StoredMessage;
  /** At most `recipients_per_transaction`. */
  readonly recipients: readonly StoredRecipient[];
  readonly copy: Extract<OutboundCopy, { readonly kind: 'smtp' }>;
  readonly destination: string;
  /** Domain of all recipients where there is no route. */
  readonly domain: string;
  readonly route: RouteConfig | undefined;
  /** Least TLS level; `none` permits clear text. */
  readonly least: ReachedTlsLevel;
  /** Asks the next hop to leave the content out of its DSNs. */
  readonly headersOnly: boolean;
}

export interface TransportDeps {
  readonly loaded: () => LoadedConfig;
  readonly resolver: Resolver;
  readonly contexts: TlsContexts;
  readonly pool: SessionPool;
  readonly random: () => number;
  readonly log: Log;
  readonly onSocket: (socket: Socket) => void;
}

/** No connection may hold a place for longer than this many command timeouts (one hour by default). */
const LONGEST_SESSION = 12;

/**
 * Tries all servers of the destination, each address, until every recipient has an outcome (in the order of
 * `recipients`). Never rejects for what peers do.
 */
export async function ship(deps: TransportDeps, shipment: Shipment): Promise<readonly Outcome[]> {
  const outcomes = new Map<StoredRecipient, Outcome>();
  const left = () => shipment.recipients.filter((one) => !outcomes.has(one));
  const failures: SmtpFailure[] = [];
  let lastHost: string | undefined;
  const least = leastLevel(shipment);

  const use = async (session: SmtpSession) => {
    lastHost = session.host;
    const limit = setTimeout(() => session.wire.destroy(), LONGEST_SESSION * session.timeouts.command);
    limit.unref();
    try {
      await deliver(session, shipment, left, outcomes, failures);
    } finally {
      clearTimeout(limit);
      deps.pool.give(shipment.destination, session);
    }
  };

  const waiting = await deps.pool.take(shipment.destination, least);
  if (waiting !== undefined) {
    await use(waiting);
    if (left().length === 0) return ordered(shipment, outcomes);
    // The connection had been idle; that it ended now says nothing about the destination.
    failures.length = 0;
  }

  const { config } = deps.loaded();
  const found = await findTargets(shipment.domain, shipment.route, config, deps.resolver, deps.random);
  if (found.kind !== 'targets') {
    const { status, reason } = found;
    for (const one of left())
      outcomes.set(one, { kind: found.kind === 'failed' ? 'deferred' : 'refused', status, reason });
    return ordered(shipment, outcomes);
  }
  for (const target of found.targets) {
    for (const address of target.addresses) {
      if (left().length === 0) break;
      lastHost = target.host;
      try {
        const session = await open(deps, shipment, target, address, least);
        deps.pool.opened(session);
        await use(session);
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
  return ordered(shipment, outcomes);
}

/** A password goes over verified TLS only, so such a route is never dialled for less. */
function leastLevel(shipment: Shipment): ReachedTlsLevel {
  return shipment.route?.auth === undefined ? shipment.least : stricter(shipment.least, 'verified');
}

/** Something on our side (a file of the configuration) that an administrator must put right. */
class LocalProblem extends Error {
  override readonly name = 'LocalProblem';
}

async function open(
  deps: TransportDeps,
  shipment: Shipment,
  target: Target,
  address: string,
  least: ReachedTlsLevel,
): Promise<SmtpSession> {
  const loaded = deps.loaded();
  const { delivery, hostname } = loaded.config;
  const { route } = shipment;
  const setup = await local(deps.log, 'a CA file of the configuration', () =>
    deps.contexts.get(route, least),
  );
  const login = await local(deps.log, `the password file of route ${route?.name ?? ''}`, () =>
    loginOf(loaded, route),
  );
  const options: SessionOptions = {
    host: target.host,
    address,
    port: target.port,
    hostname,
    implicitTls: route?.implicit_tls ?? false,
    startTls: 'yes',
    least,
    tls: { name: target.name, ...setup },
    timeouts: { connect: delivery.connect_timeout, command: delivery.command_timeout },
    onSocket: deps.onSocket,
    ...(login === undefined ? {} : { login }),
  };
  try {
    return await openSession(options);
  } catch (error) {
    const failedTls =
      error instanceof SmtpFailure && (error.kind === 'tls-policy' || error.kind === 'tls-temporary');
    // Only where clear text is allowed: opportunistic TLS that broke is no worse than none.
    if (failedTls && least === 'none' && !options.implicitTls)
      return openSession({ ...options, startTls: 'no' });
    throw error;
  }
}

async function local<T>(log: Log, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    log.error({ code: errorCode(error) ?? 'unknown' }, `${what} cannot be used; mail is deferred`);
    throw new LocalProblem(`${what} cannot be used`, { cause: error });
  }
}

async function loginOf(
  loaded: LoadedConfig,
  route: RouteConfig | undefined,
): Promise<SessionOptions['login'] | undefined> {
  if (route?.auth === undefined) return undefined;
  const text = await readFile(loaded.path(route.auth.password_file), 'utf8');
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new Error('the file is empty');
  return { user: route.auth.user, password };
}

/** Runs transactions on one session until nobody is left who could be served by it. */
async function deliver(
  session: SmtpSession,
  shipment: Shipment,
  left: () => readonly StoredRecipient[],
  outcomes: Map<StoredRecipient, Outcome>,
  failures: SmtpFailure[],
): Promise<void> {
  const { message, copy } = shipment;
  for (const one of left()) {
    const problem = unsuitable(session, shipment, one);
    if (problem !== undefined) outcomes.set(one, { ...problem, host: session.host });
  }
  // Each round serves at least one recipient, or ends.
  while (left().length > 0) {
    const now = left();
    const smtpUtf8 = copy.smtpUtf8 || [message.sender, ...now.map((one) => one.address)].some(needsUtf8);
    let results: readonly RecipientResult[];
    try {
      results = await transact(session, {
        mail: {
          sender: message.sender,
          size: copy.size,
          eightBitMime: copy.eightBitMime,
          smtpUtf8,
          dsn: message.dsn,
          headersOnly: shipment.headersOnly,
        },
        recipients: now,
        open: copy.open,
      });
    } catch (error) {
      const outcome = unsendable(error);
      session.wire.destroy();
      for (const one of now) outcomes.set(one, outcome);
      return;
    }
    let again = false;
    for (const [i, one] of now.entries()) {
      const result = results[i];
      if (result?.kind === 'again') again = true;
      const outcome = result === undefined ? undefined : outcomeOf(result, session);
      if (outcome !== undefined) outcomes.set(one, outcome);
      else if (result?.kind === 'lost') failures.push(new SmtpFailure('unreachable', result.reason));
    }
    if (!again || !session.wire.usable()) return;
  }
}

function outcomeOf(result: RecipientResult, session: SmtpSession): Outcome | undefined {
  const { host } = session;
  switch (result.kind) {
    case 'accepted':
      return {
        kind: 'delivered',
        host,
        hostAddress: session.address,
        replyCode: result.code,
        tls: session.facts,
        dsnPassedOn: session.server.dsn,
      };
    case 'refused':
      return {
        kind: 'refused',
        status: result.status,
        reason: `${host} refused it at ${result.at} with ${result.code} ${result.status}`,
        host,
        replyCode: result.code,
      };
    case 'deferred':
      return {
        kind: 'deferred',
        status: result.status,
        reason: `${host} put it off at ${result.at} with ${result.code} ${result.status}`,
        host,
        tls: session.facts,
      };
    case 'again':
      return undefined;
    case 'lost':
      // After the final dot the peer may have taken it: another server at once would make a duplicate likely.
      return result.uncertain
        ? { kind: 'deferred', status: '4.4.2', reason: `${host}: ${result.reason}`, host, tls: session.facts }
        : undefined;
  }
}

/** What the server can't carry at all; found before MAIL, so that nothing is sent that it would mangle. */
function unsuitable(
  session: SmtpSession,
  shipment: Shipment,
  recipient: StoredRecipient,
): Extract<Outcome, { kind: 'refused' }> | undefined {
  const { server, host } = session;
  const { copy, message } = shipment;
  if (server.maxSize > 0 && copy.size > server.maxSize)
    return { kind: 'refused', status: '5.3.4', reason: `the message is larger than ${host} accepts` };
  if (copy.eightBitMime && !server.eightBitMime)
    return { kind: 'refused', status: '5.6.3', reason: `${host} accepts no 8-bit content (8BITMIME)` };
  const utf8 = copy.smtpUtf8 || needsUtf8(message.sender) || needsUtf8(recipient.address);
  if (utf8 && !server.smtpUtf8)
    return {
      kind: 'refused',
      status: '5.6.7',
      reason: `${host} accepts no internationalised mail (SMTPUTF8)`,
    };
  return undefined;
}

function unsendable(error: unknown): Outcome {
  if (error instanceof EnvelopeError) return { kind: 'refused', status: '5.1.3', reason: error.message };
  if (error instanceof UnsafeContentError)
    return { kind: 'refused', status: '5.6.0', reason: `${error.message}; it is not sent` };
  if (error instanceof ContentError) return { kind: 'deferred', status: '4.3.0', reason: error.message };
  throw error;
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

function ordered(shipment: Shipment, outcomes: ReadonlyMap<StoredRecipient, Outcome>): readonly Outcome[] {
  return shipment.recipients.map(
    (one): Outcome =>
      outcomes.get(one) ?? {
        kind: 'deferred',
        status: '4.3.0',
        reason: 'the attempt ended without a result',
      },
  );
}

function needsUtf8(address: string): boolean {
  if (address === '') return false;
  const parsed = parseAddress(address);
  return parsed.ok && parsed.mailbox.needsSmtpUtf8;
}
