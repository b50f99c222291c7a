import type { KeyObject } from 'node:crypto';
import { eventHash, type Head } from './chain.js';
import { type Checkpoint, checkpointSignatureHolds } from './checkpoint.js';
import { type LogBefore, logBefore } from './log-before.js';
import { type EventRow, eventPager, type MonthReader, openMonth } from './reader.js';
import { SCHEMA } from './schema.js';
import { checkIndex } from './verify-index.js';
import type { Kept } from './verify-kept.js';
import type { RemovalWatch } from './verify-removals.js';
import type { Findings } from './verify-report.js';

/** So few that a page is dead before the collector of young objects copies it. */
const PAGE = 200;

/** Events that are this much older than the one before count as a clock that was moved back. */
const CLOCK_TOLERANCE_MS = 1_000;

/** How far a verification has come; carried from file to file. */
export interface VerifyState {
  head: Head;
  /** Time of the last event. */
  at: number | undefined;
  events: number;
  signedSeq: number;
  inLog: number;
  elsewhere: number;
  /** The event that says that files before the first were removed, until it is met and found as it was written. */
  removal: { readonly seq: number; readonly end: Head; seen: boolean } | undefined;
  /** The log in whose place this one began. */
  before: LogBefore | undefined;
}

export interface FileTask {
  readonly dir: string;
  readonly name: string;
  readonly isNewest: boolean;
  readonly publicKey: KeyObject;
  readonly key: string;
  readonly kept: ReadonlyMap<number, readonly Kept[]>;
  readonly state: VerifyState;
  readonly findings: Findings;
  readonly removals: RemovalWatch;
  /** Looks for the event by which retention removed what came before the first file. */
  readonly findRemoval: (end: Head) => VerifyState['removal'];
}

/** Verifies one file and what joins it to the one before. */
export function verifyFile(task: FileTask): void {
  const month = openMonth(task.dir, task.name);
  try {
    checkSchema(month, task.findings);
    const checkpoints = fileCheckpoints(month, task);
    beginFile(month, task);
    const index = checkIndex(month, task.findings);
    const before = task.state.events;
    readEvents(month, task, checkpoints, index.event);
    checkNumbers(month, task.findings);
    index.finish(task.state.head.seq);
    finishFile(task, checkpoints, before);
  } finally {
    month.db.close();
  }
}

function checkSchema({ db, name }: MonthReader, findings: Findings): void {
  const objects = db
    .prepare<[], { name: string; sql: string }>(
      'SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name',
    )
    .all();
  const found = new Map(objects.map((object) => [object.name, object.sql]));
  const changed = [...SCHEMA].filter(([object, sql]) => found.get(object) !== sql).map(([object]) => object);
  const strange = [...found.keys()].filter((object) => !SCHEMA.has(object));
  if (changed.length + strange.length > 0) {
    findings.problem(
      'schema-changed',
      { file: name },
      `tables or triggers were changed, removed or added: ${[...changed, ...strange].join(', ')}`,
    );
  }
  const damage = db.pragma('quick_check(1)', { simple: true });
  if (damage !== 'ok') {
    findings.problem('unreadable', { file: name }, `the database is damaged: ${String(damage)}`);
  }
}

/** The file's checkpoints by event; those not signed by the key are reported and left out. */
function fileCheckpoints(
  month: MonthReader,
  { key, publicKey, findings }: FileTask,
): Map<number, Checkpoint> {
  const rows = month.db
    .prepare<[], Checkpoint>('SELECT seq, at, hash, key, signature FROM checkpoint ORDER BY seq')
    .all();
  const good = new Map<number, Checkpoint>();
  for (const row of rows) {
    const place = { file: month.name, seq: row.seq, at: row.at };
    if (row.key !== key) {
      findings.problem(
        'wrong-key',
        place,
        `the checkpoint of this event was signed by another key (${row.key})`,
      );
    } else if (!checkpointSignatureHolds(row, publicKey)) {
      findings.problem(
        'signature-invalid',
        place,
        "the signature of this event's checkpoint is not the key's: the checkpoint was changed",
      );
    } else good.set(row.seq, row);
  }
  return good;
}

function checkpointOf({ db }: MonthReader, seq: number): Checkpoint | undefined {
  return db
    .prepare<[number], Checkpoint>('SELECT seq, at, hash, key, signature FROM checkpoint WHERE seq = ?')
    .get(seq);
}

function beginFile({ name, header }: MonthReader, task: FileTask): void {
  const { state, findings, kept } = task;
  const { previous } = header;
  const isFirst = state.head.seq === 0 && state.events === 0;
  if (`${header.month}.db` !== name) {
    findings.problem('file-does-not-follow', { file: name }, `says it is the file of ${header.month}`);
  }
  if (isFirst && previous.seq > 0) state.removal = task.findRemoval(previous);
  if (state.removal !== undefined && isFirst) {
    // The checkpoint that closed the last month removed still says how that ended.
    state.head = previous;
    for (const one of kept.get(previous.seq) ?? []) compareKept(one, name, undefined, state, findings);
  } else if (previous.seq > state.head.seq) {
    findings.problem(
      'month-missing',
      { file: name, seq: state.head.seq + 1 },
      `events ${state.head.seq + 1} to ${previous.seq}, which came before this file, are missing`,
    );
  } else if (previous.seq !== state.head.seq || previous.hash !== state.head.hash) {
    findings.problem(
      'file-does-not-follow',
      { file: name, seq: previous.seq + 1 },
      `begins after event ${previous.seq} with another hash than the log has at its event ${state.head.seq}`,
    );
  }
  state.head = previous;
}

