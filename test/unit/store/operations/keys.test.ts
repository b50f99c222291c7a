import { describe, expect, it } from 'vitest';
import type { OwnKey, StoredKey } from '../../../../src/model/key.js';
import * as reads from '../../../../src/store/operations/key-reads.js';
import * as writes from '../../../../src/store/operations/key-writes.js';
import type { RelayDb } from '../../../../src/store/relay-db.js';
import { temporaryDb } from '../fixtures.js';

const A = 'A'.repeat(39).concat('1');
const B = 'B'.repeat(39).concat('2');
const C = 'C'.repeat(39).concat('3');

function key(more: Partial<StoredKey> = {}): StoredKey {
  return {
    kind: 'openpgp',
    address: 'Ada@hospital.example',
    fingerprint: A,
    source: 'wkd',
    state: 'active',
    pinned: false,
    firstSeenAt: 10,
    confirmedAt: 20,
    material: Buffer.from('public key'),
    chain: [],
    ...more,
  };
}

function ownKey(more: Partial<OwnKey> = {}): OwnKey {
  return {
    kind: 'x509',
    fingerprint: A,
    addedAt: 10,
    actor: 'local, unverified',
    material: Buffer.from('certificate'),
    chain: [Buffer.of(1, 2), Buffer.of(255)],
    sealedSecret: Buffer.from('sealed'),
    ...more,
  };
}

const states = (db: RelayDb) =>
  Object.fromEntries(
    reads.keysFor(db, 'ada@hospital.example').map((one) => [one.fingerprint.at(-1), one.state]),
  );

