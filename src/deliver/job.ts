import type { LoadedConfig } from '../config/load.js';
import { streamSettings } from '../config/streams.js';
import {
  COPY_AS_IT_CAME,
  type RecipientKey,
  type StoredMessage,
  type StoredRecipient,
} from '../model/message.js';
import type { Method } from '../model/method.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import type { Suppression } from '../model/suppression.js';
import { type Log, logAddress } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Protect } from '../protect/types.js';
import type { Clock } from '../shared/clock.js';
import { errorCode } from '../shared/errors.js';
import type { BodyStore, PortalStore, QueueChange, QueueStore, SuppressionStore } from '../store/ports.js';
import { asBegun, beginning, giveBack } from './begin.js';
import { holdAll } from './hold.js';
import { withLoopField } from './loop-field.js';
import { undeliverableNotice } from './notice-undeliverable.js';
import type { Outcome } from './outcome.js';
import { methodProblem } from './permit.js';
import type { PlaceInPortal } from './place-in-portal.js';
import { placedNotice } from './placed-notice.js';
import type { Place, PlaceTaken } from './places.js';
import { merged, type Planned } from './planned.js';
import { removeBodyFile } from './remove-body-file.js';
import { connectionKey, destinationOf, routeFor } from './routes.js';
import { type SeenTls, seenTls, servesRecipients } from './seen-tls.js';
import { type Settled, settle } from './settle.js';
import { suppressedOf, suppressedOutcome } from './suppressed.js';
import { tlsAvailability } from './tls-availability.js';
import { type Floor, floorOf, opensPortal, raisedFloor } from './tls-floor.js';
import { stricter } from './tls-levels.js';
import { ship, type TransportDeps } from './transport.js';
import type { UnwrittenTls } from './unwritten-tls.js';

/** Recipients of one message that share a destination, a method and a demand of TLS. */
export interface Job {
  readonly messageId: string;
  readonly destination: string;
  readonly recipients: readonly StoredRecipient[];
  /** Its attempt was committed a moment ago: the message as that left it, and what it was begun by. */
  readonly begun?: { readonly message: StoredMessage; readonly loaded: LoadedConfig };
}

