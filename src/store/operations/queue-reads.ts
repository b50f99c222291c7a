import {
  RECIPIENT_STATES,
  type RecipientKey,
  type RecipientState,
  type StoredMessage,
  type StoredRecipient,
} from '../../model/message.js';
import type { DueFilter, Undecided } from '../ports.js';
import type { RelayDb } from '../relay-db.js';
import {
  type BodyRow,
  type MessageRow,
  messageOf,
  type RecipientRow,
  type RewrittenRow,
  recipientOf,
} from '../rows.js';

/*
 * INDEXED BY where the relay asks all the time: left alone, SQLite prefers the index by state and sorts all of it.
 */

export interface ListFilter {
  readonly states?: readonly RecipientState[];
  readonly messageId?: string;
  readonly limit: number;
}

export interface Listed {
  readonly message: StoredMessage;
  readonly recipient: StoredRecipient;
}

export function message(db: RelayDb, id: string): StoredMessage | undefined {
  const row = db.get<MessageRow>('SELECT * FROM messages WHERE id = ?', id);
  if (row === undefined) return undefined;
  return messageOf(
    row,
    db.get<BodyRow>('SELECT * FROM bodies WHERE message_id = ?', id),
    db.all<RewrittenRow>('SELECT * FROM rewritten_bodies WHERE message_id = ? ORDER BY copy', id),
  );
}

export function recipients(db: RelayDb, messageId: string): readonly StoredRecipient[] {
  return db
    .all<RecipientRow>('SELECT * FROM recipients WHERE message_id = ? ORDER BY idx', messageId)
    .map(recipientOf);
}

/** IDs sort by time, so only what came after the item's first notice is looked at. */
export function tellingOfItem(
  db: RelayDb,
  { itemId, since }: { readonly itemId: string; readonly since: string },
): readonly { readonly id: string; readonly state: RecipientState }[] {
  return db.all(
    `SELECT id, recipients.state AS state FROM messages JOIN recipients ON message_id = id
     WHERE id >= ? AND about_portal_item = ? AND origin IN ('pickup-notice', 'pickup-reminder')`,
    since,
    itemId,
  );
}

export function contentKey(db: RelayDb, messageId: string): Uint8Array | undefined {
  return db.get<Pick<BodyRow, 'wrapped_key'>>(
    'SELECT wrapped_key FROM bodies WHERE message_id = ?',
    messageId,
  )?.wrapped_key;
}

/** So many of each stream, oldest first. */
export function undecided(db: RelayDb, limit: number): readonly Undecided[] {
  const found: Undecided[] = [];
  let stream = '';
  for (;;) {
    // One step through the index for each stream, however much of it waits.
    const next = db.get<{ readonly stream: string }>(
      "SELECT stream FROM messages INDEXED BY messages_undecided WHERE state = 'received' AND stream > ? ORDER BY stream LIMIT 1",
      stream,
    );
    if (next === undefined) return found;
    stream = next.stream;
    found.push(
      ...db.all<Undecided>(
        "SELECT id, stream, identity AS sender FROM messages INDEXED BY messages_undecided WHERE state = 'received' AND stream = ? ORDER BY received_at, id LIMIT ?",
        stream,
        limit,
      ),
    );
  }
}

export function finished(db: RelayDb, limit: number): readonly string[] {
  return ids(
    db.all(
      'SELECT id FROM messages INDEXED BY messages_finished WHERE unfinished = 0 AND has_content = 1 ORDER BY received_at, id LIMIT ?',
      limit,
    ),
  );
}

export function due(
  db: RelayDb,
  input: { readonly now: number; readonly limit: number; readonly filter: DueFilter },
): readonly StoredRecipient[] {
  const { exceptDomains, onlyDomains, stream } = input.filter;
  const within = [
    ...(exceptDomains === undefined ? [] : [{ sql: 'NOT IN', domains: exceptDomains }]),
    ...(onlyDomains === undefined ? [] : [{ sql: 'IN', domains: onlyDomains }]),
  ];
  return db
    .all<RecipientRow>(
      `SELECT * FROM recipients INDEXED BY recipients_due WHERE state = 'pending' AND next_attempt_at <= ?
       ${stream === undefined ? '' : 'AND stream = ?'}
       ${within.map(({ sql }) => `AND domain ${sql} (SELECT value FROM json_each(?))`).join(' ')}
       ORDER BY next_attempt_at, message_id, idx LIMIT ?`,
      input.now,
      ...(stream === undefined ? [] : [stream]),
      ...within.map(({ domains }) => JSON.stringify(domains)),
      input.limit,
    )
    .map(recipientOf);
}

/** The earliest attempt of each stream. */
function earliestAttempts(db: RelayDb): readonly { readonly stream: string; readonly at: number }[] {
  const found: { readonly stream: string; readonly at: number }[] = [];
  for (;;) {
    const next = db.get<{ readonly stream: string; readonly at: number }>(
      `SELECT stream, next_attempt_at AS at FROM recipients INDEXED BY recipients_due
       WHERE state = 'pending' AND stream > ? ORDER BY stream, next_attempt_at LIMIT 1`,
      found.at(-1)?.stream ?? '',
    );
    if (next === undefined) return found;
    found.push(next);
  }
}

export function dueStreams(db: RelayDb, now: number): readonly string[] {
  return earliestAttempts(db)
    .filter(({ at }) => at <= now)
    .map(({ stream }) => stream);
}

export function pendingByStream(
  db: RelayDb,
  _: null,
): readonly { readonly stream: string; readonly pending: number; readonly throttled: number }[] {
  return db.all(
    `SELECT stream, count(*) AS pending, count(throttled_by) AS throttled
     FROM recipients WHERE state = 'pending' GROUP BY stream`,
  );
}

