import type { KeyKind, KeySource, KeyState, OwnKey, OwnKeyKind, StoredKey } from '../model/key.js';

/* Rows of keys as SQLite gives them; see rows.ts. */

export interface RecipientKeyRow {
  readonly kind: KeyKind;
  readonly folded: string;
  readonly fingerprint: string;
  readonly address: string;
  readonly source: KeySource;
  readonly state: KeyState;
  readonly pinned: number;
  readonly first_seen_at: number;
  readonly confirmed_at: number;
  readonly actor: string | null;
  readonly material: Uint8Array;
  readonly chain: string;
}

export function storedKeyOf(row: RecipientKeyRow): StoredKey {
  return {
    kind: row.kind,
    address: row.address,
    fingerprint: row.fingerprint,
    source: row.source,
    state: row.state,
    pinned: row.pinned === 1,
    firstSeenAt: row.first_seen_at,
    confirmedAt: row.confirmed_at,
    ...(row.actor === null ? {} : { actor: row.actor }),
    material: row.material,
    chain: chainOf(row.chain),
  };
}

export interface OwnKeyRow {
  readonly kind: OwnKeyKind;
  readonly fingerprint: string;
  readonly address: string | null;
  readonly added_at: number;
  readonly actor: string;
  readonly material: Uint8Array;
  readonly chain: string;
  readonly sealed_secret: Uint8Array;
}

export function ownKeyOf(row: OwnKeyRow): OwnKey {
  return {
    kind: row.kind,
    fingerprint: row.fingerprint,
    ...(row.address === null ? {} : { address: row.address }),
    addedAt: row.added_at,
    actor: row.actor,
    material: row.material,
    chain: chainOf(row.chain),
    sealedSecret: row.sealed_secret,
  };
}

/** Certificates as a JSON list of base64. */
export function chainText(chain: readonly Uint8Array[]): string {
  return JSON.stringify(chain.map((one) => Buffer.from(one).toString('base64')));
}

function chainOf(text: string): readonly Uint8Array[] {
  const list: readonly string[] = JSON.parse(text);
  return list.map((one) => Buffer.from(one, 'base64'));
}
