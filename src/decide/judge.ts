import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { Decision } from '../model/decision.js';
import type { Inspection } from '../model/inspection.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { SEALED_METHODS } from '../model/method.js';
import { unreadInspection } from '../model/unread-inspection.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Clock } from '../shared/clock.js';
import { errorText } from '../shared/errors.js';
import type { BodyStore, QueueChange, QueueStore, RecipientChange } from '../store/ports.js';
import { auditedInspection, isShowable } from './inspection-record.js';

/** A message whose inspection died this often is decided as unread, not tried for ever. */
const MAX_INSPECTIONS = 2;

export interface Change {
  readonly change: QueueChange;
  readonly events: readonly AuditEvent[];
}

export interface JudgeDeps {
  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'beginInspection' | 'apply' | 'undecided'>;
  readonly bodies: Pick<BodyStore, 'open'>;
  /** Never rejects because of the message's content. */
  readonly inspect: (message: Uint8Array<ArrayBuffer>) => Promise<Inspection>;
  /** Pure; one decision per recipient, in the same order. */
  readonly decide: (
    message: StoredMessage,
    inspection: Inspection,
    recipients: readonly StoredRecipient[],
  ) => readonly Decision[];
  readonly hold: (message: StoredMessage, recipient: StoredRecipient, decision: Decision) => Promise<Change>;
  readonly reject: (
    message: StoredMessage,
    recipient: StoredRecipient,
    decision: Decision,
  ) => Promise<Change>;
  readonly policyHash: () => string;
  /** How long a recipient is tried, in milliseconds. */
  readonly lifetime: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Takes one message from `received` to `decided`: inspects it, decides for each recipient, and commits inspection,
 * decisions and what follows from them (queue, hold with notice, reject with DSN) in one change.
 * @returns false when the message was decided before
 * @throws StoreUnavailable when nothing could be committed; then nothing was done
 */
export async function judge(deps: JudgeDeps, id: string): Promise<boolean> {
  const message = await deps.queue.message(id);
  if (message === undefined || message.state !== 'received') return false;
  const recipients = await deps.queue.recipients(id);
  const started = deps.clock.now();
  const inspection = await inspectOnce(deps, message);
  const durationMs = Math.max(0, deps.clock.now() - started);
  deps.metrics.inspected.inc({ outcome: inspection.failure ?? 'done' });
  deps.metrics.inspectSeconds.observe(durationMs / 1000);

  const decisions = decideOrHold(deps, message, inspection, recipients);
  const parts: Change[] = [];
  for (const [i, recipient] of recipients.entries()) {
    const decision = decisions[i];
    // Without a decision nothing may travel; the message stays `received` and the relay says so.
    if (decision === undefined) throw new Error(`no decision for a recipient of ${id}`);
    parts.push(await consequence(deps, message, recipient, decision));
    const method = decision.enforcement === 'shadow' ? 'plain' : (decision.order[0] ?? 'none');
    deps.metrics.decided.inc({ method, disposition: decision.demand.disposition });
  }
  await deps.queue.apply(
    {
      recipients: parts.flatMap((part) => part.change.recipients ?? []),
      create: parts.flatMap((part) => part.change.create ?? []),
      decided: { messageId: id, subjectShowable: isShowable(inspection) },
    },
    [
      auditEvent('message.inspected', auditedInspection(id, inspection, durationMs)),
      ...recipients.flatMap((recipient, i): AuditEvent[] => {
        const decision = decisions[i];
        if (decision === undefined) return [];
        return [auditEvent('recipient.decided', { messageId: id, recipient: recipient.address, decision })];
      }),
      ...parts.flatMap((part) => part.events),
    ],
  );
  return true;
}

/** Rules that can't be evaluated hold the message: an error here must never let it travel weaker. */
function decideOrHold(
  deps: JudgeDeps,
  message: StoredMessage,
  inspection: Inspection,
  recipients: readonly StoredRecipient[],
): readonly Decision[] {
  try {
    return deps.decide(message, inspection, recipients);
  } catch (error) {
    deps.log.error(
      { id: message.id, reason: errorText(error) },
      'the rules could not be evaluated; the message is held',
    );
    return recipients.map((recipient) => ({
      recipient: recipient.address,
      demand: { methods: SEALED_METHODS, tls: 'verified', portal: 'code', disposition: 'hold' },
      protected: true,
      order: [],
      rules: [],
      considered: [],
      tags: [],
      holdReason: 'the rules could not be evaluated',
      policyHash: deps.policyHash(),
      enforcement: 'enforce',
    }));
  }
}

async function inspectOnce(deps: JudgeDeps, message: StoredMessage): Promise<Inspection> {
  const attempts = await deps.queue.beginInspection(message.id);
  if (attempts > MAX_INSPECTIONS || message.body === undefined)
    return unreadInspection('crashed', message.body?.size ?? 0);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await collect(deps.bodies.open(message.body), message.body.size);
  } catch (error) {
    // Damaged content was not understood, so it is unread; it can't be sent either.
    deps.log.error({ id: message.id, reason: errorText(error) }, 'the stored content cannot be read');
    return unreadInspection('crashed', message.body.size);
  }
  return deps.inspect(bytes);
}

async function consequence(
  deps: JudgeDeps,
  message: StoredMessage,
  recipient: StoredRecipient,
  decision: Decision,
): Promise<Change> {
  if (decision.enforcement === 'shadow') return queued(deps, recipient, decision, 'plain');
  const first = decision.order[0];
  switch (decision.demand.disposition) {
    case 'reject':
      return withDecision(await deps.reject(message, recipient, decision), recipient, decision);
    case 'hold':
      return withDecision(await deps.hold(message, recipient, decision), recipient, decision);
    case 'send':
      if (first === undefined)
        return withDecision(await deps.hold(message, recipient, decision), recipient, decision);
      return queued(deps, recipient, decision, first);
  }
}

function queued(
  deps: JudgeDeps,
  recipient: StoredRecipient,
  decision: Decision,
  method: Decision['order'][number],
): Change {
  const now = deps.clock.now();
  const change: RecipientChange = {
    key: { messageId: recipient.messageId, index: recipient.index },
    from: ['received'],
    set: { state: 'pending', decision, method, nextAttemptAt: now, expiresAt: now + deps.lifetime() },
  };
  return { change: { recipients: [change] }, events: [] };
}

/** The decision is kept with the row whatever becomes of it. */
function withDecision(change: Change, recipient: StoredRecipient, decision: Decision): Change {
  return {
    ...change,
    change: {
      ...change.change,
      recipients: (change.change.recipients ?? []).map((one) =>
        one.key.index === recipient.index ? { ...one, set: { ...one.set, decision } } : one,
      ),
    },
  };
}

async function collect(stream: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of stream) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at !== size) throw new Error('the stored content is shorter than its row says');
  return bytes;
}
