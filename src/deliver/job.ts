import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { Suppression } from '../model/suppression.js';
import type { Asked, MessageWatch } from '../store/watched-messages.js';
import { applyAll } from './apply-plans.js';
import { attempt } from './attempt.js';
import { beginning, giveBack } from './begin.js';
import { conclude, NO_FLOOR, orWait } from './conclude.js';
import { depsWith, type JobDeps } from './job-deps.js';
import type { Place, PlaceTaken } from './places.js';
import type { Planned } from './planned.js';
import { createRecheck } from './recheck.js';
import { destinationOf } from './routes.js';
import { type SeenTls, seenTls } from './seen-tls.js';
import { listedOf, suppressedOf, suppressedOutcome } from './suppressed.js';

/** Recipients of one message that share a destination, a method and a demand of TLS. */
export interface Job {
  readonly messageId: string;
  readonly destination: string;
  readonly recipients: readonly StoredRecipient[];
  /**
   * Its attempt was committed a moment ago: the message as that left it, what it was begun by, and what somebody has asked for
   * since that commit was.
   */
  readonly begun?: {
    readonly message: StoredMessage;
    readonly loaded: LoadedConfig;
    readonly asked: readonly Asked[];
  };
}

/**
 * One attempt: commits that it begins, takes its place, acts, frees its place, and commits what came of it, even while
 * its last connection is being closed, for which its place waits.
 *
 * The rows were read a moment ago as `pending`; only this stage moves a pending row to another method, and never while
 * it has the row in hand, so method and decision are still those of the store. Rows that a person ended meanwhile fall
 * out at `beginAttempt`, or were not among those whose attempt began with the decision. From then on until a server is told
 * of a recipient it is heard what anybody asks for (`recheck`): whoever was told that a row has ended, or that an address is
 * on the suppression list, must not be overtaken. Whoever comes later is too late: a server may have the message by then.
 *
 * An attempt without a place in time, or whose configuration was replaced before it has one, gives its rows back as they
 * were; so it does with those whose address came on the list meanwhile, which end as such when they are picked up again. A
 * crash before that leaves them to the time that was committed, as a crash in the middle of the dialogue does.
 * @returns whether something became due now: mail of our own, another method, or rows that were given back
 * @throws StoreUnavailable: then nothing more may be done
 */
export async function runJob(allDeps: JobDeps, job: Job, place: Place): Promise<boolean> {
  // From before its attempt is committed: what was asked for earlier is seen by that commit.
  const watch = allDeps.watch(job.messageId, job.recipients, job.begun?.asked);
  try {
    return job.begun === undefined
      ? await runDue(allDeps, job, place, watch)
      : await runBegun(allDeps, job.begun, job.recipients, place, watch);
  } finally {
    watch.end();
  }
}

async function runDue(allDeps: JobDeps, job: Job, place: Place, watch: MessageWatch): Promise<boolean> {
  // One configuration for the whole attempt: a reload in the middle must not send one domain's mail to another's server.
  const loaded = allDeps.loaded();
  const { config } = loaded;
  const deps = depsWith(allDeps, loaded);
  const wanted = job.recipients.filter(
    (one) => destinationOf(config, one.domain, one.stream) === job.destination,
  );
  // They take another way now, and are picked up again for it.
  if (wanted.length === 0) return true;
  const [message, listed] = await Promise.all([
    deps.fresh(job.messageId) ?? deps.queue.message(job.messageId),
    listedOf(deps, wanted),
  ]);
  if (message === undefined) return false;
  let stopped = suppressedOf(listed, message, wanted);
  const isSent = (one: StoredRecipient) => !stopped.has(one.index);
  const mayAct = async () => {
    const taken = await place.take();
    return taken.kind === 'none' || allDeps.loaded() !== loaded ? undefined : taken;
  };
  let begins = beginning(deps, message, wanted, isSent);
  /** How the place was taken, where that is before the attempt begins. */
  let placed: Taken | undefined;
  // What a throttle has counted stays counted, whoever is given back, so it doesn't begin ahead of its place.
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
  return (await act(deps, message, toSend, place, watch)) || ended;
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
  watch: MessageWatch,
): Promise<boolean> {
  const deps = depsWith(allDeps, loaded);
  const taken = await place.take();
  if (taken.kind === 'none' || allDeps.loaded() !== loaded) {
    await giveBack(deps, rows);
    return true;
  }
  return act(deps, message, rows, place, watch);
}

/** What follows once an attempt is committed and has its place. Gives whether something became due now. */
async function act(
  deps: JobDeps,
  message: StoredMessage,
  rows: readonly StoredRecipient[],
  place: Place,
  watch: MessageWatch,
): Promise<boolean> {
  const recheck = createRecheck(deps, message, rows, watch);
  const plans = await planned(deps, message, rows, async (those, seen) => {
    // Nothing need be made for them.
    const overtaken = (await recheck.overtaken(those)) ?? [];
    const still = overtaken.length === 0 ? those : those.filter((one) => !overtaken.includes(one));
    return attempt(deps, message, still, { place, recheck, seen });
  });
  const written = deps.tlsMemory.writing(plans.map(({ change }) => change));
  // Where a connection is being closed, later; what a server has taken isn't kept from the disk by that.
  void place.free();
  try {
    return (await applyAll(deps, plans)) || recheck.gaveBack();
  } finally {
    written();
  }
}

type Taken = Extract<PlaceTaken, { readonly kind: 'taken' }>;

/** What is to become of recipients; an error inside leaves them to wait. */
async function planned(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  plan: (recipients: readonly StoredRecipient[], seen: SeenTls) => Promise<readonly Planned[]>,
): Promise<readonly Planned[]> {
  if (recipients.length === 0) return [];
  const seen = seenTls();
  return orWait(deps, message, recipients, seen, () => plan(recipients, seen));
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
