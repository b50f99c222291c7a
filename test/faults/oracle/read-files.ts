import { createPublicKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monthFileNames } from '../../../src/audit/month-file.js';
import { type EventRow, eventPager, openAuditReader, readHead, toEvent } from '../../../src/audit/reader.js';
import { PUBLIC_KEY_FILE } from '../../../src/audit/signing-key.js';
import { verifyAuditLog } from '../../../src/audit/verify.js';
import { errorCode, errorText } from '../../../src/shared/errors.js';
import { openReadOnly } from '../../../src/store/read-only.js';
import { openRelayDbReadOnly } from '../../../src/store/relay-db.js';
import { type Generation, type LogEvent, type Place, rowKey } from './run.js';

/** All events in the audit files, read without the relay. */
export function readEvents(dataDir: string): readonly LogEvent[] {
  const reader = openAuditReader(join(dataDir, 'audit'));
  try {
    return reader.months.flatMap((month) => {
      const events: LogEvent[] = [];
      const page = eventPager(month, 1000);
      for (let rows = page(0); rows.length > 0; rows = page(rows.at(-1)?.seq ?? 0))
        events.push(...rows.map((row) => toEvent(row, month.name)));
      return events;
    });
  } finally {
    reader.close();
  }
}

/** The events that a power cut took from the audit files and the next start puts back, because relay.db has them. */
export function readKeptEvents(dataDir: string): readonly LogEvent[] {
  const last = headOf(dataDir);
  const db = openRelayDbReadOnly(join(dataDir, 'relay.db'));
  try {
    return db
      .all<{ readonly events: Uint8Array }>('SELECT events FROM audit_tail ORDER BY last_seq')
      .flatMap(({ events }): readonly EventRow[] => JSON.parse(Buffer.from(events).toString('utf8')))
      .filter(({ seq }) => seq > last)
      .map((row) => toEvent(row, 'relay.db'));
  } finally {
    db.close();
  }
}

/** Number of the newest event; 0: there is none. Works beside a running relay. */
export function headOf(dataDir: string): number {
  const reader = openAuditReader(join(dataDir, 'audit'));
  try {
    return readHead(reader).seq;
  } finally {
    reader.close();
  }
}

/** What the files hold when a relay has ended. */
export function readGeneration(dataDir: string, end: Generation['end']): Generation {
  const dir = join(dataDir, 'audit');
  // It may have been killed before it wrote its first event.
  if (monthFileNames(dir).length === 0) return { end, lastSeq: 0, rows: new Map(), chainProblems: [] };
  const publicKey = createPublicKey(readFileSync(join(dir, PUBLIC_KEY_FILE)));
  const report = verifyAuditLog({ dir, publicKey });
  const chainProblems = report.problems.map((one) => `${one.code}: ${one.text}`);
  const rows = new Map<string, string>();
  let lastSeq = headOf(dataDir);
  try {
    lastSeq = readKeptEvents(dataDir).at(-1)?.seq ?? lastSeq;
    for (const { message, recipient } of openReadOnly(dataDir, (store) => store.list({ limit: 100_000 })))
      rows.set(rowKey(message.id, recipient.address), recipient.state);
  } catch (error) {
    chainProblems.push(`the queue can't be read: ${errorText(error)}`);
  }
  return { end, lastSeq, rows, chainProblems };
}

/** Every file under a folder, as bytes; without those that go while it looks. */
export function filesUnder(folder: string): readonly Place[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .flatMap((file) => {
      try {
        return [{ name: file, bytes: readFileSync(file) }];
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return [];
        throw error;
      }
    });
}
