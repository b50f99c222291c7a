import { UserError } from '../shared/errors.js';
import { findCheckpoint } from './checkpoint.js';
import { type CheckpointLine, checkpointLines } from './checkpoint-lines.js';

/** Checkpoints found in a text that was kept somewhere, such as a system log. */
export interface Evidence {
  /** What to call it in reports. */
  readonly source: string;
  /** To be gone through once: what is in a file is read meanwhile. */
  readonly lines: Iterable<CheckpointLine>;
}

/**
 * What `--checkpoint` names: a file with lines that hold checkpoints, or one such line itself. A file is read as its lines are
 * gone through, which throws a UserError (exit status 2) where it can't be read or has no checkpoint.
 * @throws UserError (exit status 2) when a line is given that isn't whole
 */
export function readEvidence(fileOrLine: string): Evidence {
  const found = findCheckpoint(fileOrLine);
  if (found === 'damaged')
    throw noCheckpoint('the checkpoint given is not whole: copy the line up to the end of sig=…');
  if (found !== undefined)
    return { source: 'the checkpoint given', lines: [{ line: 1, found, isCutOff: false }] };
  return { source: fileOrLine, lines: someIn(fileOrLine) };
}

function* someIn(file: string): Generator<CheckpointLine> {
  let any = false;
  for (const line of checkpointLines(file)) {
    any = true;
    yield line;
  }
  if (!any) throw noCheckpoint(`there is no checkpoint (sallyport-audit-checkpoint v1 seq=…) in ${file}`);
}

function noCheckpoint(text: string): UserError {
  return new UserError(text, { exitStatus: 2 });
}
