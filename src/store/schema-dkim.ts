import { OWN_KEY_KINDS } from '../model/key.js';

const list = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

/**
 * Keys that sign mail for a domain stand among the gateway's own: sealed, backed up and sealed anew with them. `folded`
 * is then the name of the DNS record, so that a selector has one key.
 */
export const SCHEMA_DKIM = `
CREATE TABLE own_keys_anew (
  kind TEXT NOT NULL CONSTRAINT known_key_kind CHECK (kind IN (${list(OWN_KEY_KINDS)})),
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
  CONSTRAINT gateway_has_no_address CHECK ((folded = '') = (address IS NULL)),
  CONSTRAINT domain_keys_name_their_record CHECK (kind <> 'dkim' OR folded LIKE '%._domainkey.%')
) STRICT;
INSERT INTO own_keys_anew (kind, folded, fingerprint, address, added_at, actor, material, chain, sealed_secret)
  SELECT kind, folded, fingerprint, address, added_at, actor, material, chain, sealed_secret FROM own_keys;
DROP TABLE own_keys;
ALTER TABLE own_keys_anew RENAME TO own_keys;
CREATE INDEX own_keys_fingerprint ON own_keys (fingerprint);
`;
