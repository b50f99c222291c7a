import { readData } from './json-value.js';
import { BUCKET_SIZE, type IndexSums, indexSums } from './multiset.js';
import type { EventRow, MonthReader } from './reader.js';
import { termsOf } from './terms.js';
import type { Findings } from './verify-report.js';

const PAGE = 5_000;
const BUCKETS_SEARCHED = 10;

/** Checks that a file's index holds exactly the entries of its events. */
export interface IndexCheck {
  /** To be called for every event of the file. */
  event(row: EventRow): void;
  /** Reads the index, once all events up to `lastSeq` were given, and reports what differs. */
  finish(lastSeq: number): void;
}

export function checkIndex(month: MonthReader, findings: Findings): IndexCheck {
  const sums = indexSums();
  let expected = 0;
  return {
    event(row) {
      for (const term of termsOfRow(row)) {
        sums.add(sums.value(term.kind, term.value), row.seq);
        expected++;
      }
    },
    finish(lastSeq) {
      const { highest, whole } = takeIndex(month, sums, lastSeq, expected);
      if (!whole)
        findings.problem(
          'index-changed',
          { file: month.name },
          'the search index holds what no index can (text in place of a number, bytes that are no text, or a number beyond all limits), so it cannot be read to its end',
        );
      const differing = sums.differing();
      for (const bucket of differing.slice(0, BUCKETS_SEARCHED)) locate(month, bucket, lastSeq, findings);
      // Of an index that ended early, all that comes behind differs, and says nothing.
      if (whole && differing.length > BUCKETS_SEARCHED) {
        const seq = (differing[BUCKETS_SEARCHED] ?? 0) * BUCKET_SIZE;
        findings.problem('index-changed', { file: month.name, seq }, 'and more such entries from here on');
      }
      if (highest > lastSeq) strayEntries(month, lastSeq, findings);
    },
  };
}

function termsOfRow(row: EventRow) {
  // SQLite gives what is in the file, whatever the column's type. The hash of such an event shows it.
  if (typeof row.type !== 'string' || typeof row.at !== 'number') return [];
  // Where it is no JSON, the index has more entries than these.
  return termsOf(row.type, row.at, readData(row.data));
}

/** Kind, value, and the numbers of events, joined with commas, where nobody put anything else into the file. */
type Group = readonly [kind: unknown, value: unknown, seqs: unknown];

interface Taken {
  /** The highest event number met. */
  readonly highest: number;
  /** False: what is in the index can't be paged through, and reading ended early. */
  readonly whole: boolean;
}

/**
 * Takes every entry of the index from the sums, in short transactions.
 * @param expected about how many there should be
 */
function takeIndex(month: MonthReader, sums: IndexSums, lastSeq: number, expected: number): Taken {
  // Numbers are joined by SQLite: that is several times faster than handing over each row.
  const page = month.db
    .prepare<[number, string, number], Group>(
      `SELECT kind, value, group_concat(seq) FROM
         (SELECT kind, value, seq FROM term WHERE (kind, value, seq) > (?, ?, ?)
          ORDER BY kind, value, seq LIMIT ${PAGE})
       GROUP BY kind, value ORDER BY kind, value`,
    )
    .raw();
  let highest = 0;
  let taken = 0;
  let most = expected;
  let cursor: [number, string, number] = [-1, '', 0];
  for (;;) {
    const groups = page.all(...cursor);
    if (groups.length === 0) return { highest, whole: true };
    for (const [kind, text, seqs] of groups) {
      if (typeof kind !== 'number' || typeof text !== 'string' || typeof seqs !== 'string')
        return { highest, whole: false };
      const value = sums.value(kind, text);
      let last = Number.MIN_SAFE_INTEGER;
      eachNumber(seqs, (seq) => {
        taken++;
        if (seq > last) last = seq;
        if (seq <= lastSeq) sums.take(value, seq);
      });
      if (last > highest) highest = last;
      cursor = [kind, text, last];
    }
    // What JavaScript reads otherwise than SQLite wrote it may set the cursor back: it would go round for ever.
    if (taken > most) {
      most = entriesOf(month);
      if (taken > most) return { highest, whole: false };
    }
  }
}

function entriesOf({ db }: MonthReader): number {
  return db.prepare<[], number>('SELECT count(*) FROM term').pluck().get() ?? 0;
}

/** Calls back for each number of a comma-separated list. */
function eachNumber(list: string, callback: (value: number) => void): void {
  let value = 0;
  let negative = false;
  for (let i = 0; i < list.length; i++) {
    const code = list.charCodeAt(i);
    if (code === 0x2c) {
      callback(negative ? -value : value);
      value = 0;
      negative = false;
    } else if (code === 0x2d) negative = true;
    else value = value * 10 + code - 0x30;
  }
  callback(negative ? -value : value);
}

/** Finds the entries of one bucket that differ. Reads the whole index once, so it is for the few that do. */
function locate(month: MonthReader, bucket: number, lastSeq: number, findings: Findings): void {
  const from = bucket * BUCKET_SIZE;
  const to = Math.min(from + BUCKET_SIZE - 1, lastSeq);
  const wrong = new Map<number, 'missing' | 'extra'>();
  const times = new Map<number, number>();
  const expected = new Set<string>();
  const rows = month.db
    .prepare<[number, number], EventRow>(
      'SELECT seq, at, type, data, hash FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq',
    )
    .all(from, to);
  for (const row of rows) {
    times.set(row.seq, row.at);
    for (const { kind, value } of termsOfRow(row)) expected.add(`${row.seq}\n${kind}\n${value}`);
  }
  const actual = month.db
    .prepare<[number, number], { kind: number; value: string; seq: number }>(
      'SELECT kind, value, seq FROM term WHERE seq BETWEEN ? AND ?',
    )
    .all(from, to);
  for (const { kind, value, seq } of actual) {
    if (!expected.delete(`${seq}\n${kind}\n${value}`)) wrong.set(seq, 'extra');
  }
  for (const entry of expected) wrong.set(Number(entry.slice(0, entry.indexOf('\n'))), 'missing');
  for (const [seq, what] of [...wrong].sort(([a], [b]) => a - b)) {
    const at = times.get(seq);
    findings.problem(
      'index-changed',
      { file: month.name, seq, ...(at === undefined ? {} : { at }) },
      what === 'missing'
        ? 'an entry of the search index for this event is missing: a search would not find it'
        : 'the search index has an entry for this event that does not belong to it',
    );
  }
}

/** Entries for events behind the last one. A live log may have grown meanwhile, so the end is looked up again. */
function strayEntries(month: MonthReader, lastSeq: number, findings: Findings): void {
  const stray = month.db
    .prepare<[number], { seq: number }>(
      'SELECT seq FROM term WHERE seq > max(?, coalesce((SELECT max(seq) FROM event), 0)) LIMIT 1',
    )
    .get(lastSeq);
  if (stray !== undefined) {
    findings.problem(
      'index-changed',
      { file: month.name, ...(Number.isSafeInteger(stray.seq) ? { seq: stray.seq } : {}) },
      'the search index has an entry for an event that does not exist',
    );
  }
}
