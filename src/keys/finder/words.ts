import type { KeyRefusal, KeySource, StoredKey } from '../../model/key.js';

const NO_KEY: Readonly<Record<KeySource, string>> = {
  imported: 'no key was imported for this address',
  ldap: 'no LDAP directory of this domain holds a key for this address',
  wkd: 'the domain publishes no key for this address, or keys.wkd.deny_domains names it',
};

export function noKey(source: KeySource): KeyRefusal {
  return { source, reason: NO_KEY[source] };
}

/** Of a pending key: as long as it waits, no key of its kind is used for the address. */
export function waitsForPerson(key: Pick<StoredKey, 'fingerprint' | 'source'>): KeyRefusal {
  return {
    source: key.source,
    fingerprint: key.fingerprint,
    reason: `a different key was found (${key.fingerprint.slice(0, 16)}…): a person must decide (keys trust)`,
  };
}

const SOURCE_NAMES: Readonly<Record<KeySource, string>> = {
  imported: 'import',
  ldap: 'LDAP',
  wkd: 'WKD',
};

/** Of an active key whose source the policy doesn't accept. */
export function sourceNotAccepted(key: StoredKey): KeyRefusal {
  return {
    source: key.source,
    fingerprint: key.fingerprint,
    reason: `it came by ${SOURCE_NAMES[key.source]}, which is not among the key sources of the policy`,
  };
}

export function noLongerPublished(key: StoredKey): KeyRefusal {
  return {
    source: key.source,
    fingerprint: key.fingerprint,
    reason: 'its source no longer publishes it',
  };
}
