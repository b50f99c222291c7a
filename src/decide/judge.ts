import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { Decision } from '../model/decision.js';
import type { Inspection } from '../model/inspection.js';
import type { RecipientKey, RewrittenBody, StoredMessage, StoredRecipient } from '../model/message.js';
import { omittedInspection, unreadInspection } from '../model/unread-inspection.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Clock } from '../shared/clock.js';
import { errorFacts } from '../shared/errors.js';
import type { FreshMessage } from '../store/fresh-messages.js';
import type { BodyStore, ChangedRow, QueueChange, QueueStore, RecipientChange } from '../store/ports.js';
import { collect } from './collect.js';
import { auditedInspection, isShowable } from './inspection-record.js';
import type { Judged, JudgeLane } from './judge-queue.js';
import { holdUndecidable, undecidable } from './undecidable.js';

/** A message whose inspection died this often is decided as unread, not tried for ever. */
export const MAX_INSPECTIONS = 2;

export interface Change {
  readonly change: QueueChange;
  readonly events: readonly AuditEvent[];
}

/** A recipient with what was decided for it. */
export interface Decided {
  readonly recipient: StoredRecipient;
  readonly decision: Decision;
}

/** Decisions, once the copies that they ask for were made or couldn't be. */
export interface Rewritten {
  readonly decided: readonly Decided[];
  /** To be kept with the decisions. */
  readonly copies: readonly RewrittenBody[];
  readonly events: readonly AuditEvent[];
}

