import { describeEvent } from './describe.js';
import { textMember, toJson } from './json-value.js';
import type { LoggedEvent } from './logged-event.js';
import type { AuditReader } from './reader.js';
import { eventsOfMessage, messageOf, recipientOf } from './search.js';
import { isOf } from './story.js';
import { outcomeOf, TERM_KINDS, termsOf } from './terms.js';

/** One event as listings show it. The names are a contract (`audit search --json`). */
export interface ListingRow {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly type: string;
  readonly messageId?: string;
  /** Also for events that name none: the sender of the message they are about. */
  readonly sender?: string;
  readonly recipient?: string;
  readonly outcome?: string;
  readonly method?: string;
  readonly headerMessageId?: string;
  /** In words. */
  readonly summary: string;
  readonly data: unknown;
  readonly file: string;
  readonly hash: string;
}

/** Column names of `listingCells`. */
export const LISTING_HEAD = [
  'seq',
  'time',
  'type',
  'message_id',
  'sender',
  'recipient',
  'outcome',
  'method',
  'header_message_id',
  'summary',
] as const;

export function listingRow(reader: AuditReader, event: LoggedEvent): ListingRow {
  const data = toJson(event.data);
  const messageId = messageOf(event);
  const accepted =
    messageId === undefined
      ? undefined
      : eventsOfMessage(reader, messageId).find((one) => isOf(one, 'message.accepted'));
  const context = accepted === undefined ? null : toJson(accepted.data);
  const terms = termsOf(event.type, event.at, data);
  const row = {
    messageId,
    sender: textMember(data, 'sender') ?? textMember(context, 'sender'),
    recipient:
      recipientOf(event) ?? onlyRecipient(terms.filter((term) => term.kind === TERM_KINDS.recipient)),
    outcome: outcomeOf(event.type),
    method: terms.find((term) => term.kind === TERM_KINDS.method)?.value,
    headerMessageId: textMember(data, 'headerMessageId') ?? textMember(context, 'headerMessageId'),
  };
  return {
    seq: event.seq,
    time: new Date(event.at).toISOString(),
    type: event.type,
    ...present(row),
    summary: describeEvent(event),
    data: event.data,
    file: event.file,
    hash: event.hash,
  };
}

export function listingCells(row: ListingRow): readonly string[] {
  return [
    String(row.seq),
    row.time,
    row.type,
    row.messageId ?? '',
    row.sender ?? '',
    row.recipient ?? '',
    row.outcome ?? '',
    row.method ?? '',
    row.headerMessageId ?? '',
    row.summary,
  ];
}

function onlyRecipient(terms: readonly { readonly value: string }[]): string | undefined {
  return terms.length === 1 ? terms[0]?.value : undefined;
}

/** The members that are there. */
function present<K extends string>(row: Readonly<Record<K, string | undefined>>): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const key in row) {
    const value = row[key];
    if (value !== undefined) found[key] = value;
  }
  return found;
}
