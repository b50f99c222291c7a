import { readData, textMember } from '../json-value.js';
import { isKnown, type KnownEvent } from '../logged-event.js';
import { type AuditReader, type EventRow, type MonthReader, toEvent } from '../reader.js';
import { numbersWithin } from '../search.js';
import type { Period } from './period.js';

const PAGE = 1_000;

export interface Scanned {
  /** Events of the period. */
  readonly events: number;
  /** Those whose data is not as it should be; `audit verify` says more. */
  readonly unreadable: number;
  /** Epoch milliseconds of the first and last event of the period. */
  readonly first?: number;
  readonly last?: number;
  /** The first month that the log still has, where retention removed earlier ones that the period would take in. */
  readonly logBegins?: string;
}

/**
 * Reads all events of a period once, in their order, in short pages, and gives those of the types wanted to `visit`. Events are
 * found by their own time, because a clock that was put back leaves them in a later month's file.
 */
export function scanPeriod(
  reader: AuditReader,
  period: Period,
  isWanted: (type: string) => boolean,
  visit: (event: KnownEvent) => void,
): Scanned {
  let [events, unreadable] = [0, 0];
  let first: number | undefined;
  let last: number | undefined;
  for (const month of reader.months) {
    for (const row of rowsWithin(month, period)) {
      events++;
      first ??= row.at;
      last = row.at;
      if (isWanted(row.type) && !visited(row, month.name, visit)) unreadable++;
    }
  }
  return {
    events,
    unreadable,
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    ...logBegins(reader, period),
  };
}

function logBegins(reader: AuditReader, { from }: Period): Pick<Scanned, 'logBegins'> {
  const header = reader.months[0]?.header;
  const isCut =
    header !== undefined && header.previous.seq > 0 && from < Date.parse(`${header.month}-01T00:00Z`);
  return isCut ? { logBegins: header.month } : {};
}

function* rowsWithin(month: MonthReader, period: Period): Generator<EventRow> {
  const bounds = numbersWithin(month, { since: period.from, until: period.to });
  if (bounds === undefined) return;
  const page = month.db
    .prepare<[number, number], [number, number, string, string, string]>(
      `SELECT seq, at, type, data, hash FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ${PAGE}`,
    )
    .raw();
  for (let next = bounds.first; ; ) {
    const rows = page.all(next, bounds.last);
    for (const [seq, at, type, data, hash] of rows) {
      if (at >= period.from && at < period.to) yield { seq, at, type, data, hash };
      next = seq + 1;
    }
    if (rows.length < PAGE) return;
  }
}

/** False when the data isn't what its type has: a damaged file must not stop the rest from being counted. */
function visited(row: EventRow, file: string, visit: (event: KnownEvent) => void): boolean {
  const event = toEvent(row, file);
  if (!isKnown(event)) return false;
  try {
    visit(event);
    return true;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return false;
  }
}

/** What began the story of a message: how it came, or what it is a notice of. */
export interface Beginning {
  /** Envelope sender; absent for mail of our own. */
  readonly sender?: string;
}

const REMEMBERED = 50_000;

/**
 * Whose mail an event is about. The newest messages are remembered; of others the log's index is asked, so that the
 * answer is exact however long ago the message came.
 */
export interface Beginnings {
  remember(messageId: string, beginning: Beginning): void;
  of(messageId: string): Beginning;
}

export function createBeginnings(reader: AuditReader, most = REMEMBERED): Beginnings {
  const known = new Map<string, Beginning>();
  const lookUp = createLookUp(reader);
  const remember = (messageId: string, beginning: Beginning) => {
    known.set(messageId, beginning);
    if (known.size <= most) return;
    const [oldest] = known.keys();
    if (oldest !== undefined) known.delete(oldest);
  };
  return {
    remember,
    of(messageId) {
      const found = known.get(messageId);
      if (found !== undefined) return found;
      const made = lookUp(messageId);
      remember(messageId, made);
      return made;
    },
  };
}

function createLookUp(reader: AuditReader): (messageId: string) => Beginning {
  const statements = reader.months.map(({ db }) =>
    db.prepare<[string], { type: string; data: string }>(
      `SELECT e.type, e.data FROM term t JOIN event e ON e.seq = t.seq
       WHERE t.kind = 1 AND t.value = ? ORDER BY t.seq LIMIT 1`,
    ),
  );
  return (messageId) => {
    for (const statement of statements) {
      const row = statement.get(messageId);
      if (row === undefined) continue;
      if (row.type !== 'message.accepted') return {};
      const sender = senderIn(row.data);
      return sender === undefined ? {} : { sender };
    }
    return {};
  };
}

function senderIn(data: string): string | undefined {
  return textMember(readData(data), 'sender');
}
