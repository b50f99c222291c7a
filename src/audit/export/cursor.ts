import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { errorCode, errorText, UserError } from '../../shared/errors.js';
import { GENESIS, type Head } from '../chain.js';
import { syncDirectory } from '../month-file.js';
import type { AuditReader } from '../reader.js';

const schema = z.strictObject({
  format: z.literal(1),
  seq: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * How far an export has come, kept in a file of its own.
 * @returns the last event that has left; undefined when the file does not exist yet
 * @throws UserError when it is something else
 */
export function readCursor(file: string): Head | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new UserError(`cannot read the cursor ${file}: ${errorText(cause)}`, { cause });
  }
  try {
    const { seq, hash } = schema.parse(JSON.parse(text));
    return { seq, hash };
  } catch (cause) {
    throw new UserError(`${file} is not a cursor of \`audit export\`; name another file`, {
      exitStatus: 2,
      cause,
    });
  }
}

/** Writes the cursor whole or not at all, and syncs it. @throws UserError */
export function writeCursor(file: string, { seq, hash }: Head): void {
  const draft = `${file}.new`;
  try {
    const fd = openSync(draft, 'w', 0o600);
    try {
      writeSync(fd, `${JSON.stringify({ format: 1, seq, hash })}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, file);
    syncDirectory(dirname(file));
  } catch (cause) {
    throw new UserError(`cannot write the cursor ${file}: ${errorText(cause)}`, { cause });
  }
}

/**
 * Whether the log is the one that the cursor was written for, and still has what comes next.
 * @throws UserError when it is another log, or events were removed before they left
 */
export function checkCursor(reader: AuditReader, cursor: Head): void {
  const first = reader.months[0]?.header.previous ?? GENESIS;
  if (cursor.seq < first.seq) {
    throw new UserError(
      `events ${cursor.seq + 1} to ${first.seq} were removed from the log before they were exported; take the cursor away to begin with what is there`,
    );
  }
  const hash =
    cursor.seq === first.seq
      ? first.hash
      : reader.months
          .map(({ db }) =>
            db.prepare<[number], string>('SELECT hash FROM event WHERE seq = ?').pluck().get(cursor.seq),
          )
          .find((found) => found !== undefined);
  if (hash === cursor.hash) return;
  throw new UserError(
    `the cursor's event ${cursor.seq} is ${hash === undefined ? 'not in this log' : 'another one in this log'}: it is a cursor of another log, or the log was changed (\`sallyport audit verify\`)`,
  );
}