describe('a recipient key', () => {
  it('comes back as it was put, for any ASCII case of the local part', () => {
    const db = temporaryDb();
    const full = key({ kind: 'x509', pinned: true, actor: 'ada', chain: [Buffer.of(0, 1), Buffer.of(9)] });
    expect(writes.putKey(db, full)).toBe(true);
    expect(writes.putKey(db, key())).toBe(true);
    for (const address of ['ada@hospital.example', 'ADA@hospital.example'])
      expect(reads.keysFor(db, address)).toEqual([key(), full]);
    expect(reads.keysFor(db, 'bob@hospital.example')).toEqual([]);
  });

  it('does not share an address whose other letters differ in case', () => {
    const db = temporaryDb();
    writes.putKey(db, key({ address: 'zoë@hospital.example' }));
    expect(reads.keysFor(db, 'zoË@hospital.example')).toEqual([]);
    expect(reads.keysFor(db, 'ZOë@hospital.example')).toHaveLength(1);
  });

  it('is replaced by the same fingerprint, not doubled', () => {
    const db = temporaryDb();
    writes.putKey(db, key());
    const again = key({ address: 'ada@hospital.example', source: 'imported', actor: 'ada' });
    expect(writes.putKey(db, again)).toBe(true);
    expect(reads.keysFor(db, 'ada@hospital.example')).toEqual([again]);
  });

  it('is written over only while it is as the writer saw it', () => {
    const db = temporaryDb();
    const seen = key();
    const news = key({ material: Buffer.from('with a new signature') });
    expect(writes.putKeyOver(db, { key: seen, before: undefined })).toBe(true);
    // Somebody else was faster: it is there, or is another than was seen.
    expect(writes.putKeyOver(db, { key: seen, before: undefined })).toBe(false);
    const imported = key({ source: 'imported', actor: 'ada', material: Buffer.from('with a revocation') });
    writes.putKey(db, imported);
    for (const before of [seen, { ...imported, actor: 'bob' }, { ...imported, material: seen.material }])
      expect(writes.putKeyOver(db, { key: news, before })).toBe(false);
    expect(reads.keysFor(db, 'ada@hospital.example')).toEqual([imported]);
    // When the source last gave it doesn't count.
    expect(writes.putKeyOver(db, { key: news, before: { ...imported, confirmedAt: 99 } })).toBe(true);
    writes.removeKey(db, news);
    expect(writes.putKeyOver(db, { key: seen, before: news })).toBe(false);
  });

  it('is not active beside another active one of its kind', () => {
    const db = temporaryDb();
    writes.putKey(db, key());
    expect(writes.putKey(db, key({ fingerprint: B, address: 'ada@hospital.example' }))).toBe(false);
    expect(writes.putKey(db, key({ fingerprint: B, kind: 'x509' }))).toBe(true);
    expect(writes.putKey(db, key({ fingerprint: C, state: 'pending' }))).toBe(true);
    expect(writes.putKey(db, key({ fingerprint: C, state: 'active' }))).toBe(false);
    expect(states(db)).toEqual({ 1: 'active', 2: 'active', 3: 'pending' });
  });

  it('cannot be active twice, whatever an operation does', () => {
    const db = temporaryDb();
    writes.putKey(db, key());
    writes.putKey(db, key({ fingerprint: B, state: 'pending' }));
    expect(() => db.run("UPDATE recipient_keys SET state = 'active'")).toThrow(/UNIQUE/);
    expect(states(db)).toEqual({ 1: 'active', 2: 'pending' });
  });

  it('becomes active by a person, and the one before is replaced', () => {
    const db = temporaryDb();
    writes.putKey(db, key());
    writes.putKey(db, key({ fingerprint: B, state: 'pending' }));
    const ref = { kind: 'openpgp', address: 'ADA@hospital.example', fingerprint: B } as const;
    expect(writes.activateKey(db, { ref, actor: 'grace', pinned: false })).toBe(true);
    expect(states(db)).toEqual({ 1: 'replaced', 2: 'active' });
    expect(reads.keysFor(db, 'ada@hospital.example')[0]?.actor).toBe('grace');
    expect(writes.activateKey(db, { ref: { ...ref, fingerprint: C }, actor: 'x', pinned: false })).toBe(
      false,
    );
    expect(states(db)).toEqual({ 1: 'replaced', 2: 'active' });
  });

  it('is pinned only as a certificate', () => {
    const db = temporaryDb();
    writes.putKey(db, key({ kind: 'x509' }));
    const ref = { kind: 'x509', address: 'ada@hospital.example', fingerprint: A } as const;
    expect(writes.activateKey(db, { ref, actor: 'grace', pinned: true })).toBe(true);
    expect(reads.keysFor(db, 'ada@hospital.example')[0]?.pinned).toBe(true);
    expect(() => writes.putKey(db, key({ pinned: true }))).toThrow(/only_certificates/);
  });

  it('is rejected only while it is pending', () => {
    const db = temporaryDb();
    writes.putKey(db, key());
    writes.putKey(db, key({ fingerprint: B, state: 'pending' }));
    const ref = (fingerprint: string) =>
      ({ kind: 'openpgp', address: 'ada@hospital.example', fingerprint }) as const;
    expect(writes.rejectKey(db, { ref: ref(A), actor: 'grace' })).toBe(false);
    expect(writes.rejectKey(db, { ref: ref(B), actor: 'grace' })).toBe(true);
    expect(writes.rejectKey(db, { ref: ref(B), actor: 'grace' })).toBe(false);
    expect(states(db)).toEqual({ 1: 'active', 2: 'rejected' });
  });

  it('is removed once, and confirmed forwards only', () => {
    const db = temporaryDb();
    writes.putKey(db, key());
    writes.confirmKey(db, { ref: key(), at: 50 });
    writes.confirmKey(db, { ref: key(), at: 40 });
    expect(reads.keysFor(db, 'ada@hospital.example')[0]?.confirmedAt).toBe(50);
    expect(writes.removeKey(db, key({ fingerprint: B }))).toBe(false);
    expect(writes.removeKey(db, key())).toBe(true);
    expect(writes.removeKey(db, key())).toBe(false);
  });

  it('leaves its material behind when it is removed, and nothing that counts', () => {
    const db = temporaryDb();
    writes.putKey(db, key({ kind: 'x509', pinned: true }));
    const ref = key({ kind: 'x509' });
    expect(writes.removeKey(db, ref)).toBe(true);
    const [left] = reads.keysFor(db, 'ada@hospital.example');
    expect(left).toEqual(key({ kind: 'x509', state: 'removed' }));
    expect(writes.activateKey(db, { ref, actor: 'grace', pinned: false })).toBe(false);
    expect(reads.listKeys(db, { limit: 10 })).toEqual([]);
    expect(reads.listKeys(db, { fingerprint: A, limit: 10 })).toEqual([]);
    expect(reads.listKeys(db, { states: ['removed'], limit: 10 })).toEqual([left]);
    // Another one may be the first again, and this one too.
    expect(writes.putKey(db, key({ kind: 'x509', fingerprint: B }))).toBe(true);
    expect(writes.removeKey(db, key({ kind: 'x509', fingerprint: B }))).toBe(true);
    expect(writes.putKey(db, key({ kind: 'x509' }))).toBe(true);
    expect(states(db)).toEqual({ 1: 'active', 2: 'removed' });
  });

  it.each([{ fingerprint: 'short' }, { fingerprint: 'a'.repeat(40) }, { fingerprint: `${'A'.repeat(39)}%` }])(
    'is refused with the fingerprint $fingerprint',
    (more) => {
      expect(() => writes.putKey(temporaryDb(), key(more))).toThrow(/upper_case_hex/);
    },
  );
});