function readEvents(
  month: MonthReader,
  { state, findings, kept, removals, publicKey, key }: FileTask,
  checkpoints: Map<number, Checkpoint>,
  eachEvent: (row: EventRow) => void,
): void {
  const file = month.name;
  const page = eventPager(month, PAGE);
  let cursor = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = page(cursor);
    if (rows.length === 0) return;
    for (const row of rows) {
      const { seq, at } = row;
      cursor = seq;
      const expected = state.head.seq + 1;
      if (seq < expected) {
        findings.problem('event-out-of-place', { file, seq, at }, 'its number was used before');
        continue;
      }
      if (seq > expected) {
        findings.problem(
          'event-missing',
          { file, seq: expected, at },
          expected === seq - 1 ? 'this event is missing' : `events ${expected} to ${seq - 1} are missing`,
        );
      } else if (eventHash(state.head.hash, row) !== row.hash) {
        findings.problem('event-changed', { file, seq, at }, 'this event is not what its hash says');
      }
      if (state.at !== undefined && at < state.at - CLOCK_TOLERANCE_MS) {
        findings.note(
          'clock-moved-back',
          { file, seq, at },
          `the clock was ${Math.round((state.at - at) / 1000)} s behind the event before`,
        );
      }
      state.head = { seq, hash: row.hash };
      state.at = at;
      state.events++;
      if (state.removal?.seq === seq) state.removal.seen = true;
      state.before ??= logBefore(row);
      removals.event(row, file, month.header.month, () => {
        // Asked anew: a running relay may have written both since the file's checkpoints were read.
        const own = checkpointOf(month, seq);
        const holds = own?.hash === row.hash && own.key === key && checkpointSignatureHolds(own, publicKey);
        if (holds) checkpoints.set(seq, own);
        return holds;
      });
      eachEvent(row);
      const checkpoint = checkpoints.get(seq);
      if (checkpoint !== undefined) compareInLog(checkpoint, file, state, findings);
      for (const one of kept.get(seq) ?? []) compareKept(one, file, at, state, findings);
    }
  }
}

/** Looks for events that are numbered so that `readEvents` doesn't meet them. */
function checkNumbers({ db, name }: MonthReader, findings: Findings): void {
  const far = db
    .prepare<[], 1>(
      `SELECT 1 FROM event WHERE seq > ${Number.MAX_SAFE_INTEGER} OR seq <= ${Number.MIN_SAFE_INTEGER} LIMIT 1`,
    )
    .get();
  if (far !== undefined)
    findings.problem('event-out-of-place', { file: name }, 'an event has a number beyond all limits');
}

function compareInLog(checkpoint: Checkpoint, file: string, state: VerifyState, findings: Findings): void {
  if (checkpoint.hash === state.head.hash) {
    state.signedSeq = checkpoint.seq;
    state.inLog++;
    return;
  }
  findings.problem(
    'history-rewritten',
    { file, seq: checkpoint.seq, at: checkpoint.at },
    `the signed checkpoint of this event has another hash: something from event ${state.signedSeq + 1} on was rewritten`,
  );
}

function compareKept(
  one: Kept,
  file: string,
  at: number | undefined,
  state: VerifyState,
  findings: Findings,
): void {
  if (one.checkpoint.hash === state.head.hash) {
    state.signedSeq = Math.max(state.signedSeq, one.checkpoint.seq);
    if (one.outside) state.elsewhere++;
    return;
  }
  findings.problem(
    'fork',
    { file, seq: one.checkpoint.seq, ...(at === undefined ? {} : { at }) },
    `a checkpoint in ${one.source} has another hash for this event: this is not the log that was signed then`,
  );
}

function finishFile(
  { name, isNewest, state, findings }: FileTask,
  checkpoints: ReadonlyMap<number, Checkpoint>,
  eventsBefore: number,
): void {
  const { seq } = state.head;
  for (const checkpoint of checkpoints.values()) {
    if (checkpoint.seq > seq) {
      findings.problem(
        'truncated',
        { file: name, seq: seq + 1, at: checkpoint.at },
        `the file ends at event ${seq}, but it has a checkpoint of event ${checkpoint.seq}`,
      );
    }
  }
  if (!isNewest && state.events > eventsBefore && !checkpoints.has(seq)) {
    findings.problem(
      'checkpoint-missing',
      { file: name, seq, ...(state.at === undefined ? {} : { at: state.at }) },
      'this month is finished, but no good checkpoint of its last event closes it',
    );
  }
}
