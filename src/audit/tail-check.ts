import type { KeyObject } from 'node:crypto';
import type Database from 'better-sqlite3';
import { UserError } from '../shared/errors.js';
import { eventHash, type Head } from './chain.js';
import { type Checkpoint, checkpointSignatureHolds, keyFingerprint } from './checkpoint.js';
import { checkpointsFromEnd } from './checkpoint-file.js';
import type { AuditEventType } from './events.js';
import { readHeader } from './month-file.js';
import { type EventRow, listMonths, openMonth } from './reader.js';

const PRUNED: AuditEventType = 'audit.pruned';

export interface Tail {
  readonly head: Head;
  /** The newest event that a checkpoint covers. */
  readonly signedSeq: number;
  /** The file's checkpoints, in order. */
  readonly checkpoints: readonly Checkpoint[];
  /** What the file begins with. */
  readonly previous: Head;
}

/**
 * Checks the end of the newest file before anything is appended: appending to a log that was cut off, or changed
 * after its last checkpoint, would fork it for good. The whole of the log is the verifier's matter.
 * @throws UserError that says what does not fit
 */
export function checkTail(db: Database.Database, name: string, publicKey: KeyObject): Tail {
  const { previous } = readHeader(db, name);
  const checkpoints = db
    .prepare<[], Checkpoint>('SELECT seq, at, hash, key, signature FROM checkpoint ORDER BY seq')
    .all();
  const last = checkpoints.at(-1);
  // In a new file the end of the one before stands for the checkpoint that closed it.
  let head: Head = last === undefined ? previous : { seq: last.seq, hash: last.hash };
  if (last !== undefined) {
    if (last.key !== keyFingerprint(publicKey)) {
      throw refuse(name, 'its checkpoints were signed by another key; put the right signing key back');
    }
    const hash = db.prepare<[number], string>('SELECT hash FROM event WHERE seq = ?').pluck().get(last.seq);
    if (!checkpointSignatureHolds(last, publicKey) || hash !== last.hash) {
      throw refuse(name, `its checkpoint of event ${last.seq} does not fit the events`);
    }
  }
  const events = db.prepare<[number], { seq: number; at: number; type: string; data: string; hash: string }>(
    'SELECT seq, at, type, data, hash FROM event WHERE seq > ? ORDER BY seq LIMIT 1000',
  );
  for (let page = events.all(head.seq); page.length > 0; page = events.all(head.seq)) {
    for (const event of page) {
      if (event.seq !== head.seq + 1 || event.hash !== eventHash(head.hash, event)) {
        throw refuse(name, `event ${head.seq + 1} is missing or was changed`);
      }
      refuseRemoval(event, name);
      head = { seq: event.seq, hash: event.hash };
    }
  }
  return { head, signedSeq: last?.seq ?? previous.seq, checkpoints, previous };
}

/**
 * Months are removed by an event that is written together with its checkpoint. Signed later, it would excuse whatever is gone.
 * @throws UserError for such an event
 */
export function refuseRemoval({ seq, type }: Pick<EventRow, 'seq' | 'type'>, name: string): void {
  if (type !== PRUNED) return;
  throw refuse(
    name,
    `event ${seq} says that old months were removed (audit.pruned) and is not signed, so it was not this relay that wrote it, and no crash leaves it so. Find out who did, and restore the newest backup as a whole: an older log alone does not fit relay.db`,
  );
}

/**
 * Checks what a new file, still without a checkpoint, begins with: the month before was closed by a checkpoint before
 * the new file was made. Else events that nobody signed could be put before it, where no start looks at them again.
 * @param before names of the files before it, oldest first
 * @throws UserError when its end is not signed, or it is missing
 */
export function checkClosed(dir: string, before: readonly string[], end: Head, publicKey: KeyObject): void {
  if (end.seq === 0) return;
  for (const name of before.toReversed()) {
    const { db, header } = openMonth(dir, name);
    try {
      const last = db.prepare<[], Head>('SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1').get();
      const closing = db
        .prepare<[number], Checkpoint>('SELECT seq, at, hash, key, signature FROM checkpoint WHERE seq = ?')
        .get(end.seq);
      // A month in which nothing happened: the one before it ends there.
      if (last === undefined && header.previous.seq === end.seq && header.previous.hash === end.hash)
        continue;
      const fits = last?.seq === end.seq && last.hash === end.hash && closing?.hash === end.hash;
      if (fits && checkpointSignatureHolds(closing, publicKey)) return;
    } finally {
      db.close();
    }
    throw refuse(name, `no checkpoint closes it at event ${end.seq}, with which the next file begins`);
  }
  throw refuse(dir, `the month that ends with event ${end.seq}, before the newest file, is missing`);
}

