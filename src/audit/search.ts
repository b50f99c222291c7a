import { textMember, toJson } from './json-value.js';
import type { LoggedEvent } from './logged-event.js';
import type { AuditReader, EventRow, MonthReader } from './reader.js';
import { inMonth, toEvent } from './reader.js';
import { hourTerm, TERM_KINDS, type TermKind, termsOf, termValue } from './terms.js';

/**
 * What to look for; everything given must hold. `messageId`, `sender`, `recipient`, `headerMessageId`, `rule` and
 * `detector` choose messages, so that `sender` with `outcome: bounced` finds the bounces of that sender's mail although
 * a bounce event names no sender. `type`, `outcome`, `method` and the times choose among the events of those.
 */
export interface SearchQuery {
  /** Epoch milliseconds, inclusive. */
  readonly since?: number;
  /** Epoch milliseconds, exclusive. */
  readonly until?: number;
  readonly messageId?: string;
  readonly sender?: string;
  readonly recipient?: string;
  /** With angle brackets. */
  readonly headerMessageId?: string;
  /** The Subject's keyed fingerprint. */
  readonly subjectFingerprint?: string;
  readonly rule?: string;
  /** A detector or a classification. */
  readonly detector?: string;
  readonly type?: string;
  readonly outcome?: string;
  readonly method?: string;
  /** How many events at most: the newest ones. */
  readonly limit: number;
}

export interface SearchResult {
  /** Oldest first. */
  readonly events: readonly LoggedEvent[];
  /** True when there may be older ones beyond the limit. */
  readonly more: boolean;
}

/** A log, or only those of its files in which something may be. */
export type SearchedLog = Pick<AuditReader, 'months'>;

interface Wanted {
  readonly kind: TermKind;
  readonly value: string;
}

/** Most rows of a page. The first one is small: most searches find what they want among the newest. */
const PAGE = 500;
const FIRST_PAGE = 50;
/** Candidates are counted up to here to choose the index to begin with. */
const COUNTED = 5_000;

/** Searches a log by its index. Each read is short, so a running relay is not hindered. */
export function searchAudit(reader: SearchedLog, query: SearchQuery): SearchResult {
  const ofMessage = wantedTerms(query, [
    'messageId',
    'sender',
    'recipient',
    'headerMessageId',
    'subjectFingerprint',
    'rule',
    'detector',
  ]);
  const ofEvent = wantedTerms(query, ['type', 'outcome', 'method']);
  const inTime = ({ at }: LoggedEvent) => at >= (query.since ?? 0) && at < (query.until ?? Number.MAX_VALUE);
  const shown = (event: LoggedEvent) => inTime(event) && hasAll(event, ofEvent);
  const found = new Map<number, LoggedEvent>();
  let more = false;
  if (ofMessage.length === 0) {
    for (const event of candidates(reader, rarest(reader, ofEvent)?.want, query)) {
      if (!shown(event)) continue;
      if (found.size >= query.limit) {
        more = true;
        break;
      }
      found.set(event.seq, event);
    }
  } else {
    const seen = new Set<string>();
    const driver = rarest(reader, [...ofMessage, ...ofEvent]);
    // What chose the message may lie before the span of the events asked for, so only the span itself, as the
    // driver, may be cut to it.
    const bySpan = driver === undefined || eventsWithin(reader, query) < driver.count;
    const some = bySpan ? candidates(reader, undefined, query) : candidates(reader, driver.want, {});
    for (const event of some) {
      if (found.size >= query.limit) {
        more = true;
        break;
      }
      const messageId = messageOf(event);
      if (messageId === undefined) {
        if (shown(event) && hasAll(event, ofMessage)) found.set(event.seq, event);
      } else if (!seen.has(messageId)) {
        seen.add(messageId);
        for (const one of chosenEvents(eventsOfMessage(reader, messageId), query, ofMessage)) {
          if (shown(one)) found.set(one.seq, one);
        }
      }
    }
  }
  const events = [...found.values()].sort((a, b) => a.seq - b.seq);
  return { events: events.slice(-query.limit), more: more || events.length > query.limit };
}

const allWith = inMonth<[number, string], EventRow>(
  `SELECT e.seq, e.at, e.type, e.data, e.hash FROM term t JOIN event e ON e.seq = t.seq
   WHERE t.kind = ? AND t.value = ? ORDER BY t.seq`,
);

/** Every event about a message, a notice's own included, oldest first, from all files. */
export function eventsOfMessage(reader: SearchedLog, messageId: string): readonly LoggedEvent[] {
  const value = termValue(TERM_KINDS.message, messageId);
  return reader.months.flatMap((month) =>
    allWith(month)
      .all(TERM_KINDS.message, value)
      .map((row) => toEvent(row, month.name)),
  );
}

/** The message that an event is about, if it is about one. */
export function messageOf(event: LoggedEvent): string | undefined {
  return textMember(toJson(event.data), 'messageId');
}

/** The one recipient that an event is about, if it is about one. */
export function recipientOf(event: LoggedEvent): string | undefined {
  return textMember(toJson(event.data), 'recipient');
}

function wantedTerms(query: SearchQuery, keys: readonly QueryKey[]): readonly Wanted[] {
  return keys.flatMap((key) => {
    const text = query[key];
    const kind = KINDS[key];
    return text === undefined ? [] : [{ kind, value: termValue(kind, text) }];
  });
}

