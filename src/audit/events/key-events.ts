import type { KeyKind, KeySource, KeyState } from '../../model/key.js';

export interface AboutKey {
  readonly kind: KeyKind;
  readonly address: string;
  readonly fingerprint: string;
  readonly source: KeySource;
}

interface AboutOwnKey {
  readonly actor: string;
  readonly kind: KeyKind;
  readonly fingerprint: string;
  /** The sender it signs for; absent: the gateway. */
  readonly address?: string;
}

interface AboutDkimKey {
  readonly actor: string;
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: string;
  readonly fingerprint: string;
}

/** Recipients' keys, and the gateway's own. */
export interface KeyEvents {
  'key.imported': AboutKey & { readonly actor: string; readonly state: KeyState };
  /** First seen at a source and taken for this address. */
  'key.discovered': AboutKey;
  /** The same key with further signatures, dates or revocations. */
  'key.updated': AboutKey;
  /** Another key than the active one: it waits for a person, and neither is used. */
  'key.pending': AboutKey & { readonly activeFingerprint: string };
  'key.trusted': AboutKey & {
    readonly actor: string;
    /** The person vouches for the certificate itself. */
    readonly pinned: boolean;
    readonly replacedFingerprint?: string;
  };
  /** A person refused a pending key; it is not proposed again. */
  'key.rejected': AboutKey & { readonly actor: string };
  'key.removed': AboutKey & { readonly actor: string };
  'own-key.imported': AboutOwnKey;
  'own-key.removed': AboutOwnKey;
  /** A key that signs mail for a domain (RFC 6376), kept sealed. */
  'dkim-key.made': AboutDkimKey;
  'dkim-key.removed': AboutDkimKey;
}
