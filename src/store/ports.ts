import type { RetentionPlan } from '../audit/retention.js';
import type { KeptBodies } from './ports/body-store.js';
import type { SuppressionStore, TlsMemory } from './ports/destination-stores.js';
import type { AuditSink, LegalHoldStore } from './ports/keeping-stores.js';
import type { KeyStore, MasterKeyStore } from './ports/key-stores.js';
import type { AccountStore, OperatorStore } from './ports/people-stores.js';
import type { PortalStore } from './ports/portal-store.js';
import type { QueueStore } from './ports/queue-store.js';

export type { BodyStore, BodyWriter, KeptBodies, PlainRange } from './ports/body-store.js';
export type { SuppressionStore, TlsMemory } from './ports/destination-stores.js';
export type { Events } from './ports/events.js';
export type { AuditSink, LegalHoldStore } from './ports/keeping-stores.js';
export type { KeyFilter, KeyStore, MasterKeyStore } from './ports/key-stores.js';
export type { AccountStore, OperatorStore } from './ports/people-stores.js';
export type { PortalStore } from './ports/portal-store.js';
export type {
  ChangedRow,
  NewMessage,
  NewRecipient,
  QueueChange,
  RecipientChange,
} from './ports/queue-changes.js';
export type {
  BegunAttempt,
  DueFilter,
  QueueStore,
  ThrottledAttempt,
  Undecided,
} from './ports/queue-store.js';

/*
 * The storage ports. Every method that changes something takes the audit events that permit the change; the promise
 * resolves when both are on disk, events first (DESIGN promise 3). It rejects with StoreUnavailable when either
 * could not be written; then nothing may be acted upon.
 */

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** Everything the relay stores, opened under the data directory's lock. */
export interface Store {
  readonly queue: QueueStore;
  readonly portal: PortalStore;
  readonly accounts: AccountStore;
  readonly operators: OperatorStore;
  readonly tlsMemory: TlsMemory;
  readonly suppressions: SuppressionStore;
  readonly keys: KeyStore;
  readonly audit: AuditSink;
  readonly bodies: KeptBodies;
  readonly masterKeys: MasterKeyStore;
  readonly legalHolds: LegalHoldStore;
  /**
   * Removes files of the audit log older than `retention` whole months, `most` at once, as far as no legal hold covers
   * them; the event that says so is signed before. Gives what was removed and what stays.
   * @throws ChangeRefused when the log does not fit together, or a file can't be removed
   */
  pruneAudit(input: {
    readonly retention: number;
    readonly actor: string;
    readonly most: number;
  }): Promise<RetentionPlan>;
  /** Hex SHA-256 of the newest audit event and its sequence number. */
  auditHead(): Promise<{ readonly seq: number; readonly hash: string }>;
  /** Resolves with the cause when the store can no longer write (then the relay defers with 451 and exits). */
  readonly failed: Promise<Error>;
  /** For how many milliseconds the oldest change has waited for the disk; 0 when none does. */
  unansweredFor(): number;
  /** The relay is to end: from now on a disk that doesn't answer for 20 seconds makes the store fail. */
  expectAnswers(): void;
  /** @throws ThreadStuck when the disk hangs: then the process can only be killed */
  close(): Promise<void>;
}
