import type { Head } from './chain.js';
import type { LogBefore } from './log-before.js';

/** What can be wrong with a log. The names are a contract (`audit verify --json`). */
export type ProblemCode =
  /** A file that can't be opened or read to its end. */
  | 'unreadable'
  /** Tables or triggers are not those that the relay made. */
  | 'schema-changed'
  /** A file does not begin where the one before ends. */
  | 'file-does-not-follow'
  /** Files, and the events in them, are missing. */
  | 'month-missing'
  | 'event-missing'
  /** An event whose number does not follow. */
  | 'event-out-of-place'
  /** An event, or its place in the order, is not what its hash says. */
  | 'event-changed'
  /** A checkpoint in the log has another hash: events up to it were changed and all hashes made anew. */
  | 'history-rewritten'
  /** A checkpoint kept elsewhere has another hash for the same event. */
  | 'fork'
  /** A checkpoint speaks of events that the log no longer has. */
  | 'truncated'
  | 'wrong-key'
  | 'signature-invalid'
  /** A finished month without the checkpoint that closes it. */
  | 'checkpoint-missing'
  /** A line that begins like a checkpoint but isn't whole. */
  | 'checkpoint-damaged'
  /** The search index does not agree with the events. */
  | 'index-changed'
  /** Months were removed in a way in which the relay does not: against a hold, too early, or not signed as it signs. */
  | 'removal-doubtful';

export type NoteCode =
  /** Old months were removed by retention; a signed event says so. */
  | 'months-removed'
  /** The log began in place of another that was gone; its first event says so. */
  | 'begun-anew'
  | 'clock-moved-back'
  | 'not-yet-signed'
  | 'no-checkpoint-elsewhere'
  | 'other-key'
  | 'line-cut-off';

/** Where in the log something is, as far as it has a place. */
export interface Place {
  readonly file?: string;
  readonly seq?: number;
  /** Epoch milliseconds. */
  readonly at?: number;
}

export interface Problem extends Place {
  readonly code: ProblemCode;
  readonly text: string;
}

export interface Note extends Place {
  readonly code: NoteCode;
  readonly text: string;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly files: readonly string[];
  readonly events: number;
  /** The last event read; its number is 0 in an empty log. */
  readonly head: Head;
  /** Fingerprint of the key that signatures were checked with. */
  readonly key: string;
  /** Checkpoints whose signature and hash hold: in the files, and kept elsewhere. */
  readonly checkpoints: { readonly inLog: number; readonly elsewhere: number };
  /** The last event that a good checkpoint covers. */
  readonly signedSeq: number;
  /** What retention removed before the first file. Absent: nothing, or it is a problem. */
  readonly removed?: Removed;
  /** The log in whose place this one began, as far as it was known. */
  readonly before?: LogBefore;
  /** In the order found; at most MAX_PROBLEMS. */
  readonly problems: readonly Problem[];
  /** All problems, counted. */
  readonly problemCount: number;
  readonly notes: readonly Note[];
}

export interface Removed {
  /** The first month that is left, `YYYY-MM`. */
  readonly from: string;
  /** The last event that was removed; its number and all before it. */
  readonly upTo: number;
  /** Number, time (epoch milliseconds) and actor of the newest event that says so, and the months that were kept. */
  readonly event: number;
  readonly at: number;
  readonly actor: string;
  readonly retention: number;
  /** Checkpoints kept elsewhere that are of removed events and could not be compared. */
  readonly notCompared: number;
}

export const MAX_PROBLEMS = 100;
const MAX_NOTES = 100;

/** Gathers what a verification finds. */
export interface Findings {
  problem(code: ProblemCode, place: Place, text: string): void;
  note(code: NoteCode, place: Place, text: string): void;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  count(): number;
}

export function newFindings(): Findings {
  const problems: Problem[] = [];
  const notes: Note[] = [];
  let count = 0;
  return {
    problems,
    notes,
    count: () => count,
    problem(code, place, text) {
      count++;
      if (problems.length < MAX_PROBLEMS) problems.push({ code, ...place, text });
    },
    note(code, place, text) {
      if (notes.length < MAX_NOTES) notes.push({ code, ...place, text });
    },
  };
}