describe('a listing of keys', () => {
  it('filters and is ordered by address', () => {
    const db = temporaryDb();
    writes.putKey(db, key({ address: 'zed@x.example' }));
    writes.putKey(db, key({ address: 'Bob@x.example', fingerprint: B, state: 'pending' }));
    writes.putKey(db, key({ address: 'bob@x.example', fingerprint: C, kind: 'x509', state: 'rejected' }));
    const listed = (filter: object) =>
      reads.listKeys(db, { limit: 10, ...filter }).map((one) => `${one.address} ${one.fingerprint.at(-1)}`);
    expect(listed({})).toEqual(['Bob@x.example 2', 'bob@x.example 3', 'zed@x.example 1']);
    expect(listed({ limit: 1 })).toEqual(['Bob@x.example 2']);
    expect(listed({ kind: 'x509' })).toEqual(['bob@x.example 3']);
    expect(listed({ states: ['pending', 'active'] })).toEqual(['Bob@x.example 2', 'zed@x.example 1']);
    expect(listed({ states: [] })).toEqual([]);
    expect(listed({ fingerprint: A })).toEqual(['zed@x.example 1']);
    expect(listed({ abbreviated: 'AAAAAAAA' })).toEqual(['zed@x.example 1']);
    expect(listed({ abbreviated: 'BBBBBBB2' })).toEqual(['Bob@x.example 2']);
    expect(listed({ abbreviated: 'BBBBBBBA' })).toEqual([]);
    expect(listed({ abbreviated: '%' })).toEqual([]);
    expect(listed({ abbreviated: C, kind: 'openpgp' })).toEqual([]);
  });
});

describe('an own key', () => {
  it('comes back as it was put; a newer one of the same kind and address takes its place', () => {
    const db = temporaryDb();
    const wards = ownKey({ address: 'ward3@clinic.example', fingerprint: B });
    writes.putOwnKey(db, ownKey());
    writes.putOwnKey(db, wards);
    writes.putOwnKey(db, ownKey({ kind: 'openpgp' }));
    expect(reads.ownKeys(db, null)).toEqual([ownKey({ kind: 'openpgp' }), ownKey(), wards]);
    const newer = ownKey({ address: 'WARD3@clinic.example', fingerprint: C });
    writes.putOwnKey(db, newer);
    expect(reads.ownKeys(db, null)).toEqual([ownKey({ kind: 'openpgp' }), ownKey(), newer]);
  });

  it('of a sender comes before that of the gateway', () => {
    const db = temporaryDb();
    writes.putOwnKey(db, ownKey());
    writes.putOwnKey(db, ownKey({ kind: 'openpgp', fingerprint: C }));
    writes.putOwnKey(db, ownKey({ address: 'ward3@clinic.example', fingerprint: B }));
    const found = (sender: string) =>
      reads.ownKeysFor(db, { kind: 'x509', sender }).map((one) => one.fingerprint);
    expect(found('WARD3@clinic.example')).toEqual([B, A]);
    expect(found('ward4@clinic.example')).toEqual([A]);
    expect(found('')).toEqual([A]);
  });

  it('of a domain stands under the name of its record, one for each selector', () => {
    const db = temporaryDb();
    const dkim = ownKey({ kind: 'dkim', address: 's2026a._domainkey.clinic.example', fingerprint: B });
    writes.putOwnKey(db, ownKey());
    writes.putOwnKey(db, dkim);
    expect(reads.ownKeysFor(db, { kind: 'dkim', sender: 's2026a._domainkey.clinic.example' })).toEqual([
      dkim,
    ]);
    expect(reads.ownKeysFor(db, { kind: 'dkim', sender: 's2026b._domainkey.clinic.example' })).toEqual([]);
    expect(() => writes.putOwnKey(db, ownKey({ kind: 'dkim', address: 'ward3@clinic.example' }))).toThrow(
      'domain_keys_name_their_record',
    );
  });

  it('is removed for everybody that it signs for', () => {
    const db = temporaryDb();
    writes.putOwnKey(db, ownKey());
    writes.putOwnKey(db, ownKey({ address: 'ward3@clinic.example' }));
    expect(writes.removeOwnKey(db, B)).toBe(false);
    expect(writes.removeOwnKey(db, A)).toBe(true);
    expect(reads.ownKeys(db, null)).toEqual([]);
  });
});