export interface JudgeDeps {
  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'beginInspection' | 'apply'>;
  /** What was stored a moment ago, with its first inspection begun; undefined: it is to be read. Asked in the quick lane. */
  readonly fresh: (id: string) => FreshMessage | undefined;
  readonly bodies: Pick<BodyStore, 'open'>;
  /** Whether nobody looks into mail: then nothing of the content is opened to decide. */
  readonly contentNotRead: boolean;
  /** Never rejects because of the message's content. `needs-ocr` is no answer in that lane. */
  readonly inspect: (
    bytes: Uint8Array<ArrayBuffer>,
    message: StoredMessage,
    lane: JudgeLane,
  ) => Promise<Inspection | 'needs-ocr'>;
  /** One decision per recipient, in the same order. Rejects with StoreUnavailable, or where rules can't be evaluated. */
  readonly decide: (
    message: StoredMessage,
    inspection: Inspection,
    recipients: readonly StoredRecipient[],
  ) => Promise<readonly Decision[]>;
  /** Whether it was a request to the portal to take a message back; then it is done with. Not asked for OCR. */
  readonly recall: (message: StoredMessage, recipients: readonly StoredRecipient[]) => Promise<boolean>;
  /** Waits for a place among the messages that are held in memory, and gives it back after the work. */
  readonly inMemory: <T>(message: StoredMessage, lane: JudgeLane, work: () => Promise<T>) => Promise<T>;
  /**
   * Makes the copies that decisions ask for; a decision whose copy can't be made comes back as a hold. `read` gives the
   * message. Rejects where it failed for no reason of the message's: it is judged again later.
   */
  readonly rewrite: (
    message: StoredMessage,
    read: () => Promise<Uint8Array<ArrayBuffer>>,
    inspection: Inspection,
    decided: readonly Decided[],
    lane: JudgeLane,
  ) => Promise<Rewritten>;
  /** Holds recipients, with one notice to each reader. */
  readonly hold: (message: StoredMessage, held: readonly Decided[]) => Promise<Change>;
  /** Rejects recipients, with one DSN for all. */
  readonly reject: (message: StoredMessage, rejected: readonly Decided[]) => Promise<Change>;
  /**
   * All that came of a message is committed, and it is nothing but rows in the queue: these are due now, the attempt of
   * any others was begun with it (`promiseAttempt`).
   */
  readonly onlyQueued: (due: readonly StoredRecipient[], messageId: string) => void;
  /**
   * Asked right before rows are committed that are due at once, where nothing else comes of the message: an attempt that
   * can begin with that commit. Undefined: none can.
   */
  readonly promiseAttempt: (
    message: StoredMessage,
    rows: readonly StoredRecipient[],
  ) => PromisedAttempt | undefined;
  /** What a search finds the Subject by; undefined where there is none. */
  readonly fingerprintSubject: (subject: string) => string | undefined;
  readonly policyHash: () => string;
  /** How long a recipient is tried, in milliseconds. */
  readonly lifetime: () => number;
  /** How long a hold lasts, in milliseconds. */
  readonly holdLifetime: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** One of both functions is called after the commit. */
export interface PromisedAttempt {
  /** To be committed with the attempt. */
  readonly nextAttemptAt: number;
  /** It is committed for these of the rows, none of which are due any more; the message is given as it is by now. */
  readonly begin: (message: StoredMessage, rows: readonly StoredRecipient[]) => void;
  /** It was committed for none. */
  readonly giveUp: () => void;
}

/**
 * Takes one message from `received` to `decided`: inspects it, decides for each recipient, and commits inspection,
 * decisions and what follows from them (queue, hold with notice, reject with DSN) in one change.
 * @param lane another one after this gave its name
 * @returns false when the message was decided before
 * @throws StoreUnavailable when nothing could be committed; then nothing was done
 */
export async function judge(deps: JudgeDeps, id: string, lane: JudgeLane = 'quick'): Promise<Judged> {
  const fresh = lane === 'quick' ? deps.fresh(id) : undefined;
  const [message, all] =
    fresh === undefined
      ? await Promise.all([deps.queue.message(id), deps.queue.recipients(id)])
      : [fresh.message, fresh.recipients];
  if (message === undefined || message.state !== 'received') return false;
  if (lane === 'quick' && fresh === undefined && message.inspectAttempts > 0) return 'begun-before';
  if (lane !== 'ocr' && (await deps.recall(message, all))) return true;
  const recipients = all.filter((one) => one.state === 'received');
  if (recipients.length > 0)
    return judgeReceived(deps, message, recipients, lane, lane === 'ocr' || fresh !== undefined);
  // A person ended them all first.
  await deps.queue.apply({ decided: { messageId: id, subjectShowable: false } }, []);
  return true;
}

async function judgeReceived(
  deps: JudgeDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  lane: JudgeLane,
  isBegun: boolean,
): Promise<true | 'needs-ocr'> {
  const { id } = message;
  const started = deps.clock.now();
  const inspection = await inspectOnce(deps, message, lane, isBegun);
  if (inspection === 'needs-ocr') return inspection;
  const durationMs = Math.max(0, deps.clock.now() - started);
  const notRead = inspection.notRead === true;
  deps.metrics.inspected.inc({ outcome: notRead ? 'not-read' : (inspection.failure ?? 'done') });
  if (!notRead) deps.metrics.inspectSeconds.observe(durationMs / 1000);
  const decided = await decideOrHold(deps, message, inspection, recipients);
  const whole = await rewritten(deps, message, inspection, decided, lane);
  let due: readonly StoredRecipient[] | undefined;
  try {
    due = await carryOut(deps, message, inspection, durationMs, whole);
  } catch (error) {
    if (error instanceof Error && error.name === 'StoreUnavailable') throw error;
    // The error's own text may hold anything, mail included.
    deps.log.error(
      { id, ...errorFacts(error) },
      'what was decided could not be carried out; the message is held',
    );
    const expiresAt = deps.clock.now() + deps.holdLifetime();
    const held = holdUndecidable(message, recipients, deps, expiresAt);
    await deps.queue.apply(held.change, held.events);
    for (const _ of recipients) deps.metrics.decided.inc({ method: 'none', disposition: 'hold' });
  }
  if (due !== undefined) deps.onlyQueued(due, id);
  return true;
}

/**
 * Commits decisions and what follows from them, and the beginning of the first attempt where one is promised. Gives the
 * rows that are due now; undefined where more came of it than rows in the queue.
 */
async function carryOut(
  deps: JudgeDeps,
  message: StoredMessage,
  inspection: Inspection,
  durationMs: number,
  { decided, copies, events }: Rewritten,
): Promise<readonly StoredRecipient[] | undefined> {
  const { id } = message;
  const that = (fate: Fate) => decided.filter(({ decision }) => fateOf(decision) === fate);
  const [held, rejected] = [that('hold'), that('reject')];
  const due = that('send').map(({ recipient, decision }) => queued(deps, recipient, decision));
  const parts: Change[] = [...due];
  if (held.length > 0) parts.push(withDecisions(await deps.hold(message, held), held));
  if (rejected.length > 0) parts.push(withDecisions(await deps.reject(message, rejected), rejected));
  const subjectShowable = isShowable(inspection);
  const change: QueueChange = {
    recipients: parts.flatMap((part) => part.change.recipients ?? []),
    create: parts.flatMap((part) => part.change.create ?? []),
    decided: { messageId: id, subjectShowable, ...(copies.length > 0 && { rewritten: copies }) },
  };
  const allEvents = [
    // That nobody looked stands in the decisions.
    ...(inspection.notRead === true
      ? []
      : [
          auditEvent(
            'message.inspected',
            auditedInspection(id, inspection, durationMs, deps.fingerprintSubject(inspection.subject)),
          ),
        ]),
    ...events,
    ...decided.map(({ recipient, decision }) =>
      auditEvent('recipient.decided', { messageId: id, recipient: recipient.address, decision }),
    ),
    ...parts.flatMap((part) => part.events),
  ];
  const rows = due.map(({ row }) => row);
  const isAllDue = rows.length === decided.length;
  // With copies the message is another than the one at hand.
  const promised = isAllDue && copies.length === 0 ? deps.promiseAttempt(message, rows) : undefined;
  const changed = await applyWith(deps, promised, rows, change, allEvents);
  const isBegun = (row: StoredRecipient) =>
    changed.some(({ index, begun }) => index === row.index && begun === true);
  const begun = rows.filter(isBegun);
  if (begun.length > 0) promised?.begin({ ...message, state: 'decided', subjectShowable }, begun);
  else promised?.giveUp();
  for (const { decision } of decided) {
    const method = decision.enforcement === 'shadow' ? 'plain' : (decision.order[0] ?? 'none');
    deps.metrics.decided.inc({ method, disposition: decision.demand.disposition });
  }
  return isAllDue && areAll(rows, changed) ? rows.filter((row) => !begun.includes(row)) : undefined;
}

/** Applies the change, with a promised attempt for these rows of it. */
async function applyWith(
  deps: JudgeDeps,
  promised: PromisedAttempt | undefined,
  rows: readonly StoredRecipient[],
  change: QueueChange,
  events: readonly AuditEvent[],
): Promise<readonly ChangedRow[]> {
  if (promised === undefined) return deps.queue.apply(change, events);
  const { nextAttemptAt } = promised;
  const now = deps.clock.now();
  const recipients = (change.recipients ?? []).map((one): RecipientChange => {
    const row = rows.find(({ index }) => index === one.key.index);
    if (row === undefined) return one;
    return {
      ...one,
      begins: { address: row.address, now, attempts: row.attempts + 1, nextAttemptAt },
    };
  });
  try {
    return await deps.queue.apply({ ...change, recipients }, events);
  } catch (error) {
    promised.giveUp();
    throw error;
  }
}

/** Whether all these rows, and no others, were changed. */
function areAll(rows: readonly StoredRecipient[], changed: readonly RecipientKey[]): boolean {
  const indexes = new Set(changed.map(({ index }) => index));
  return indexes.size === rows.length && rows.every(({ index }) => indexes.has(index));
}

/** Rules that can't be evaluated hold the message: an error here must never let it travel weaker. */
async function decideOrHold(
  deps: JudgeDeps,
  message: StoredMessage,
  inspection: Inspection,
  recipients: readonly StoredRecipient[],
): Promise<readonly Decided[]> {
  try {
    const decisions = await deps.decide(message, inspection, recipients);
    return recipients.map((recipient, i) => {
      const decision = decisions[i];
      if (decision === undefined) throw new Error('a recipient without a decision');
      return { recipient, decision };
    });
  } catch (error) {
    if (error instanceof Error && error.name === 'StoreUnavailable') throw error;
    deps.log.error(
      { id: message.id, ...errorFacts(error) },
      'the rules could not be evaluated; the message is held',
    );
    const reason = 'the rules could not be evaluated';
    return recipients.map((recipient) => ({
      recipient,
      decision: undecidable(recipient, reason, deps),
    }));
  }
}

/**
 * An error leaves the message as it is, received: it is judged again, and after some such attempts it counts as unread,
 * of which nothing is rewritten.
 */
async function rewritten(
  deps: JudgeDeps,
  message: StoredMessage,
  inspection: Inspection,
  decided: readonly Decided[],
  lane: JudgeLane,
): Promise<Rewritten> {
  if (decided.every(({ decision }) => decision.demand.rewrite === undefined))
    return { decided, copies: [], events: [] };
  const { body } = message;
  const read = async () => {
    if (body === undefined) throw new Error('the content was destroyed');
    return collect(deps.bodies.open(body), body.size);
  };
  return deps.inMemory(message, lane, () => deps.rewrite(message, read, inspection, decided, lane));
}

async function inspectOnce(
  deps: JudgeDeps,
  message: StoredMessage,
  lane: JudgeLane,
  isBegun: boolean,
): Promise<Inspection | 'needs-ocr'> {
  if (deps.contentNotRead && message.body !== undefined) return omittedInspection(message.body.size);
  // The lane `ocr` goes on with the attempt of another; that of a fresh message was committed with it.
  const attempts = isBegun ? 1 : await deps.queue.beginInspection(message.id);
  if (attempts > MAX_INSPECTIONS || message.body === undefined)
    return unreadInspection('crashed', message.body?.size ?? 0);
  const { body } = message;
  return deps.inMemory(message, lane, async () => {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await collect(deps.bodies.open(body), body.size);
    } catch (error) {
      // Damaged content was not understood, so it is unread; it can't be sent either.
      deps.log.error({ id: message.id, ...errorFacts(error) }, 'the stored content cannot be read');
      return unreadInspection('crashed', body.size);
    }
    return deps.inspect(bytes, message, lane);
  });
}

