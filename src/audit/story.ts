import { END_STATES, type RecipientState } from '../model/message.js';
import { isKnown, type KnownEvent, type LoggedEvent } from './logged-event.js';
import type { AuditReader } from './reader.js';
import { eventsOfMessage, messageOf, recipientOf } from './search.js';
import { outcomeOf } from './terms.js';

export type EventOf<T extends KnownEvent['type']> = Extract<KnownEvent, { type: T }>;

/** What became of one recipient's copy. */
export interface RecipientStory {
  readonly recipient: string;
  readonly outcome: RecipientState;
  /** Everything about this recipient, oldest first. */
  readonly events: readonly LoggedEvent[];
}

/** A DSN, notice or code that was sent about a message, and what became of it. */
export interface NoticeStory {
  readonly noticeId: string;
  readonly kind: string;
  readonly recipient: string;
  readonly outcome: RecipientState;
  readonly events: readonly LoggedEvent[];
}

/** Everything the log knows of one message. */
export interface MessageStory {
  readonly messageId: string;
  readonly accepted?: EventOf<'message.accepted'>;
  /** When the message is itself a notice: the message it is about. */
  readonly about?: EventOf<'notice.queued'>;
  /** The last one, where the message was inspected again. */
  readonly inspected?: EventOf<'message.inspected'>;
  readonly recipients: readonly RecipientStory[];
  readonly notices: readonly NoticeStory[];
  /** Events about the message as a whole. */
  readonly others: readonly LoggedEvent[];
  /** All of them, oldest first. */
  readonly events: readonly LoggedEvent[];
}

/** Reads the story of one message; undefined when the log knows nothing of it. */
export function readStory(reader: AuditReader, messageId: string): MessageStory | undefined {
  const all = eventsOfMessage(reader, messageId);
  if (all.length === 0) return undefined;
  const events = all.filter((event) => messageOf(event) === messageId);
  const accepted = last(events, 'message.accepted');
  const inspected = last(events, 'message.inspected');
  const about = all.find((event) => isOf(event, 'notice.queued') && event.data.noticeId === messageId);
  return {
    messageId,
    ...(accepted === undefined ? {} : { accepted }),
    ...(inspected === undefined ? {} : { inspected }),
    ...(about !== undefined && isOf(about, 'notice.queued') ? { about } : {}),
    recipients: recipientStories(events, accepted?.data.recipients ?? []),
    notices: noticeStories(reader, events),
    others: events.filter(
      (event) => recipientOf(event) === undefined && event !== accepted && event !== inspected,
    ),
    events: all,
  };
}

/** Whether an event is of a type; then its data has that type's shape. */
export function isOf<T extends KnownEvent['type']>(event: LoggedEvent, type: T): event is EventOf<T> {
  return event.type === type && isKnown(event);
}

/** The state that a recipient's events lead to. An end is never left, whatever is recorded afterwards. */
export function outcomeOfEvents(events: readonly LoggedEvent[]): RecipientState {
  let state: RecipientState = 'received';
  for (const event of events) {
    if (END_STATES.some((end) => end === state)) break;
    state = stateAfter(event) ?? state;
  }
  return state;
}

function stateAfter(event: LoggedEvent): RecipientState | undefined {
  if (!isOf(event, 'recipient.decided')) return outcomeOf(event.type);
  return event.data.decision.demand.disposition === 'hold' ? 'held' : 'pending';
}

function recipientStories(
  events: readonly LoggedEvent[],
  accepted: readonly string[],
): readonly RecipientStory[] {
  const byRecipient = new Map<string, LoggedEvent[]>(accepted.map((recipient) => [recipient, []]));
  for (const event of events) {
    const recipient = recipientOf(event);
    // A notice goes to a recipient of its own and has its own part of the story.
    if (recipient === undefined || event.type === 'notice.queued') continue;
    const list = byRecipient.get(recipient);
    if (list === undefined) byRecipient.set(recipient, [event]);
    else list.push(event);
  }
  return [...byRecipient].map(([recipient, list]) => ({
    recipient,
    outcome: outcomeOfEvents(list),
    events: list,
  }));
}

function noticeStories(reader: AuditReader, events: readonly LoggedEvent[]): readonly NoticeStory[] {
  const queued = events.filter((event) => isOf(event, 'notice.queued'));
  return queued.map((event) => {
    const { noticeId, kind, recipient } = event.data;
    const own = eventsOfMessage(reader, noticeId).filter((one) => messageOf(one) === noticeId);
    return { noticeId, kind, recipient, outcome: outcomeOfEvents(own), events: own };
  });
}

function last<T extends KnownEvent['type']>(events: readonly LoggedEvent[], type: T): EventOf<T> | undefined {
  const found = events.filter((event) => isOf(event, type));
  return found.at(-1);
}
