import type { KeyKind, KeyState, OwnKey, OwnKeyKind, StoredKey, StoredKeyRef } from '../../model/key.js';
import type { InputOf, OutputOf } from '../operations/index.js';
import type { Events } from './events.js';

/** What a listing of keys shows; all that are given must hold. */
export interface KeyFilter {
  readonly kind?: KeyKind;
  /** Left out: all but `removed`. */
  readonly states?: readonly KeyState[];
  readonly fingerprint?: string;
  /** Upper-case hex digits that the fingerprint begins or ends with. */
  readonly abbreviated?: string;
  readonly limit: number;
}

/** Recipients' keys, and the gateway's own for signing. Public parts are kept as they are, secrets come sealed. */
export interface KeyStore {
  /** Every row of an address, whatever its state; the local part is compared without regard to ASCII case. */
  keysFor(address: string): Promise<readonly StoredKey[]>;
  /** For listings, by address. */
  list(filter: KeyFilter): Promise<readonly StoredKey[]>;
  /**
   * Adds a row, or replaces the one of the same kind, address and fingerprint. False, and nothing written, when it would
   * be a second `active` key of its kind and address, or when the row isn't as `expected` any more (undefined: absent),
   * because somebody else wrote it meanwhile: look again then.
   */
  put(
    key: StoredKey,
    events: Events,
    expected?: { readonly before: StoredKey | undefined },
  ): Promise<boolean>;
  /** Makes a key the active one; an active one beside it becomes `replaced`. False when there is no such row. */
  activate(
    ref: StoredKeyRef,
    set: { readonly actor: string; readonly pinned: boolean },
    events: Events,
  ): Promise<boolean>;
  /** A pending key becomes `rejected`. False when it is not pending. */
  reject(ref: StoredKeyRef, actor: string, events: Events): Promise<boolean>;
  /** The key becomes `removed`, see KEY_STATES. False when there is no such row, or it was removed before. */
  remove(ref: StoredKeyRef, events: Events): Promise<boolean>;
  /** The source gave the same key again; no event. */
  confirm(ref: StoredKeyRef, at: number): Promise<void>;
  ownKeys(): Promise<readonly OwnKey[]>;
  /** Those that could sign for a sender: its own first, then the gateway's. */
  ownKeysFor(kind: OwnKeyKind, sender: string): Promise<readonly OwnKey[]>;
  /** Adds or replaces by fingerprint and address; an older key of the same kind and address is replaced. */
  putOwn(key: OwnKey, events: Events): Promise<void>;
  /** False when there is none. */
  removeOwn(fingerprint: string, events: Events): Promise<boolean>;
}

/** What a rotation of the master key does in relay.db. */
export interface MasterKeyStore {
  wrapped(input: InputOf<'wrappedKeys'>): Promise<OutputOf<'wrappedKeys'>>;
  rewrap(input: InputOf<'rewrap'>): Promise<number>;
  resealOwnKey(input: InputOf<'resealOwnKey'>): Promise<number>;
  resealOperator(input: InputOf<'resealOperator'>): Promise<number>;
  begin(input: InputOf<'beginRotation'>, events: Events): Promise<null>;
  /** False, with nothing done, when something is still sealed with the old key. */
  finish(input: InputOf<'finishRotation'>, events: Events): Promise<boolean>;
}