type Fate = 'send' | 'hold' | 'reject';

function fateOf(decision: Decision): Fate {
  if (decision.enforcement === 'shadow') return 'send';
  const { disposition } = decision.demand;
  return disposition === 'send' && decision.order.length === 0 ? 'hold' : disposition;
}

/** Gives the row too, as it is after the change. */
function queued(
  deps: JudgeDeps,
  recipient: StoredRecipient,
  decision: Decision,
): Change & { readonly row: StoredRecipient } {
  const method = decision.enforcement === 'shadow' ? 'plain' : decision.order[0];
  if (method === undefined) throw new Error('a decision to send without a method');
  const now = deps.clock.now();
  // What was held before, and is decided anew, begins anew.
  const set = {
    state: 'pending',
    decision,
    method,
    nextAttemptAt: now,
    expiresAt: now + deps.lifetime(),
    attempts: 0,
  } as const;
  const change: RecipientChange = {
    key: { messageId: recipient.messageId, index: recipient.index },
    from: ['received'],
    set: { ...set, tlsFailingSince: null, lastStatus: null, lastReason: null },
  };
  const { tlsFailingSince: _since, lastStatus: _status, lastReason: _reason, ...rest } = recipient;
  return { change: { recipients: [change] }, events: [], row: { ...rest, ...set } };
}

/** The decision is kept with the row whatever becomes of it. */
function withDecisions(change: Change, decided: readonly Decided[]): Change {
  const byIndex = new Map(decided.map(({ recipient, decision }) => [recipient.index, decision]));
  return {
    ...change,
    change: {
      ...change.change,
      recipients: (change.change.recipients ?? []).map((one) => {
        const decision = byIndex.get(one.key.index);
        return decision === undefined ? one : { ...one, set: { ...one.set, decision } };
      }),
    },
  };
}
