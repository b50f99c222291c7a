import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, checkpointSignatureHolds } from './checkpoint.js';
import { type Evidence, evidenceFromText, readTextFile } from './checkpoint-evidence.js';
import { CHECKPOINT_FILE } from './checkpoint-file.js';
import type { Findings } from './verify-report.js';

/** A checkpoint that was kept beside or outside the events, with a good signature. */
export interface Kept {
  readonly checkpoint: Checkpoint;
  /** Where it was kept, in words. */
  readonly source: string;
  readonly outside: boolean;
}

/** Checkpoints from outside and from `checkpoints.log`, by event; those not signed by the key are reported. */
export function keptCheckpoints(
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
