import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { errorText, UserError } from '../shared/errors.js';
import { CHECKPOINT_FILE } from './checkpoint-file.js';
import { syncDirectory, syncFile } from './month-file.js';
import { listMonths, openMonth } from './reader.js';
import { PUBLIC_KEY_FILE, readPublicKey } from './signing-key.js';
import { verifyAuditLog } from './verify.js';
import type { VerifyReport } from './verify-report.js';

/**
 * Copies a log, a running relay's too, to a new folder: one consistent, closed file a month, the public key and the
 * checkpoints. The files are not in WAL mode, so anybody can read them from read-only media. Their modes follow the
 * umask. The copy is verified before this returns.
 * @throws UserError when the folder exists and isn't empty, when copying fails, or when the copy does not verify
 */
export function exportSnapshot(dir: string, target: string): VerifyReport {
  refuseOverwriting(target);
  const months = listMonths(dir);
  const publicKey = readPublicKey(join(dir, PUBLIC_KEY_FILE));
  try {
    mkdirSync(target, { recursive: true });
    // Before the events: the checkpoints then speak of nothing that the copy does not have.
    // Written, not copied as files, because copies would keep the mode 0600.
    for (const name of [CHECKPOINT_FILE, PUBLIC_KEY_FILE]) {
      if (existsSync(join(dir, name))) copyContent(join(dir, name), join(target, name));
    }
    for (const name of months) {
      const { db } = openMonth(dir, name);
      try {
        db.prepare('VACUUM INTO ?').run(join(target, name));
        syncFile(join(target, name));
      } finally {
        db.close();
      }
    }
    syncDirectory(target);
  } catch (cause) {
    throw new UserError(
      `could not write the snapshot to ${target}: ${errorText(cause)}; what is there is not whole`,
      {
        cause,
      },
    );
  }
  const report = verifyAuditLog({ dir: target, publicKey });
  const [problem] = report.problems;
  if (problem !== undefined) {
    throw new UserError(
      `the snapshot in ${target} does not verify (${problem.file ?? ''} event ${problem.seq ?? '?'}: ${problem.text}); ` +
        'run `sallyport audit verify` on the log itself',
    );
  }
  return report;
}

/** Bytes that are copied at once: the file of checkpoints may hold years. */
const CHUNK = 256 * 1024;

function copyContent(from: string, to: string): void {
  const source = openSync(from, 'r');
  try {
    const target = openSync(to, 'w');
    try {
      const bytes = Buffer.alloc(CHUNK);
      for (;;) {
        const length = readSync(source, bytes, 0, CHUNK, null);
        if (length === 0) break;
        writeFileSync(target, bytes.subarray(0, length));
      }
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** @throws UserError (exit status 2) */
export function refuseOverwriting(target: string): void {
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new UserError(`${target} exists and is not empty; name a new folder`, { exitStatus: 2 });
  }
}
