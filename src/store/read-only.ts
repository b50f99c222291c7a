import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { errorText, UserError } from '../shared/errors.js';
import { databaseExists, RELAY_DB } from './data-dir.js';
import { refuseOtherKey } from './key-check.js';
import { deriveKey, type MasterKey } from './master-key.js';
import { MIGRATIONS, refuseNewer, schemaVersion } from './migrations.js';
import { isDenied, notOurUser } from './not-our-user.js';
import { accounts } from './operations/accounts.js';
import { keysFor, listKeys, ownKeys } from './operations/key-reads.js';
import { legalHolds } from './operations/legal-holds.js';
import { approvals, operators } from './operations/operators.js';
import { item, items } from './operations/portal-reads.js';
import { counts, listHeld, listRecipients, recipients } from './operations/queue-reads.js';
import { listSuppressions } from './operations/suppressions.js';
import { listTls } from './operations/tls-memory.js';
import type {
  AccountStore,
  KeyStore,
  LegalHoldStore,
  OperatorStore,
  PortalStore,
  QueueStore,
  SuppressionStore,
  TlsMemory,
} from './ports.js';
import { openRelayDbReadOnly, type RelayDb } from './relay-db.js';

/** A method of a port, without the thread between. */
type Direct<F extends (...args: never[]) => Promise<unknown>> = (
  ...args: Parameters<F>
) => Awaited<ReturnType<F>>;

/** What listings may ask while the relay runs; the same shapes as the ports give. */
export interface ReadOnlyStore {
  /** Newest first; inline content is left out. */
  readonly list: Direct<QueueStore['list']>;
  /** Whose hold ends first comes first. */
  readonly held: Direct<QueueStore['held']>;
  readonly recipients: Direct<QueueStore['recipients']>;
  readonly counts: Direct<QueueStore['counts']>;
  readonly item: Direct<PortalStore['item']>;
  readonly items: Direct<PortalStore['items']>;
  readonly accounts: Direct<AccountStore['accounts']>;
  readonly operators: Direct<OperatorStore['operators']>;
  readonly approvals: Direct<OperatorStore['approvals']>;
  readonly tlsMemory: Direct<TlsMemory['list']>;
  readonly suppressions: Direct<SuppressionStore['list']>;
  readonly keys: Direct<KeyStore['list']>;
  readonly keysFor: Direct<KeyStore['keysFor']>;
  readonly ownKeys: Direct<KeyStore['ownKeys']>;
  readonly legalHolds: Direct<LegalHoldStore['list']>;
}

/**
 * Opens relay.db for reading, beside a running relay or without one, for as long as `use` takes. Every question is a
 * short transaction of its own.
 * @throws UserError when there is no database yet, or one of another version
 */
export function openReadOnly<T>(dataDir: string, use: (store: ReadOnlyStore) => T): T {
  const file = join(dataDir, RELAY_DB);
  if (!databaseExists(dataDir)) {
    throw new UserError(
      `there is no database in ${dataDir}: start the relay once, or check data_dir in the configuration`,
    );
  }
  const db = open(file);
  try {
    const version = schemaVersion(db);
    refuseNewer(version, file);
    if (version < MIGRATIONS.length)
      throw new UserError(`${file} has an older layout: start the relay once, which brings it up to date`);
    return use(readOnlyStore(db));
  } finally {
    db.close();
  }
}

/**
 * Whether there is a database of before, which the next start brings up to date; until then nothing else reads it.
 * @throws UserError when it can't be read
 */
export function hasOlderLayout(dataDir: string): boolean {
  if (!databaseExists(dataDir)) return false;
  const db = open(join(dataDir, RELAY_DB));
  try {
    return schemaVersion(db) < MIGRATIONS.length;
  } finally {
    db.close();
  }
}

/**
 * Checks a database that may be there: whether this program knows its layout, and whether it was made with this key.
 * @throws UserError when `start` would refuse it
 */
export function checkStore(dataDir: string, masterKey: MasterKey): void {
  if (!databaseExists(dataDir)) return;
  const file = join(dataDir, RELAY_DB);
  const db = open(file);
  try {
    const version = schemaVersion(db);
    refuseNewer(version, file);
    if (version > 0) refuseOtherKey(db, deriveKey(masterKey, 'key-check'), masterKey.source, file);
  } finally {
    db.close();
  }
}

function open(file: string): RelayDb {
  try {
    return openRelayDbReadOnly(file);
  } catch (cause) {
    if (!readable(file)) throw notOurUser(file, cause);
    throw new UserError(
      `cannot read ${file}: ${errorText(cause)}; run this as the user that the relay runs as`,
      { cause },
    );
  }
}

function readable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch (error) {
    return !isDenied(error);
  }
}

function readOnlyStore(db: RelayDb): ReadOnlyStore {
  return {
    list: (filter) => listRecipients(db, filter),
    held: (page) => listHeld(db, page),
    recipients: (messageId) => recipients(db, messageId),
    counts: () => counts(db, null),
    item: (id) => item(db, id),
    items: (filter) => items(db, filter),
    accounts: () => accounts(db, null),
    operators: () => operators(db, null),
    approvals: (messageId) => approvals(db, messageId ?? null),
    tlsMemory: () => listTls(db, null),
    suppressions: (now, limit) => listSuppressions(db, { now, limit }),
    keys: (filter) => listKeys(db, filter),
    keysFor: (address) => keysFor(db, address),
    ownKeys: () => ownKeys(db, null),
    legalHolds: () => legalHolds(db, null),
  };
}
