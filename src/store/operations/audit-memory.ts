import { type Checkpoint, findCheckpoint } from '../../audit/checkpoint.js';
import type { RelayDb } from '../relay-db.js';

/*
 * relay.db remembers the newest checkpoint of the audit log, so that a start sees when an older log was put beside it, or its end was
 * taken away together with its checkpoints. It is written behind the checkpoint, so the log may be ahead, never behind.
 */

const KEY = 'audit-checkpoint';

/** @param line as `formatCheckpoint` gives it */
export function rememberCheckpoint(db: RelayDb, line: string): null {
  db.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    KEY,
    Buffer.from(line),
  );
  return null;
}

export function forgetCheckpoint(db: RelayDb): void {
  db.run('DELETE FROM meta WHERE key = ?', KEY);
}

/** Undefined: none was remembered, or what was is damaged. */
export function rememberedCheckpoint(db: RelayDb): Checkpoint | undefined {
  const row = db.get<{ readonly value: Uint8Array }>('SELECT value FROM meta WHERE key = ?', KEY);
  const found = row === undefined ? undefined : findCheckpoint(Buffer.from(row.value).toString('latin1'));
  return found === 'damaged' ? undefined : found;
}