export function nextDueAt(db: RelayDb, _: null): number | undefined {
  const attempt = earliestAttempts(db).toSorted((a, b) => a.at - b.at)[0];
  const hold = db.get<{ readonly at: number }>(
    "SELECT expires_at AS at FROM recipients INDEXED BY recipients_held WHERE state = 'held' ORDER BY expires_at LIMIT 1",
  );
  if (attempt === undefined) return hold?.at;
  return hold === undefined ? attempt.at : Math.min(attempt.at, hold.at);
}

export function expiredHolds(
  db: RelayDb,
  filter: { readonly now: number; readonly limit: number },
): readonly StoredRecipient[] {
  return db
    .all<RecipientRow>(
      "SELECT * FROM recipients INDEXED BY recipients_held WHERE state = 'held' AND expires_at <= ? ORDER BY expires_at, message_id, idx LIMIT ?",
      filter.now,
      filter.limit,
    )
    .map(recipientOf);
}

/** A message for listings: its inline content is left out, so that long lists stay small. */
function listedMessage(db: RelayDb, id: string): StoredMessage | undefined {
  const row = db.get<MessageRow>('SELECT * FROM messages WHERE id = ?', id);
  if (row === undefined) return undefined;
  const body = db.get<BodyRow>(
    `SELECT wrapped_key, size, iif(inline_bytes IS NULL, NULL, x'') AS inline_bytes, file_name
     FROM bodies WHERE message_id = ?`,
    id,
  );
  return messageOf(row, body);
}

/** Newest first. Each state is asked on its own, so that the index gives the order and the limit holds early. */
export function listRecipients(db: RelayDb, filter: ListFilter): readonly Listed[] {
  const states = new Set(filter.states ?? RECIPIENT_STATES);
  const keys = filter.messageId === undefined ? newestKeys(db, states, filter.limit) : undefined;
  const rows =
    keys === undefined
      ? recipients(db, filter.messageId ?? '').filter((one) => states.has(one.state))
      : keys.flatMap((key) => recipient(db, key) ?? []);
  return withMessages(db, rows.slice(0, filter.limit));
}

/** A page of what is held; whose hold ends first comes first. */
export function listHeld(
  db: RelayDb,
  page: { readonly offset: number; readonly limit: number },
): { readonly rows: readonly Listed[]; readonly total: number } {
  const rows = db
    .all<RecipientRow>(
      `SELECT * FROM recipients INDEXED BY recipients_held WHERE state = 'held'
       ORDER BY expires_at, message_id, idx LIMIT ? OFFSET ?`,
      page.limit,
      page.offset,
    )
    .map(recipientOf);
  const counted = db.get<{ readonly total: number }>(
    "SELECT count(*) AS total FROM recipients INDEXED BY recipients_held WHERE state = 'held'",
  );
  return { rows: withMessages(db, rows), total: counted?.total ?? 0 };
}

function withMessages(db: RelayDb, rows: readonly StoredRecipient[]): readonly Listed[] {
  const messages = new Map<string, StoredMessage>();
  return rows.flatMap((one) => {
    const known = messages.get(one.messageId) ?? listedMessage(db, one.messageId);
    if (known === undefined) return [];
    messages.set(one.messageId, known);
    return [{ message: known, recipient: one }];
  });
}

interface KeyRow {
  readonly message_id: string;
  readonly idx: number;
  readonly received_at: number;
}

function newestKeys(db: RelayDb, states: ReadonlySet<RecipientState>, limit: number): RecipientKey[] {
  const found: KeyRow[] = [];
  for (const state of states) {
    found.push(
      ...db.all<KeyRow>(
        `SELECT message_id, idx, received_at FROM recipients WHERE state = ?
         ORDER BY received_at DESC, message_id DESC, idx DESC LIMIT ?`,
        state,
        limit,
      ),
    );
  }
  found.sort((a, b) => b.received_at - a.received_at || compare(b.message_id, a.message_id) || b.idx - a.idx);
  return found.slice(0, limit).map((row) => ({ messageId: row.message_id, index: row.idx }));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function recipient(db: RelayDb, key: RecipientKey): StoredRecipient | undefined {
  const row = db.get<RecipientRow>(
    'SELECT * FROM recipients WHERE message_id = ? AND idx = ?',
    key.messageId,
    key.index,
  );
  return row === undefined ? undefined : recipientOf(row);
}

export function counts(db: RelayDb, _: null): Readonly<Record<RecipientState, number>> {
  const result: Record<RecipientState, number> = {
    received: 0,
    pending: 0,
    held: 0,
    'in-portal': 0,
    delivered: 0,
    'picked-up': 0,
    expired: 0,
    bounced: 0,
    ended: 0,
  };
  for (const row of db.all<{ readonly state: RecipientState; readonly count: number }>(
    'SELECT state, count FROM recipient_counts',
  )) {
    result[row.state] = row.count;
  }
  return result;
}

/** Names of all sealed files that rows still need. */
export function bodyFiles(db: RelayDb, _: null): readonly string[] {
  return db
    .all<{ readonly file_name: string }>(
      `SELECT file_name FROM bodies WHERE file_name IS NOT NULL
       UNION ALL SELECT file_name FROM rewritten_bodies WHERE file_name IS NOT NULL
       UNION ALL SELECT file_name FROM portal_bodies WHERE file_name IS NOT NULL
       UNION ALL SELECT file_name FROM portal_replies WHERE file_name IS NOT NULL`,
    )
    .map((row) => row.file_name);
}

function ids(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map((row) => row.id);
}