/**
 * Compares the end of the log with the checkpoints that were handed out.
 * @returns the highest event that one of them covers
 * @throws UserError when one covers an event that the log does not have
 */
export function checkPublished(head: Head, checkpointFile: string, publicKey: KeyObject): number {
  let seq = 0;
  // The last one is the highest, so of hundreds of thousands no other signature is looked at.
  for (const one of checkpointsFromEnd(checkpointFile))
    if (one.seq > seq && checkpointSignatureHolds(one, publicKey)) ({ seq } = one);
  if (seq > head.seq) {
    throw refuse(
      checkpointFile,
      `the log ends at event ${head.seq}, but there is a checkpoint of event ${seq}: the end was cut off or an older copy was put back`,
    );
  }
  return seq;
}

/**
 * Compares the log with a checkpoint that was remembered outside its folder.
 * @throws UserError when the log does not have the event of it: an older copy or another log was put in its place
 */
export function checkRemembered(
  dir: string,
  head: Pick<Checkpoint, 'seq' | 'key'>,
  { seq, hash, key }: Pick<Checkpoint, 'seq' | 'hash' | 'key'>,
  where: string,
): void {
  if (head.key !== key) {
    throw refuse(
      dir,
      `it is signed by another key (${head.key}) than ${where} remembers (${key}): this is another log`,
    );
  }
  if (head.seq < seq) {
    throw refuse(
      dir,
      `the log ends at event ${head.seq}, but ${where} remembers a checkpoint of event ${seq}: the end was cut off or an older copy was put back`,
    );
  }
  checkEvent(dir, { seq, hash }, where);
}

/**
 * Compares an event of the log with what was remembered of it outside its folder.
 * @throws UserError when it is another one
 */
export function checkEvent(dir: string, { seq, hash }: Head, where: string): void {
  const found = hashOf(dir, seq);
  if (found !== undefined && found !== hash)
    throw refuse(dir, `event ${seq} is another than ${where} remembers: this is another log`);
}

/** How many checkpoints of the newest file are of events behind one. */
export function checkpointsBehind(dir: string, seq: number): number {
  const name = listMonths(dir).at(-1) ?? '';
  const { db } = openMonth(dir, name);
  try {
    return (
      db.prepare<[number], number>('SELECT count(*) FROM checkpoint WHERE seq > ?').pluck().get(seq) ?? 0
    );
  } finally {
    db.close();
  }
}

/** The first events of the oldest file, with their data as they are hashed. */
export function firstEvents(
  dir: string,
  count: number,
): readonly { readonly type: string; readonly data: string }[] {
  const name = listMonths(dir)[0];
  if (name === undefined) return [];
  const { db } = openMonth(dir, name);
  try {
    return db
      .prepare<[number], { type: string; data: string }>('SELECT type, data FROM event ORDER BY seq LIMIT ?')
      .all(count);
  } finally {
    db.close();
  }
}

/** Undefined: retention has removed the event. */
function hashOf(dir: string, seq: number): string | undefined {
  for (const name of listMonths(dir).toReversed()) {
    const { db, header } = openMonth(dir, name);
    try {
      if (header.previous.seq === seq) return header.previous.hash;
      if (header.previous.seq > seq) continue;
      return db.prepare<[number], string>('SELECT hash FROM event WHERE seq = ?').pluck().get(seq) ?? '';
    } finally {
      db.close();
    }
  }
  return undefined;
}

/** Says what doesn't fit, and what to do. */
export function refuse(name: string, what: string): UserError {
  return new UserError(
    `the audit log does not fit (${name}): ${what}. Nothing is appended to it. Run \`sallyport audit verify\`; to go on ` +
      'without it, keep the audit folder as evidence and move it away as a whole, which begins a new log',
  );
}
