import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, checkpointSignatureHolds } from './checkpoint.js';
import type { Evidence } from './checkpoint-evidence.js';
import { CHECKPOINT_FILE } from './checkpoint-file.js';
import { checkpointLines } from './checkpoint-lines.js';
import type { Findings } from './verify-report.js';

/** A checkpoint that was kept beside or outside the events, with a good signature. There may be millions. */
export interface Kept {
  readonly checkpoint: Pick<Checkpoint, 'seq' | 'at' | 'hash'>;
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
    sources.push({
      evidence: { source: CHECKPOINT_FILE, lines: checkpointLines(ownFile) },
      outside: false,
    });
  }
  if (evidence !== undefined) sources.push({ evidence, outside: true });
  const kept = new Map<number, Kept[]>();
  for (const { evidence: one, outside } of sources) {
    const { source } = one;
    const read = readLines(one, key, publicKey, (checkpoint) => {
      const list = kept.get(checkpoint.seq) ?? [];
      list.push({ checkpoint, source, outside });
      kept.set(checkpoint.seq, list);
    });
    // A central system log may hold those of other relays too.
    if (read.others > 0 && (read.ours === 0 || !outside)) {
      findings.problem(
        'wrong-key',
        read.firstOther === undefined ? {} : { seq: read.firstOther },
        `${read.others} checkpoint(s) in ${source} were signed by another key`,
      );
    } else if (read.others > 0) {
      findings.note(
        'other-key',
        {},
        `${read.others} checkpoint(s) in ${source} are of another key, not looked at`,
      );
    }
    for (const line of read.damaged) {
      findings.problem('checkpoint-damaged', {}, `line ${line} of ${source} holds a damaged checkpoint`);
    }
    for (const line of read.cutOff)
      findings.note('line-cut-off', {}, `line ${line} of ${source} is cut off, as a crash leaves it`);
    for (const { seq, at } of read.unsigned) {
      findings.problem(
        'signature-invalid',
        { seq, at },
        `the signature of a checkpoint in ${source} is not the key's`,
      );
    }
  }
  return kept;
}

interface ReadLines {
  /** Checkpoints of the key, and of others. */
  readonly ours: number;
  readonly others: number;
  readonly firstOther: number | undefined;
  /** Numbers of the lines with a damaged checkpoint. */
  readonly damaged: readonly number[];
  readonly cutOff: readonly number[];
  /** Checkpoints of the key whose signature isn't. */
  readonly unsigned: readonly Pick<Checkpoint, 'seq' | 'at'>[];
}

function readLines(
  { lines }: Evidence,
  key: string,
  publicKey: KeyObject,
  onGood: (checkpoint: Kept['checkpoint']) => void,
): ReadLines {
  let [ours, others] = [0, 0];
  let firstOther: number | undefined;
  const damaged: number[] = [];
  const cutOff: number[] = [];
  const unsigned: Pick<Checkpoint, 'seq' | 'at'>[] = [];
  for (const { line, found, isCutOff } of lines) {
    if (found === 'damaged') {
      (isCutOff ? cutOff : damaged).push(line);
      continue;
    }
    const { seq, at, hash } = found;
    if (found.key !== key) {
      others++;
      firstOther ??= seq;
      continue;
    }
    ours++;
    if (checkpointSignatureHolds(found, publicKey)) onGood({ seq, at, hash });
    else unsigned.push({ seq, at });
  }
  return { ours, others, firstOther, damaged, cutOff, unsigned };
}
