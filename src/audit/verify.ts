import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { errorText, UserError } from '../shared/errors.js';
import { eventHash, GENESIS, type Head } from './chain.js';
import { type Checkpoint, checkpointSignatureHolds, keyFingerprint } from './checkpoint.js';
import { type Evidence, evidenceFromText, readTextFile } from './checkpoint-evidence.js';
import { CHECKPOINT_FILE } from './checkpoint-file.js';
import { type EventRow, eventPager, listMonths, type MonthReader, openMonth } from './reader.js';
import { SCHEMA } from './schema.js';
import { checkIndex } from './verify-index.js';
import { type Findings, newFindings, type VerifyReport } from './verify-report.js';

const PAGE = 1_000;

/** Events that are this much older than the one before count as a clock that was moved back. */
const CLOCK_TOLERANCE_MS = 1_000;

export interface VerifyOptions {
  /** The audit folder, or a snapshot of one. */
  readonly dir: string;
  /** The key that checkpoints must be signed with. */
  readonly publicKey: KeyObject;
  /** Checkpoints that were kept outside the folder, e.g. in the system log. */
  readonly evidence?: Evidence;
}

/**
 * Verifies a whole log from its files alone; works beside a running relay. Everything that is wrong is reported with
 * its place, the first place first.
 * @throws UserError when there is no log at all
 */
export function verifyAuditLog({ dir, publicKey, evidence }: VerifyOptions): VerifyReport {
  const key = keyFingerprint(publicKey);
  const findings = newFindings();
  // Checkpoints are read before events: whatever they speak of is on disk by then.
  const kept = keptCheckpoints(dir, publicKey, key, evidence, findings);
  const files = listMonths(dir);
  const state: State = { head: GENESIS, at: undefined, events: 0, signedSeq: 0, inLog: 0, elsewhere: 0 };
  files.forEach((name, i) => {
    const isNewest = i === files.length - 1;
    try {
      verifyFile({ dir, name, isNewest, publicKey, key, kept, state, findings });
    } catch (error) {
      if (!(error instanceof UserError || error instanceof Database.SqliteError)) throw error;
      const seq = state.head.seq + 1;
      findings.problem('unreadable', { file: name, seq }, `cannot be read to its end: ${errorText(error)}`);
    }
  });
  for (const { checkpoint, source } of [...kept.values()].flat()) {
    if (checkpoint.seq <= state.head.seq) continue;
    findings.problem(
      'truncated',
      { seq: state.head.seq + 1, at: checkpoint.at, ...lastFile(files) },
      `the log ends at event ${state.head.seq}, but a checkpoint in ${source} shows that there were ${checkpoint.seq}`,
    );
  }
  const unsigned = state.head.seq - state.signedSeq;
  if (unsigned > 0) {
    findings.note(
      'not-yet-signed',
      { seq: state.signedSeq + 1 },
      `the last ${unsigned} event(s) are not covered by a checkpoint yet`,
    );
  }
  if (evidence === undefined) {
    findings.note(
      'no-checkpoint-elsewhere',
      {},
      'nothing was compared with a checkpoint kept elsewhere; whoever holds the signing key could have rewritten all of it',
    );
  }
  return {
    ok: findings.count() === 0,
    files,
    events: state.events,
    head: state.head,
    key,
    checkpoints: { inLog: state.inLog, elsewhere: state.elsewhere },
    signedSeq: state.signedSeq,
    problems: findings.problems,
    problemCount: findings.count(),
    notes: findings.notes,
  };
}

interface Kept {
  readonly checkpoint: Checkpoint;
  /** Where it was kept, in words. */
  readonly source: string;
  readonly outside: boolean;
}

interface State {
  head: Head;
  /** Time of the last event. */
  at: number | undefined;
  events: number;
  signedSeq: number;
  inLog: number;
  elsewhere: number;
}

