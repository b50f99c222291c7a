import { KEY_KINDS, KEY_SOURCES, KEY_STATES } from '../model/key.js';

const list = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

/**
 * The second layout of relay.db: keys.
 *
 * `folded` is the address with its ASCII letters in lower case: addresses that differ in nothing else share their keys.
 * An index holds to one active key of a kind and address, whatever the operations do. In `own_keys` the gateway's own
 * rows have an empty `folded` and no address.
 */
export const SCHEMA_2 = `
CREATE TABLE recipient_keys (
  kind TEXT NOT NULL CONSTRAINT known_key_kind CHECK (kind IN (${list(KEY_KINDS)})),
  folded TEXT NOT NULL,
  fingerprint TEXT NOT NULL
    CONSTRAINT upper_case_hex CHECK (length(fingerprint) >= 32 AND fingerprint NOT GLOB '*[^0-9A-F]*'),
  address TEXT NOT NULL,
  source TEXT NOT NULL CONSTRAINT known_key_source CHECK (source IN (${list(KEY_SOURCES)})),
  state TEXT NOT NULL CONSTRAINT known_key_state CHECK (state IN (${list(KEY_STATES)})),
  pinned INTEGER NOT NULL CONSTRAINT pinned_is_boolean CHECK (pinned IN (0, 1)),
  first_seen_at INTEGER NOT NULL,
  confirmed_at INTEGER NOT NULL,
  actor TEXT,
  material BLOB NOT NULL,
  chain TEXT NOT NULL,
  PRIMARY KEY (kind, folded, fingerprint),
  CONSTRAINT only_certificates_are_pinned CHECK (pinned = 0 OR kind = 'x509')
) STRICT;
CREATE UNIQUE INDEX recipient_keys_one_active ON recipient_keys (kind, folded) WHERE state = 'active';
CREATE INDEX recipient_keys_address ON recipient_keys (folded);
CREATE INDEX recipient_keys_fingerprint ON recipient_keys (fingerprint);
CREATE INDEX recipient_keys_pending ON recipient_keys (folded) WHERE state = 'pending';

CREATE TABLE own_keys (
  kind TEXT NOT NULL CONSTRAINT known_key_kind CHECK (kind IN (${list(KEY_KINDS)})),
  folded TEXT NOT NULL,
  fingerprint TEXT NOT NULL
    CONSTRAINT upper_case_hex CHECK (length(fingerprint) >= 32 AND fingerprint NOT GLOB '*[^0-9A-F]*'),
  address TEXT,
  added_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  material BLOB NOT NULL,
  chain TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  PRIMARY KEY (kind, folded),
  CONSTRAINT gateway_has_no_address CHECK ((folded = '') = (address IS NULL))
) STRICT;
CREATE INDEX own_keys_fingerprint ON own_keys (fingerprint);
`;
