/** Kinds of recipient key: OpenPGP (RFC 9580) and X.509 certificates (RFC 5280). */
export const KEY_KINDS = ['openpgp', 'x509'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** Kinds of secret key that are ours: those that sign content for a sender, and those that sign mail for a domain (RFC 6376). */
export const OWN_KEY_KINDS = [...KEY_KINDS, 'dkim'] as const;
export type OwnKeyKind = (typeof OWN_KEY_KINDS)[number];

/** Where a recipient's key came from: a person's import, the organisation's LDAP, a Web Key Directory. */
export const KEY_SOURCES = ['imported', 'ldap', 'wkd'] as const;
export type KeySource = (typeof KEY_SOURCES)[number];

/**
 * `active`: the key of this address, at most one of each kind. `pending`: another key than the active one was found; it
 * waits for a person, and meanwhile neither is used. `rejected`: a person refused it. `replaced`: was active before.
 * `removed`: a person took it out; it counts as unknown, and is kept only so that an older copy of it undoes no revocation.
 */
export const KEY_STATES = ['active', 'pending', 'rejected', 'replaced', 'removed'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** One key of one address. A key with several user IDs or names has a row for each address it was taken for. */
export interface StoredKey extends StoredKeyRef {
  readonly source: KeySource;
  readonly state: KeyState;
  /** A person vouches for this certificate: it needs no chain to a trust anchor and no revocation source. X.509 only. */
  readonly pinned: boolean;
  /** Epoch milliseconds. */
  readonly firstSeenAt: number;
  /** When the source last gave it. */
  readonly confirmedAt: number;
  /** Who imported it or decided on it last; absent where nobody did. */
  readonly actor?: string;
  /** OpenPGP: the transferable public key, binary. X.509: the certificate, DER. */
  readonly material: Uint8Array;
  /** Further certificates (DER) that came with it, in no order; none for OpenPGP. */
  readonly chain: readonly Uint8Array[];
}

export interface StoredKeyRef {
  readonly kind: KeyKind;
  /** Canonical. Two addresses that differ in ASCII case of the local part only share their keys. */
  readonly address: string;
  /** Upper-case hex. OpenPGP: of the primary key. X.509: SHA-256 of the DER. */
  readonly fingerprint: string;
}

/** A secret key of the gateway, of one sender, or of a domain, for signing. */
export interface OwnKey {
  readonly kind: OwnKeyKind;
  /** As of recipients' keys. DKIM: SHA-256 of the SubjectPublicKeyInfo. */
  readonly fingerprint: string;
  /** The sender whose mail it signs; absent: the gateway's, for everybody else's. DKIM: where its record stands. */
  readonly address?: string;
  readonly addedAt: number;
  readonly actor: string;
  /** OpenPGP: the public key, binary. X.509: the certificate, DER. DKIM: the SubjectPublicKeyInfo, DER. */
  readonly material: Uint8Array;
  readonly chain: readonly Uint8Array[];
  /** Sealed under the purpose `secrets` of the master key. OpenPGP: binary secret key. X.509 and DKIM: PKCS#8 DER. */
  readonly sealedSecret: Uint8Array;
}

/** A key of ours that signs content, not mail for a domain. */
export type ContentKey = OwnKey & { readonly kind: KeyKind };

export function signsContent(key: OwnKey): key is ContentKey {
  return key.kind !== 'dkim';
}

/** What is known of a certificate's revocation. `vouched`: pinned by a person, or its CA publishes nothing. */
export type Revocation = 'good' | 'vouched' | 'undetermined';

/** A key that could be used, as decisions and the audit log show it. */
export interface KeyFacts {
  readonly fingerprint: string;
  readonly source: KeySource;
  /** For people: `RSA 3072`, `X25519`, `P-256`. */
  readonly algorithm: string;
  /** OpenPGP keys carry their own revocations, so they are `good` or refused. */
  readonly revocation: Revocation;
  /** Why revocation is `undetermined`. */
  readonly detail?: string;
}

/** A key that was looked at and not used, or a source that gave none. */
export interface KeyRefusal {
  readonly fingerprint?: string;
  readonly source: KeySource;
  /** In words, without anything from inside the key but dates and algorithms. */
  readonly reason: string;
}