const KINDS = {
  messageId: TERM_KINDS.message,
  sender: TERM_KINDS.sender,
  recipient: TERM_KINDS.recipient,
  headerMessageId: TERM_KINDS.headerMessageId,
  subjectFingerprint: TERM_KINDS.subject,
  rule: TERM_KINDS.rule,
  detector: TERM_KINDS.detector,
  type: TERM_KINDS.type,
  outcome: TERM_KINDS.outcome,
  method: TERM_KINDS.method,
} as const;
type QueryKey = keyof typeof KINDS;
type Span = Pick<SearchQuery, 'since' | 'until'>;

function hasAll(event: LoggedEvent, wanted: readonly Wanted[]): boolean {
  if (wanted.length === 0) return true;
  const terms = termsOf(event.type, event.at, toJson(event.data));
  return wanted.every((want) => terms.some((term) => term.kind === want.kind && term.value === want.value));
}

/** The events of one message that the message's criteria choose; none when the message does not meet them. */
function chosenEvents(
  events: readonly LoggedEvent[],
  query: SearchQuery,
  ofMessage: readonly Wanted[],
): readonly LoggedEvent[] {
  if (!ofMessage.every((want) => events.some((event) => hasAll(event, [want])))) return [];
  const recipient =
    query.recipient === undefined ? undefined : termValue(TERM_KINDS.recipient, query.recipient);
  // A rule matches for a recipient, so it chooses the events of that recipient.
  const rule = ofMessage.filter((want) => want.kind === TERM_KINDS.rule);
  const ruled = new Set(
    rule.length === 0 ? [] : events.filter((event) => hasAll(event, rule)).map(foldedRecipient),
  );
  // The event that queued a notice names two messages; asked for by the notice's, the other one's story stays out.
  const named = ofMessage.filter((want) => want.kind === TERM_KINDS.message);
  return events.filter((event) => {
    if (!hasAll(event, named)) return false;
    const own = foldedRecipient(event);
    if (own === undefined) return true;
    return (recipient === undefined || own === recipient) && (rule.length === 0 || ruled.has(own));
  });
}

function foldedRecipient(event: LoggedEvent): string | undefined {
  const recipient = recipientOf(event);
  return recipient === undefined ? undefined : termValue(TERM_KINDS.recipient, recipient);
}

const countWith = inMonth<[number, string, number], { readonly entries: number }>(
  'SELECT count(*) AS entries FROM (SELECT 1 FROM term WHERE kind = ? AND value = ? LIMIT ?)',
);

/** The criterion with the fewest index entries, counted up to COUNTED. */
function rarest(reader: SearchedLog, wanted: readonly Wanted[]): { want: Wanted; count: number } | undefined {
  const counted = wanted.map((want) => {
    let count = 0;
    for (const month of reader.months)
      count += countWith(month).get(want.kind, want.value, COUNTED)?.entries ?? 0;
    return { want, count };
  });
  return counted.sort((a, b) => a.count - b.count)[0];
}

/** How many events there are within the hours of a span; all, when there is no span. */
function eventsWithin(reader: SearchedLog, span: Span): number {
  if (span.since === undefined && span.until === undefined) return Number.MAX_VALUE;
  let count = 0;
  for (const month of reader.months) {
    const bounds = numbersWithin(month, span);
    if (bounds !== undefined) count += bounds.last - bounds.first + 1;
  }
  return count;
}

/** Events with the index entry (or all), within the hours of the time span, newest first. */
function* candidates(reader: SearchedLog, driver: Wanted | undefined, span: Span): Generator<LoggedEvent> {
  for (const month of reader.months.toReversed()) {
    const bounds = numbersWithin(month, span);
    if (bounds === undefined) continue;
    const page = driver === undefined ? allRows(month) : rowsWith(month, driver);
    let upper = bounds.last;
    let size = FIRST_PAGE;
    for (;;) {
      const rows = page(bounds.first, upper, size);
      for (const row of rows) yield toEvent(row, month.name);
      const lowest = rows.at(-1);
      if (lowest === undefined || rows.length < size) break;
      upper = lowest.seq - 1;
      size = PAGE;
    }
  }
}

/** So many of the newest rows between two numbers, the newest first. */
type Page = (first: number, last: number, size: number) => readonly EventRow[];

const newest = inMonth<[number, number, number], EventRow>(
  'SELECT seq, at, type, data, hash FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?',
);

function allRows(month: MonthReader): Page {
  return (first, last, size) => newest(month).all(first, last, size);
}

const newestWith = inMonth<[number, string, number, number, number], EventRow>(
  `SELECT e.seq, e.at, e.type, e.data, e.hash FROM term t JOIN event e ON e.seq = t.seq
   WHERE t.kind = ? AND t.value = ? AND t.seq BETWEEN ? AND ? ORDER BY t.seq DESC LIMIT ?`,
);

function rowsWith(month: MonthReader, { kind, value }: Wanted): Page {
  return (first, last, size) => newestWith(month).all(kind, value, first, last, size);
}

const hours = inMonth<
  [number, string, string],
  { readonly first: number | null; readonly last: number | null }
>('SELECT min(seq) AS first, max(seq) AS last FROM term WHERE kind = ? AND value BETWEEN ? AND ?');

/** The lowest and highest number among the events of the span's hours; undefined when there are none. */
export function numbersWithin(
  month: MonthReader,
  { since, until }: Span,
): { first: number; last: number } | undefined {
  if (since === undefined && until === undefined) return { first: 0, last: Number.MAX_SAFE_INTEGER };
  const row = hours(month).get(
    TERM_KINDS.hour,
    since === undefined ? '' : hourTerm(since),
    until === undefined ? '99999999' : hourTerm(until),
  );
  if (row === undefined || row.first === null || row.last === null) return undefined;
  return { first: row.first, last: row.last };
}
