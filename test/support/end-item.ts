import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { RelayHome } from './relay-process.js';

/**
 * Makes it so that the time of a portal item is over, behind the relay's back: however long all before it took, the item was
 * open, and however soon one looks, it is not any more.
 */
export function endItem(home: RelayHome, item: string): void {
  const db = new Database(join(home.dataDir, 'relay.db'), { timeout: 120_000 });
  try {
    const { changes } = db
      .prepare('UPDATE portal_items SET expires_at = ? WHERE id = ?')
      .run(Date.now(), item);
    if (changes !== 1) throw new Error(`there is no item ${item}`);
  } finally {
    db.close();
  }
}
