import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openRelayDb, openRelayDbReadOnly, type RelayDb } from '../../../src/store/relay-db.js';
import { temporaryFolder } from './fixtures.js';

const opened: RelayDb[] = [];
afterEach(() => {
  for (const db of opened.splice(0).reverse()) db.close();
});

describe('emptying the log of relay.db', () => {
  it('does not wait for a reader who takes long, as a backup does: all mail would wait with it', () => {
    const file = join(temporaryFolder(), 'relay.db');
    const db = openRelayDb(file);
    opened.push(db);
    db.exec('CREATE TABLE made_up (value INTEGER) STRICT');
    db.run('INSERT INTO made_up VALUES (1)');
    const reader = openRelayDbReadOnly(file);
    opened.push(reader);
    reader.exec('BEGIN');
    expect(reader.all('SELECT value FROM made_up')).toEqual([{ value: 1 }]);
    db.run('INSERT INTO made_up VALUES (2)');

    // Whatever waits as long as for other locks waits for an hour.
    db.exec('PRAGMA busy_timeout = 3600000');
    expect(db.truncateWal()).toBe(false);

    reader.exec('COMMIT');
    expect(db.truncateWal()).toBe(true);
    expect(db.all('SELECT value FROM made_up')).toHaveLength(2);
    // What else waits for a lock waits as long as before.
    expect(db.get('PRAGMA busy_timeout')).toEqual({ timeout: 5000 });
  });
});