export interface JobDeps {
  readonly loaded: () => LoadedConfig;
  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'beginAttempt' | 'beginThrottled' | 'apply'>;
  readonly suppressions: Pick<SuppressionStore, 'suppressed'>;
  readonly portalItems: Pick<PortalStore, 'item'>;
  readonly tlsMemory: UnwrittenTls;
  readonly bodies: Pick<BodyStore, 'seal' | 'open' | 'remove'>;
  readonly protect: Protect;
  readonly placeInPortal: PlaceInPortal;
  /** Key of the field by which our own mail is known when it comes back. */
  readonly loopKey: Uint8Array;
  readonly transport: TransportDeps;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * One attempt: commits that it begins, takes its place, acts, frees its place, and commits what came of it, even while
 * its last connection is being closed, for which its place waits.
 *
 * The rows were read a moment ago as `pending`; only this stage moves a pending row to another method, and never while
 * it has the row in hand, so method and decision are still those of the store. Rows that a person ended meanwhile fall
 * out at `beginAttempt`, or were not among those whose attempt began with the decision. After any wait for the place, however short, rows and suppression list are read once more:
 * whoever was told before the job could act that a row has ended, or that an address is on the list, must not be
 * overtaken. Whoever comes later is too late, as ever: a server may have the message by then.
 *
 * An attempt without a place in time, or whose configuration was replaced while it waited, gives its rows back as they
 * were; so it does with those whose address came on the list meanwhile, which end as such when they are picked up again. A
 * crash before that leaves them to the time that was committed, as a crash in the middle of the dialogue does.
 * @returns whether something became due now: mail of our own, another method, or rows that were given back
 * @throws StoreUnavailable: then nothing more may be done
 */
export async function runJob(allDeps: JobDeps, job: Job, place: Place): Promise<boolean> {
  if (job.begun !== undefined) return runBegun(allDeps, job.begun, job.recipients, place);
  // One configuration for the whole attempt: a reload in the middle must not send one domain's mail to another's server.
  const loaded = allDeps.loaded();
  const { config } = loaded;
  const deps = depsWith(allDeps, loaded);
  const wanted = job.recipients.filter(
    (one) => destinationOf(config, one.domain, one.stream) === job.destination,
  );
  // They take another way now, and are picked up again for it.
  if (wanted.length === 0) return true;
  const [message, listed] = await Promise.all([deps.queue.message(job.messageId), listedOf(deps, wanted)]);
  if (message === undefined) return false;
  let stopped = suppressedOf(listed, message, wanted);
  const isSent = (one: StoredRecipient) => !stopped.has(one.index);
  const mayAct = async () => {
    const taken = await place.take();
    if (taken.kind === 'none') return undefined;
    return taken.waited === undefined || allDeps.loaded() === loaded ? taken : undefined;
  };
  let begins = beginning(deps, message, wanted, isSent);
  /** How the place was taken, where that is before the attempt begins. */
  let placed: Taken | undefined;
  // What a throttle counts can't be given back, so it doesn't begin ahead of its place.
  if (begins.counted) {
    placed = await mayAct();
    if (placed === undefined) return true;
    if (placed.waited !== undefined) {
      stopped = suppressedOf(await listedOf(deps, wanted), message, wanted);
      // Who is on the list by now counts towards no throttle.
      begins = beginning(deps, message, wanted, isSent);
    }
  }
  // Those that end here too: whatever fails from now on, no row is due again before its time.
  const begun = await begins.commit();
  const ends = begun.filter((one) => !isSent(one));
  const ended = await applyAll(
    deps,
    await planned(deps, message, ends, (those, seen) => endSuppressed(deps, message, those, seen, stopped)),
  );
  const toSend = begun.filter(isSent);
  if (toSend.length === 0) return ended;
  const taken = placed ?? (await mayAct());
  if (taken === undefined) {
    await giveBack(deps, toSend);
    return true;
  }
  // Where the place was taken first, the attempt began after the wait.
  const waited = placed === undefined && taken.waited !== undefined;
  return (await act(deps, message, toSend, place, waited)) || ended;
}

/**
 * As `runJob`, where the attempt was committed with what made its rows due: that commit left out who is on the suppression
 * list, and nothing is waited for between it and this but the place.
 */
async function runBegun(
  allDeps: JobDeps,
  { message, loaded }: NonNullable<Job['begun']>,
  rows: readonly StoredRecipient[],
  place: Place,
): Promise<boolean> {
  const deps = depsWith(allDeps, loaded);
  const taken = await place.take();
  if (taken.kind === 'none' || allDeps.loaded() !== loaded) {
    await giveBack(deps, rows);
    return true;
  }
  return act(deps, message, rows, place, taken.waited !== undefined);
}

/** What follows once an attempt is committed and has its place. Gives whether something became due now. */
async function act(
  deps: JobDeps,
  message: StoredMessage,
  rows: readonly StoredRecipient[],
  place: Place,
  waited: boolean,
): Promise<boolean> {
  const { still, stoppedNow } = waited
    ? await afterWait(deps, message, rows)
    : { still: rows, stoppedNow: [] };
  if (stoppedNow.length > 0) await giveBack(deps, stoppedNow);
  const plans = await planned(deps, message, still, (those, seen) =>
    attempt(deps, message, those, place, seen),
  );
  const written = deps.tlsMemory.writing(plans.map(({ change }) => change));
  // Where a connection is being closed, later; what a server has taken isn't kept from the disk by that.
  void place.free();
  try {
    return (await applyAll(deps, plans)) || stoppedNow.length > 0;
  } finally {
    written();
  }
}

type Taken = Extract<PlaceTaken, { readonly kind: 'taken' }>;

function listedOf(deps: JobDeps, rows: readonly StoredRecipient[]): Promise<readonly Suppression[]> {
  return deps.suppressions.suppressed(
    rows.map((one) => one.address),
    deps.clock.now(),
  );
}

/** Rows of an attempt that stood in line: those that nobody ended meanwhile, with those apart that are not to be tried. */
async function afterWait(
  deps: JobDeps,
  message: StoredMessage,
  rows: readonly StoredRecipient[],
): Promise<{ readonly still: readonly StoredRecipient[]; readonly stoppedNow: readonly StoredRecipient[] }> {
  const [open, listed] = await Promise.all([asBegun(deps, rows), listedOf(deps, rows)]);
  const stopped = suppressedOf(listed, message, open);
  return {
    still: open.filter((one) => !stopped.has(one.index)),
    stoppedNow: open.filter((one) => stopped.has(one.index)),
  };
}

/** What is to become of recipients; an error inside leaves them to wait. */
async function planned(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  plan: (recipients: readonly StoredRecipient[], seen: SeenTls) => Promise<readonly Planned[]>,
): Promise<readonly Planned[]> {
  if (recipients.length === 0) return [];
  const seen = seenTls();
  try {
    return await plan(recipients, seen);
  } catch (error) {
    return afterInternalError(deps, message, recipients, seen, error);
  }
}

/** Gives whether something became due now. */
async function applyAll(deps: JobDeps, plans: readonly Planned[]): Promise<boolean> {
  for (const one of plans) await applyOne(deps, one);
  return plans.some(({ change }) => makesDue(change));
}

/** Made once for each configuration. */
const madeFor = new WeakMap<JobDeps, { readonly loaded: LoadedConfig; readonly deps: JobDeps }>();

function depsWith(allDeps: JobDeps, loaded: LoadedConfig): JobDeps {
  const made = madeFor.get(allDeps);
  if (made?.loaded === loaded) return made.deps;
  const transport = { ...allDeps.transport, loaded: () => loaded };
  const deps: JobDeps = { ...allDeps, loaded: () => loaded, transport };
  madeFor.set(allDeps, { loaded, deps });
  return deps;
}

/** Bounces, without dialling anybody, those whose address is on the suppression list. */
async function endSuppressed(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  seen: SeenTls,
  stopped: ReadonlyMap<number, Suppression>,
): Promise<readonly Planned[]> {
  const { postmaster } = deps.loaded().config.organisation;
  const results = recipients.flatMap((recipient) => {
    const one = stopped.get(recipient.index);
    return one === undefined ? [] : [{ recipient, outcome: suppressedOutcome(one, postmaster) }];
  });
  const method = recipients[0]?.method ?? 'plain';
  const plans = await conclude(deps, message, method, NO_FLOOR, seen, results);
  deps.metrics.suppressed.inc(results.length);
  return plans;
}

async function applyOne(deps: JobDeps, { change, events }: Planned): Promise<void> {
  let applied: readonly RecipientKey[] = [];
  try {
    applied = await deps.queue.apply(change, events);
  } finally {
    // What the portal was to keep for a recipient whom somebody ended meanwhile: no row names it.
    const overtaken = (change.createPortalItems ?? []).filter(
      (item) => !applied.some((key) => key.messageId === item.messageId && key.index === item.recipientIndex),
    );
    for (const { messageId, body } of overtaken)
      if (body?.content.kind === 'file') await removeBodyFile(deps, messageId, body.content.name);
  }
}

function makesDue(change: QueueChange): boolean {
  return (
    (change.create ?? []).length > 0 || (change.recipients ?? []).some((one) => one.set.method !== undefined)
  );
}

async function attempt(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  place: Place,
  seen: SeenTls,
): Promise<readonly Planned[]> {
  const held = recipients.flatMap((recipient) => {
    const problem = methodProblem(recipient);
    return problem === undefined ? [] : [{ recipient, reason: `not sent, because ${problem}` }];
  });
  const loaded = deps.loaded();
  const { bodies } = deps;
  const now = deps.clock.now();
  const plans: Planned[] = [];
  if (held.length > 0) {
    for (const { recipient, reason } of held) report(deps, message, recipient, 'held', reason);
    plans.push(await holdAll({ loaded, bodies, message, held, now, from: ['pending'] }));
  }
  const sound = recipients.filter((one) => !held.some(({ recipient }) => recipient === one));
  const groups = await oneByOne(deps, sameContent(sound), async (group) => {
    const method = group[0]?.method;
    return method === undefined ? [] : guarded(deps, message, group, method, place, seen);
  });
  return [...plans, ...groups];
}

/** When the store fails in the middle, what came of those before is applied first: their servers may have the message. */
async function oneByOne<T>(
  deps: JobDeps,
  all: readonly T[],
  plan: (one: T) => Promise<readonly Planned[]>,
): Promise<readonly Planned[]> {
  const plans: Planned[] = [];
  for (const one of all) {
    try {
      plans.push(...(await plan(one)));
    } catch (error) {
      for (const before of plans) await applyOne(deps, before);
      throw error;
    }
  }
  return plans;
}

/** As `byMethod`; an error inside leaves these recipients to wait, and no others, who may have got it already. */
async function guarded(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  method: Method,
  place: Place,
  seen: SeenTls,
): Promise<readonly Planned[]> {
  try {
    return await byMethod(deps, message, recipients, method, place, seen);
  } catch (error) {
    return afterInternalError(deps, message, recipients, seen, error);
  }
}

/** Recipients by the copy that is for them: what was rewritten for one is not for the others. */
function sameContent(recipients: readonly StoredRecipient[]): readonly (readonly StoredRecipient[])[] {
  const groups = new Map<string, StoredRecipient[]>();
  for (const one of recipients) {
    const copy =
      one.decision?.enforcement === 'shadow'
        ? COPY_AS_IT_CAME
        : (one.decision?.rewritten?.copy ?? COPY_AS_IT_CAME);
    groups.set(copy, [...(groups.get(copy) ?? []), one]);
  }
  return [...groups.values()];
}

async function byMethod(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  method: Method,
  place: Place,
  seen: SeenTls,
): Promise<readonly Planned[]> {
  const loaded = deps.loaded();
  const [first] = recipients;
  if (first === undefined) return [];
  // Asked for mail that opens the portal alone: nothing else depends on it.
  const remembered = async () =>
    (opensPortal(message) ? await deps.tlsMemory.highest(first.domain) : undefined) ?? 'none';
  const floor = floorOf(message, first, method, await remembered(), loaded.config);
  /** Never falls during the attempt, whoever sees a higher level meanwhile. */
  const newest = async () =>
    opensPortal(message) ? raisedFloor(floor, stricter(seen.highest(), await remembered())) : floor;
  const outcomes = (outcome: Outcome) =>
    conclude(
      deps,
      message,
      method,
      floor,
      seen,
      recipients.map((recipient) => ({ recipient, outcome })),
    );
  const unusable = (reason: string, keepStrength?: true) =>
    outcomes({ kind: 'unusable', why: 'method', reason, ...(keepStrength && { keepStrength }) });

  if (method === 'portal' && loaded.config.portal === undefined) return unusable('no portal is configured');
  const copy = await deps.protect(message, recipients, method);
  switch (copy.kind) {
    case 'impossible':
      // One recipient without a key must not take the others' method from them.
      if (recipients.length > 1)
        return oneByOne(deps, recipients, (one) => guarded(deps, message, [one], method, place, seen));
      return unusable(copy.reason, copy.shortOfDemand);
    case 'not-now':
      return outcomes({ kind: 'deferred', status: copy.status, reason: copy.reason });
    case 'portal': {
      // Never for another method: what was to be sent sealed would else wait where nobody decided it should.
      if (method !== 'portal') return unusable('the content could not be made for this method');
      const now = deps.clock.now();
      const plans: Planned[] = [];
      for (const recipient of recipients) {
        // First: what is made for the portal must not be left behind when this fails.
        const told = await placedNotice({ loaded, bodies: deps.bodies, message, now }, recipient);
        const placed = await deps.placeInPortal(message, recipient, now);
        if (placed.kind === 'placed') {
          plans.push(merged([placed, told]));
          report(deps, message, recipient, 'in-portal', 'placed in the portal');
        } else {
          const held = [{ recipient, reason: placed.reason }];
          plans.push(await holdAll({ loaded, bodies: deps.bodies, message, held, now, from: ['pending'] }));
          report(deps, message, recipient, 'held', placed.reason);
        }
      }
      return plans;
    }
    case 'smtp': {
      if (method === 'portal') return unusable('the content could not be made for this method');
      if (method === 'tls') {
        const counts = tlsAvailability(loaded.config, first.domain, first.stream);
        if (!counts.available) return unusable(counts.reason);
      }
      const { dispose } = copy;
      const route = routeFor(loaded.config, first.domain, first.stream);
      // That of the recipients before these, whose copy was another.
      await place.closed();
      const shipped = ship(deps.transport, {
        message,
        recipients,
        copy: withLoopField(copy, message.id, deps.loopKey),
        connectionKey: connectionKey(loaded.config, first.domain, first.stream),
        sourceAddresses: streamSettings(loaded.config, first.stream ?? DEFAULT_STREAM).sourceAddresses,
        domain: first.domain,
        route,
        least: async () => (await newest()).least,
        configuredTls: method === 'tls',
        onTls: servesRecipients(route) ? seen.see : () => undefined,
        onClosing: place.closing,
        headersOnly: method !== 'plain' || first.decision?.protected === true,
      });
      const results = await shipped.finally(() => dispose?.());
      return conclude(
        deps,
        message,
        method,
        await newest(),
        seen,
        recipients.map((recipient, i) => ({
          recipient,
          outcome: results[i] ?? { kind: 'deferred', status: '4.3.0', reason: 'the attempt gave no result' },
        })),
      );
    }
  }
}

/** An error inside puts nobody off who got the message: then their outcome is settled alone, and nobody told of it. */
async function conclude(
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
    report(
      deps,
      message,
      recipient,
      outcome.kind,
      outcome.kind === 'delivered' ? outcome.host : outcome.reason,
    );
  if (settlement.bounced.length === 0) return [settlement];
  const consequence = await undeliverableNotice({ ...deps, loaded, message, now });
  // First, so that a crash in between leaves the notice to be tried again rather than an item that nobody will open.
  return consequence === undefined ? [settlement] : [consequence, settlement];
}

/** Where nothing was dialled. */
const NO_FLOOR: Floor = { least: 'none', short: 'defer' };

/** A bug on our side. The recipients wait as after any temporary failure, so that they end in a bounce, not in silence. */
async function afterInternalError(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  seen: SeenTls,
  error: unknown,
): Promise<readonly Planned[]> {
  if (error instanceof Error && error.name === 'StoreUnavailable') throw error;
  // The error's own text may hold anything; its name and place are enough to find it.
  deps.log.error(
    {
      id: message.id,
      error: error instanceof Error ? error.name : typeof error,
      code: errorCode(error),
      at: error instanceof Error ? error.stack?.match(/\n\s+at [^\n]*/)?.[0]?.trim() : undefined,
    },
    'an attempt failed inside the relay; it is repeated later',
  );
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

function report(
  deps: JobDeps,
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
