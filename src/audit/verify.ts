import type { KeyObject } from 'node:crypto';
import Database from 'better-sqlite3';
import { errorText, UserError } from '../shared/errors.js';
import { GENESIS } from './chain.js';
import { keyFingerprint } from './checkpoint.js';
import type { Evidence } from './checkpoint-evidence.js';
import { listMonths } from './reader.js';
import { type VerifyState, verifyFile } from './verify-file.js';
import { keptCheckpoints } from './verify-kept.js';
import { newFindings, type VerifyReport } from './verify-report.js';

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
  };
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

function lastFile(files: readonly string[]): { file?: string } {
  const file = files.at(-1);
  return file === undefined ? {} : { file };
}