/** Checkpoints from outside and from `checkpoints.log`, by event; those not signed by the key are reported. */
function keptCheckpoints(
  dir: string,
  publicKey: KeyObject,
  key: string,
  evidence: Evidence | undefined,
  findings: Findings,
): ReadonlyMap<number, readonly Kept[]> {
  const ownFile = join(dir, CHECKPOINT_FILE);
  const sources: { evidence: Evidence; outside: boolean }[] = [];
  if (existsSync(ownFile)) {
    sources.push({ evidence: evidenceFromText(readTextFile(ownFile), CHECKPOINT_FILE), outside: false });
  }
  if (evidence !== undefined) sources.push({ evidence, outside: true });
  const kept = new Map<number, Kept[]>();
  for (const { evidence: one, outside } of sources) {
    const ours = one.checkpoints.filter((checkpoint) => checkpoint.key === key);
    const others = one.checkpoints.length - ours.length;
    // A central system log may hold those of other relays too.
    if (others > 0 && (ours.length === 0 || !outside)) {
      const seq = one.checkpoints.find((checkpoint) => checkpoint.key !== key)?.seq;
      findings.problem(
        'wrong-key',
        seq === undefined ? {} : { seq },
        `${others} checkpoint(s) in ${one.source} were signed by another key`,
      );
    } else if (others > 0) {
      findings.note(
        'other-key',
        {},
        `${others} checkpoint(s) in ${one.source} are of another key, not looked at`,
      );
    }
    for (const line of one.damaged) {
      findings.problem('checkpoint-damaged', {}, `line ${line} of ${one.source} holds a damaged checkpoint`);
    }
    if (one.cutOff) findings.note('line-cut-off', {}, `the last line of ${one.source} is cut off`);
    for (const checkpoint of ours) {
      if (!checkpointSignatureHolds(checkpoint, publicKey)) {
        findings.problem(
          'signature-invalid',
          { seq: checkpoint.seq, at: checkpoint.at },
          `the signature of a checkpoint in ${one.source} is not the key's`,
        );
        continue;
      }
      const list = kept.get(checkpoint.seq) ?? [];
      list.push({ checkpoint, source: one.source, outside });
      kept.set(checkpoint.seq, list);
    }
  }
  return kept;
}

interface FileTask {
  readonly dir: string;
  readonly name: string;
  readonly isNewest: boolean;
  readonly publicKey: KeyObject;
  readonly key: string;
  readonly kept: ReadonlyMap<number, readonly Kept[]>;
  readonly state: State;
  readonly findings: Findings;
}

function verifyFile(task: FileTask): void {
  const month = openMonth(task.dir, task.name);
  try {
    checkSchema(month, task.findings);
    const checkpoints = fileCheckpoints(month, task);
    beginFile(month, task);
    const index = checkIndex(month, task.findings);
    const before = task.state.events;
    readEvents(month, task, checkpoints, index.event);
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

function beginFile({ name, header }: MonthReader, { state, findings }: FileTask): void {
  const { previous } = header;
  if (`${header.month}.db` !== name) {
    findings.problem('file-does-not-follow', { file: name }, `says it is the file of ${header.month}`);
  }
  if (previous.seq > state.head.seq) {
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
  { state, findings, kept }: FileTask,
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
      eachEvent(row);
      const checkpoint = checkpoints.get(seq);
      if (checkpoint !== undefined) compareInLog(checkpoint, file, state, findings);
      for (const one of kept.get(seq) ?? []) compareKept(one, file, at, state, findings);
    }
  }
}

function compareInLog(checkpoint: Checkpoint, file: string, state: State, findings: Findings): void {
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

function compareKept(one: Kept, file: string, at: number, state: State, findings: Findings): void {
  if (one.checkpoint.hash === state.head.hash) {
    state.signedSeq = Math.max(state.signedSeq, one.checkpoint.seq);
    if (one.outside) state.elsewhere++;
    return;
  }
  findings.problem(
    'fork',
    { file, seq: one.checkpoint.seq, at },
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

function lastFile(files: readonly string[]): { file?: string } {
  const file = files.at(-1);
  return file === undefined ? {} : { file };
}
