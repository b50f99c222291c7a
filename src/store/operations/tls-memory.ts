import type { ReachedTlsLevel } from '../../model/method.js';
import type { RelayDb } from '../relay-db.js';

export interface RememberedTls {
  readonly domain: string;
  readonly level: ReachedTlsLevel;
  readonly at: number;
}

export function highestTls(db: RelayDb, domain: string): ReachedTlsLevel | undefined {
  return db.get<RememberedTls>('SELECT * FROM tls_memory WHERE domain = ?', domain)?.level;
}

export function listTls(db: RelayDb, _: null): readonly RememberedTls[] {
  return db.all<RememberedTls>('SELECT * FROM tls_memory ORDER BY domain');
}

/** False when nothing was remembered. */
export function resetTls(db: RelayDb, domain: string): boolean {
  return db.run('DELETE FROM tls_memory WHERE domain = ?', domain) === 1;
}
