import type { KeyObject } from 'node:crypto';
import Database from 'better-sqlite3';
import { errorText, UserError } from '../shared/errors.js';
import { GENESIS, type Head } from './chain.js';
import { keyFingerprint } from './checkpoint.js';
import type { Evidence } from './checkpoint-evidence.js';
import { listMember, member, readData, textMember } from './json-value.js';
import { listMonths, openMonth } from './reader.js';
import { TERM_KINDS } from './terms.js';
import { type VerifyState, verifyFile } from './verify-file.js';
import { type Kept, keptCheckpoints } from './verify-kept.js';
import { PRUNED, type RemovalFacts, watchRemovals } from './verify-removals.js';
import { type Findings, newFindings, type Removed, type VerifyReport } from './verify-report.js';

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
  const state: VerifyState = {
    head: GENESIS,
    at: undefined,
    events: 0,
    signedSeq: 0,
    inLog: 0,
    elsewhere: 0,
    removal: undefined,
    before: undefined,
  };
  const removals = watchRemovals(publicKey, findings);
  const findRemoval = (end: Head) => findRemovalEvent(dir, files, end);
  files.forEach((name, i) => {
    const isNewest = i === files.length - 1;
    try {
      verifyFile({ dir, name, isNewest, publicKey, key, kept, state, findings, removals, findRemoval });
    } catch (error) {
      if (!(error instanceof UserError || error instanceof Database.SqliteError)) throw error;
      const seq = state.head.seq + 1;
      findings.problem('unreadable', { file: name, seq }, `cannot be read to its end: ${errorText(error)}`);
    }
  });
  const removed =
    state.removal === undefined
      ? undefined
      : judgeRemoval(state.removal, removals.removal(state.removal.seq), state, files, kept, findings);
  for (const ones of kept.values()) {
    for (const { checkpoint, source } of ones) {
      if (checkpoint.seq <= state.head.seq) continue;
      findings.problem(
        'truncated',
        { seq: state.head.seq + 1, at: checkpoint.at, ...lastFile(files) },
        `the log ends at event ${state.head.seq}, but a checkpoint in ${source} shows that there were ${checkpoint.seq}`,
      );
    }
  }
  if (state.before !== undefined) {
    const { seq, key: other } = state.before;
    findings.note(
      'begun-anew',
      { seq: 1 },
      `this log began in place of another that was gone, which had at least ${seq} event(s); verify that one by itself, with its key ${other}`,
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
  } else if (removed !== undefined && removed.notCompared > 0 && state.elsewhere === 0) {
    findings.note(
      'no-checkpoint-elsewhere',
      {},
      'no checkpoint kept elsewhere is of an event that is left; whoever holds the signing key could have rewritten all of it',
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
    ...(removed === undefined ? {} : { removed }),
    ...(state.before === undefined ? {} : { before: state.before }),
    problems: findings.problems,
    problemCount: findings.count(),
    notes: findings.notes,
  };
}

/** What retention removed is no gap, when the event that says so is in the chain and signed. */
function judgeRemoval(
  removal: NonNullable<VerifyState['removal']>,
  facts: RemovalFacts | undefined,
  state: VerifyState,
  files: readonly string[],
  kept: ReadonlyMap<number, readonly Kept[]>,
  findings: Findings,
): Removed | undefined {
  const [file = ''] = files;
  const { seq } = removal.end;
  if (removal.seen && facts !== undefined && removal.seq <= state.signedSeq) {
    findings.note(
      'months-removed',
      { file, seq: seq + 1 },
      `events up to ${seq} were removed by retention, as the signed event ${removal.seq} says; checkpoints of them can't be compared any more`,
    );
    const notCompared = [...kept.values()]
      .flat()
      .filter(({ outside, checkpoint }) => outside && checkpoint.seq < seq).length;
    return { from: file.slice(0, 7), upTo: seq, event: removal.seq, ...facts, notCompared };
  }
  findings.problem(
    'month-missing',
    { file, seq: 1 },
    `events 1 to ${seq}, which came before this file, are missing, and event ${removal.seq}, which says that they were removed, is ${removal.seen ? 'not signed' : 'not as it was written'}`,
  );
  return undefined;
}

/** The newest event that says that what ends there was removed. That it is genuine shows when it is verified. */
function findRemovalEvent(dir: string, files: readonly string[], end: Head): VerifyState['removal'] {
  for (const name of files.toReversed()) {
    const { db } = openMonth(dir, name);
    try {
      const rows = db
        .prepare<[number, string], { seq: number; data: string }>(
          'SELECT e.seq, e.data FROM term t JOIN event e ON e.seq = t.seq WHERE t.kind = ? AND t.value = ? AND e.type = t.value ORDER BY e.seq DESC',
        )
        .all(TERM_KINDS.type, PRUNED);
      const found = rows.find(({ data }) => saysRemoved(data, end));
      if (found !== undefined) return { seq: found.seq, end, seen: false };
    } finally {
      db.close();
    }
  }
  return undefined;
}

function saysRemoved(data: string, end: Head): boolean {
  return listMember(readData(data), 'months').some(
    (month) => member(month, 'lastSeq') === end.seq && textMember(month, 'lastHash') === end.hash,
  );
}

function lastFile(files: readonly string[]): { file?: string } {
  const file = files.at(-1);
  return file === undefined ? {} : { file };
}
