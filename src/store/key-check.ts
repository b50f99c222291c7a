import { timingSafeEqual } from 'node:crypto';
import { UserError } from '../shared/errors.js';
import type { RelayDb } from './relay-db.js';

/**
 * Remembers the check value of the master key in a new database, and compares it in an old one.
 * @param checkValue `deriveKey(master, 'key-check')`: says nothing about the other keys
 * @throws UserError when the database was made with another master key
 */
export function checkMasterKey(db: RelayDb, checkValue: Uint8Array, keySource: string, file: string): void {
  if (refuseOtherKey(db, checkValue, keySource, file)) return;
  db.run("INSERT INTO meta (key, value) VALUES ('key-check', ?)", checkValue);
}

/**
 * Compares the master key with the one that a database was made with; only reads.
 * @returns whether the database remembers one
 * @throws UserError when it is another one
 */
export function refuseOtherKey(
  db: RelayDb,
  checkValue: Uint8Array,
  keySource: string,
  file: string,
): boolean {
  const stored = db.get<{ readonly value: Uint8Array }>("SELECT value FROM meta WHERE key = 'key-check'");
  if (stored === undefined) return false;
  if (stored.value.length !== checkValue.length || !timingSafeEqual(stored.value, checkValue)) {
    throw new UserError(
      `the master key from ${keySource} is not the one that ${file} was made with: its content could not be opened. Use the right key`,
    );
  }
  return true;
}
