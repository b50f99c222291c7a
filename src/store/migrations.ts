import { UserError } from '../shared/errors.js';
import type { RelayDb } from './relay-db.js';
import { SCHEMA_1 } from './schema-1.js';
import { SCHEMA_2 } from './schema-2.js';
import { SCHEMA_3 } from './schema-3.js';
import { SCHEMA_AUDIT_TAIL } from './schema-audit-tail.js';
import { SCHEMA_AUTHORS } from './schema-authors.js';
import { SCHEMA_DKIM } from './schema-dkim.js';
import { SCHEMA_HOLDS } from './schema-holds.js';
import { SCHEMA_NOTICES } from './schema-notices.js';
import { SCHEMA_PEOPLE } from './schema-people.js';
import { SCHEMA_PORTAL } from './schema-portal.js';
import { SCHEMA_ROTATION } from './schema-rotation.js';
import { SCHEMA_SENDING } from './schema-sending.js';

/** The steps from each version of relay.db to the next, oldest first. Never edit one that was released: add one. */
export const MIGRATIONS: readonly string[] = [
  SCHEMA_1,
  SCHEMA_2,
  SCHEMA_3,
  SCHEMA_PORTAL,
  SCHEMA_SENDING,
  SCHEMA_PEOPLE,
  SCHEMA_HOLDS,
  SCHEMA_DKIM,
  SCHEMA_AUTHORS,
  SCHEMA_ROTATION,
  SCHEMA_NOTICES,
  SCHEMA_AUDIT_TAIL,
];

/** `user_version` of a database. */
export function schemaVersion(db: RelayDb): number {
  return db.get<{ readonly user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
}

/**
 * Brings relay.db to the newest version in one transaction.
 * @throws UserError when a newer program made it
 */
export function migrate(db: RelayDb, file: string, steps: readonly string[] = MIGRATIONS): void {
  const version = schemaVersion(db);
  refuseNewer(version, file, steps.length);
  if (version === steps.length) return;
  // Tables may be made anew, which their references and triggers must not mind (SQLite, "Making Other Kinds Of Table
  // Schema Changes"). Neither setting can be changed within a transaction.
  db.exec('PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON');
  try {
    migrateWithoutReferences(db, version, steps);
  } finally {
    db.exec('PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF');
  }
}

function migrateWithoutReferences(db: RelayDb, version: number, steps: readonly string[]): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(version)) db.exec(step);
    if (db.all('PRAGMA foreign_key_check').length > 0) throw new Error('a row lost what it refers to');
    db.exec(`PRAGMA user_version = ${steps.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction()) db.exec('ROLLBACK');
    throw error;
  }
}

/** @throws UserError when this program is too old for the database */
export function refuseNewer(version: number, file: string, known: number = MIGRATIONS.length): void {
  if (version <= known) return;
  throw new UserError(
    `${file} has layout ${version}, but this version of sallyport knows up to ${known}: install the newer version that made it`,
  );
}
