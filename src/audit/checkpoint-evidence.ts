import { readFileSync } from 'node:fs';
import { errorText, UserError } from '../shared/errors.js';
import { type Checkpoint, findCheckpoint } from './checkpoint.js';

/** Checkpoints found in a text that was kept somewhere, such as a system log. */
export interface Evidence {
  /** What to call it in reports. */
  readonly source: string;
  readonly checkpoints: readonly Checkpoint[];
  /** Numbers of the lines with a damaged checkpoint. */
  readonly damaged: readonly number[];
  /** The last line is a checkpoint that was cut off, as a crash while writing leaves it. */
  readonly cutOff: boolean;
}

/** Finds every checkpoint in a text, each in a line of its own behind anything. */
export function evidenceFromText(text: string, source: string): Evidence {
  const checkpoints: Checkpoint[] = [];
  const damaged: number[] = [];
  const lines = text.split('\n');
  let cutOff = false;
  lines.forEach((line, i) => {
    const found = findCheckpoint(line);
    if (found === undefined) return;
    if (found !== 'damaged') checkpoints.push(found);
    else if (i === lines.length - 1) cutOff = true;
    else damaged.push(i + 1);
  });
  return { source, checkpoints, damaged, cutOff };
}

/**
 * What `--checkpoint` names: a file with lines that hold checkpoints, or one such line itself.
 * @throws UserError (exit status 2) when there is no checkpoint in it
 */
export function readEvidence(fileOrLine: string): Evidence {
  const line = findCheckpoint(fileOrLine);
  if (line === 'damaged')
    throw noCheckpoint('the checkpoint given is not whole: copy the line up to the end of sig=…');
  if (line !== undefined) {
    return { source: 'the checkpoint given', checkpoints: [line], damaged: [], cutOff: false };
  }
  const evidence = evidenceFromText(readTextFile(fileOrLine), fileOrLine);
  if (evidence.checkpoints.length + evidence.damaged.length === 0) {
    throw noCheckpoint(`there is no checkpoint (sallyport-audit-checkpoint v1 seq=…) in ${fileOrLine}`);
  }
  return evidence;
}

/** @throws UserError (exit status 2) */
export function readTextFile(file: string): string {
  try {
    // latin1: checkpoints are ASCII, and a system log may hold anything else beside them.
    return readFileSync(file, 'latin1');
  } catch (cause) {
    throw new UserError(`cannot read ${file}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
}

function noCheckpoint(text: string): UserError {
  return new UserError(text, { exitStatus: 2 });
}
