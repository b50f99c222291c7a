import { closeSync, openSync, readSync } from 'node:fs';
import { errorText, UserError } from '../shared/errors.js';
import { type Checkpoint, findCheckpoint, formatCheckpoint } from './checkpoint.js';

/** A line of a file that holds a checkpoint, or a piece of one. */
export interface CheckpointLine {
  /** From 1 on. */
  readonly line: number;
  readonly found: Checkpoint | 'damaged';
  /**
   * A crash while writing left only the beginning of it: it is the last line and has no end, or what was written when the log
   * was opened next is the whole of it.
   */
  readonly isCutOff: boolean;
}

/** Bytes that are read at once. */
const CHUNK = 256 * 1024;
/** More characters than any checkpoint has. */
const LONGEST_CHECKPOINT = 1000;
/** Of so many crashes in a row the lines are remembered. */
const MOST_CRASHES = 100;

/**
 * Finds every checkpoint in a file, the first in each line, behind anything. The file is read piece by piece: it may hold years,
 * or be the system log of a whole site.
 * @throws UserError (exit status 2) where the file can't be read
 */
export function* checkpointLines(file: string): Generator<CheckpointLine> {
  /** Damaged ones with nothing whole behind them yet. */
  const damaged: Marked[] = [];
  for (const marked of markedLines(file)) {
    const { line, found, isEnded } = marked;
    if (found === 'damaged' && isEnded) {
      damaged.push(marked);
      if (damaged.length > MOST_CRASHES) yield* asDamaged(damaged.splice(0, 1));
      continue;
    }
    const whole = found === 'damaged' ? undefined : formatCheckpoint(found);
    yield* asDamaged(damaged.splice(0), whole);
    yield { line, found, isCutOff: found === 'damaged' };
  }
  yield* asDamaged(damaged);
}

/** @param whole the checkpoint behind them, if there is one */
function* asDamaged(lines: readonly Marked[], whole?: string): Generator<CheckpointLine> {
  for (const { line, text } of lines)
    yield { line, found: 'damaged', isCutOff: whole?.startsWith(withoutHoles(text)) === true };
}

/** A file may have got its new length before its content. */
function withoutHoles(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}

/** A line with the first words of a checkpoint. */
interface Marked {
  readonly line: number;
  readonly found: Checkpoint | 'damaged';
  /** Whether a line feed ends it. */
  readonly isEnded: boolean;
  /** All of it, or its end where it is longer than any checkpoint. */
  readonly text: string;
}

function* markedLines(file: string): Generator<Marked> {
  let line = 1;
  /** What is not looked at yet, and what was found before it, of the line that was begun. */
  let begun = '';
  let before: Marked['found'] | undefined;
  for (const piece of piecesOf(file)) {
    const [first = '', ...more] = piece.split('\n');
    begun += first;
    for (const next of more) {
      const found = foundIn(begun, before);
      if (found !== undefined) yield { line, found, isEnded: true, text: begun };
      line++;
      begun = next;
      before = undefined;
    }
    if (begun.length <= LONGEST_CHECKPOINT) continue;
    before = foundIn(begun, before, true);
    begun = begun.slice(-LONGEST_CHECKPOINT);
  }
  const found = foundIn(begun, before);
  if (found !== undefined) yield { line, found, isEnded: false, text: begun };
}

/** A piece may begin or end within a checkpoint, so a whole one counts wherever it is. */
function foundIn(
  text: string,
  before: Marked['found'] | undefined,
  goesOn = false,
): Marked['found'] | undefined {
  if (before !== undefined && before !== 'damaged') return before;
  const found = findCheckpoint(text);
  if (found === undefined || found === 'damaged') return before ?? found;
  // A signature at the end may go on in what follows, and is none then.
  if (goesOn && findCheckpoint(`${text}A`) === 'damaged') return 'damaged';
  return withoutText(found);
}

/** Parts of a text keep the whole of it in memory. */
function withoutText({ seq, at, hash, key, signature }: Checkpoint): Checkpoint {
  return { seq, at, hash: own(hash), key: own(key), signature: own(signature) };
}

function own(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** As Latin-1: checkpoints are ASCII, and a system log may hold anything else beside them. It may also be a pipe. */
function* piecesOf(file: string): Generator<string> {
  const fd = reading(file, () => openSync(file, 'r'));
  try {
    const bytes = Buffer.alloc(CHUNK);
    for (;;) {
      const length = reading(file, () => readSync(fd, bytes, 0, CHUNK, null));
      if (length === 0) return;
      yield bytes.toString('latin1', 0, length);
    }
  } finally {
    closeSync(fd);
  }
}

function reading<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new UserError(`cannot read ${file}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
}
