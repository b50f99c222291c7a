import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../../../src/store/ports.js';
import {
  ADDRESS,
  bytesOf,
  CACHE,
  createStage,
  DAY,
  FAILURE_CACHE,
  fakeKey,
  fingerprint,
  HOUR,
  published,
  START,
  stored,
} from './stage.js';

const A = fakeKey('A');
const B = fakeKey('B');
const C = fakeKey('C', { kind: 'x509' });
const D = fakeKey('D', { kind: 'x509' });
const NO_WKD = 'wkd: the domain publishes no key for this address, or keys.wkd.deny_domains names it';
const NO_IMPORT = 'imported: no key was imported for this address';
const waits = (name: string) =>
  `wkd ${name}: a different key was found (${fingerprint(name).slice(0, 16)}…): a person must decide (keys trust)`;

describe('what was imported', () => {
  it('is used, and no directory is asked then', async () => {
    const stage = createStage({ rows: [stored(A)] });
    stage.wkd.answer = [published(B)];
    expect((await stage.find('imported', 'wkd')).openpgp).toBe('A from imported');
    expect(stage.wkd.asked).toEqual([]);
  });

  it('is used only where the policy takes imported keys', async () => {
    const stage = createStage({ rows: [stored(A)] });
    expect(await stage.find('wkd')).toEqual({
      openpgp: undefined,
      x509: undefined,
      refused: [NO_WKD, 'imported A: it came by import, which is not among the key sources of the policy'],
    });
  });

  it('counts as found by a directory where that gives the very same key', async () => {
    const stage = createStage({ rows: [stored(A)] });
    stage.wkd.answer = [published(A)];
    expect((await stage.find('wkd')).openpgp).toBe('A from wkd');
    expect(stage.eventTypes).toEqual([]);
  });

  it('is not asked for kinds that are not wanted', async () => {
    const stage = createStage({ rows: [stored(A), stored(C)] });
    const found = await stage.finder.find(ADDRESS, { kinds: ['x509'], sources: ['imported'] });
    expect([found.openpgp.usable.length, found.x509.usable.length]).toEqual([0, 1]);
  });

  it('when expired gives way to its own renewal in a directory, and to no other key', async () => {
    const stage = createStage({ rows: [stored({ ...A, expires: START - HOUR })] });
    stage.wkd.answer = [published({ ...A, expires: START + DAY })];
    expect(await stage.find('imported', 'wkd')).toMatchObject({
      openpgp: 'A from wkd',
      refused: ['imported A: expired', NO_IMPORT],
    });
    expect(stage.eventTypes).toEqual(['key.updated']);

    const changed = createStage({ rows: [stored({ ...A, expires: START - HOUR })] });
    changed.wkd.answer = [published(B)];
    expect(await changed.find('imported', 'wkd')).toMatchObject({
      openpgp: undefined,
      refused: ['imported A: expired', waits('B'), NO_IMPORT],
    });
    expect(changed.eventTypes).toEqual(['key.pending']);
  });
});

describe('first use', () => {
  it('keeps and records the key before it is used', async () => {
    const stage = createStage();
    stage.wkd.answer = [published(A)];
    expect(await stage.find('imported', 'wkd')).toMatchObject({
      openpgp: 'A from wkd',
      refused: [NO_IMPORT, NO_IMPORT],
    });
    expect(stage.store.events).toEqual([
      {
        type: 'key.discovered',
        data: { kind: 'openpgp', address: ADDRESS, fingerprint: A.fingerprint, source: 'wkd' },
      },
    ]);
    expect(stage.store.rows).toMatchObject([
      { source: 'wkd', state: 'active', pinned: false, firstSeenAt: START, confirmedAt: START },
    ]);
  });

  it('does not happen where it could not be recorded', async () => {
    const stage = createStage();
    stage.wkd.answer = [published(A)];
    stage.store.onPut = () => {
      throw new StoreUnavailable('the disk is full');
    };
    await expect(stage.find('wkd')).rejects.toThrow(StoreUnavailable);
  });

  it('takes no key that cannot be used', async () => {
    const stage = createStage();
    stage.wkd.answer = [
      published({ ...A, expires: START }),
      published({ ...B, address: 'eve@clinic.test' }),
      published(fakeKey('S', { signOnly: true })),
    ];
    expect((await stage.find('wkd')).refused).toEqual([
      'wkd A: expired',
      'wkd B: no user ID names this address',
      'wkd S: it can only sign',
    ]);
    expect(stage.store.rows).toEqual([]);
  });

  it('takes the newest of several, whatever their order, and the others are no change afterwards', async () => {
    const older = fakeKey('O', { kind: 'x509', made: START - 2 * DAY });
    for (const answer of [
      [published(C), published(older)],
      [published(older), published(C)],
    ]) {
      const stage = createStage();
      stage.ldap.answer = answer;
      expect((await stage.find('ldap')).x509).toBe('C from ldap');
      stage.now += CACHE;
      expect((await stage.find('ldap')).x509).toBe('C from ldap');
      expect(stage.eventTypes).toEqual(['key.discovered']);
    }
  });

  it('asks the sources in the order of the policy, the next only where none was usable', async () => {
    const stage = createStage();
    stage.ldap.answer = [published(C)];
    stage.wkd.answer = [published(A)];
    expect(await stage.find('ldap', 'wkd')).toMatchObject({ openpgp: 'A from wkd', x509: 'C from ldap' });
    expect(stage.ldap2.asked.length).toBe(1);
    const other = createStage();
    other.ldap.answer = [published(B)];
    other.wkd.answer = [published(A)];
    expect((await other.find('wkd', 'ldap')).openpgp).toBe('A from wkd');
  });

  it('is one, also when asked at once', async () => {
    const stage = createStage();
    stage.wkd.answer = [published(A), published(B)];
    const all = await Promise.all([stage.find('wkd'), stage.find('wkd'), stage.find('wkd')]);
    expect(new Set(all.map((one) => one.openpgp)).size).toBe(1);
    expect(stage.eventTypes).toEqual(['key.discovered']);
    expect(stage.wkd.asked.length).toBe(1);
  });

  it('looks again when a person was faster', async () => {
    const stage = createStage();
    stage.wkd.answer = [published(A)];
    let faster = false;
    stage.store.onPut = async () => {
      if (faster) return;
      faster = true;
      await stage.store.put(stored(B), []);
    };
    expect(await stage.find('imported', 'wkd')).toMatchObject({ openpgp: 'B from imported' });
  });

  it('with explaining only is reported and not kept', async () => {
    const stage = createStage({ record: false });
    stage.wkd.answer = [published(A)];
    expect((await stage.find('wkd')).openpgp).toBe('A from wkd');
    const changed = createStage({ record: false, rows: [stored(A, { source: 'wkd' })] });
    changed.wkd.answer = [published(B)];
    expect(await changed.find('wkd')).toMatchObject({ openpgp: undefined });
    expect([...stage.store.rows, ...stage.store.events, ...changed.store.events]).toEqual([]);
  });
});

describe('a change', () => {
  it('puts the other key before a person once, and uses neither meanwhile', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd' })] });
    stage.wkd.answer = [published(B)];
    expect(await stage.find('wkd')).toMatchObject({
      openpgp: undefined,
      refused: ['wkd A: its source no longer publishes it', waits('B')],
    });
    expect(stage.store.events).toMatchObject([
      { type: 'key.pending', data: { fingerprint: B.fingerprint, activeFingerprint: A.fingerprint } },
    ]);
    // Not even when the old one is back, or where other sources would do.
    stage.wkd.answer = [published(A)];
    stage.ldap.answer = [published(A)];
    for (let round = 0; round < 3; round += 1) {
      stage.now += 2 * DAY;
      expect(await stage.find('ldap', 'wkd')).toMatchObject({
        openpgp: undefined,
        refused: [waits('B'), expect.anything()],
      });
    }
    expect(stage.eventTypes).toEqual(['key.pending']);
  });

  it('of one kind does not touch the other', async () => {
    const stage = createStage({ rows: [stored(A, { state: 'pending', source: 'wkd' }), stored(C)] });
    expect((await stage.find('imported')).x509).toBe('C from imported');
  });

  it.each([
    ['trusted', 'B from wkd'],
    ['rejected', undefined],
  ] as const)('that a person %s leads to %s', async (act, used) => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd' })] });
    stage.wkd.answer = [published(B)];
    await stage.find('wkd');
    const pending = stage.store.rows.find((row) => row.state === 'pending')!;
    if (act === 'trusted') await stage.store.activate(pending, { actor: 'op', pinned: false }, []);
    else await stage.store.put({ ...pending, state: 'rejected' }, []);
    stage.now += CACHE;
    const seen = await stage.find('wkd');
    expect(seen.openpgp).toBe(used);
    if (act === 'rejected') expect(seen.refused).toContain('wkd B: a person refused this key');
    expect(stage.eventTypes).toEqual(['key.pending']);
  });

  it.each([
    ['has expired', { ...A, expires: START }],
    ['is revoked', { ...A, revoked: true }],
  ])('is one also when the known key %s', async (_how, known) => {
    const stage = createStage({ rows: [stored(known, { source: 'wkd' })] });
    stage.wkd.answer = [published(known), published(B)];
    expect((await stage.find('wkd')).openpgp).toBeUndefined();
    expect(stage.eventTypes).toEqual(['key.pending']);
  });

  it('is none where the other keys cannot be used', async () => {
    const stage = createStage({ rows: [stored(C, { source: 'ldap' })] });
    stage.ldap.answer = [published({ ...D, signOnly: true }), published(C)];
    expect((await stage.find('ldap')).x509).toBe('C from ldap');
    expect(stage.eventTypes).toEqual([]);
  });

  it('is found whichever source gives it', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'ldap' })] });
    stage.wkd.answer = [published(B)];
    stage.ldap.answer = [published(A)];
    expect((await stage.find('wkd', 'ldap')).openpgp).toBeUndefined();
    expect(stage.eventTypes).toEqual(['key.pending']);
  });

  it('is none where a person’s pin of earlier would be needed', async () => {
    const before = stored({ ...D, needs: 'CA' }, { state: 'replaced', pinned: true, source: 'ldap' });
    const stage = createStage({ rows: [before, stored(C)] });
    stage.ldap.answer = [published({ ...D, needs: 'CA' })];
    expect(await stage.find('ldap', 'imported')).toMatchObject({
      x509: 'C from imported',
      refused: expect.arrayContaining(['ldap D: no path to a trust anchor']),
    });
    expect(stage.eventTypes).toEqual([]);
  });

  it('of what a key was replaced by is a change too', async () => {
    const stage = createStage({ rows: [stored(A, { state: 'replaced' }), stored(B, { source: 'wkd' })] });
    stage.wkd.answer = [published(A)];
    expect((await stage.find('wkd')).openpgp).toBeUndefined();
    expect(stage.eventTypes).toEqual(['key.pending']);
  });
});

describe('news of the known key', () => {
  it('are merged, and a revocation is never lost', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd' })] });
    stage.wkd.answer = [published({ ...A, revoked: true })];
    expect(await stage.find('wkd')).toMatchObject({ openpgp: undefined, refused: ['wkd A: revoked'] });
    expect(stage.eventTypes).toEqual(['key.updated']);
    stage.wkd.answer = [published(A)];
    stage.now += CACHE;
    expect((await stage.find('wkd')).openpgp).toBeUndefined();
    expect(stage.eventTypes).toEqual(['key.updated']);
  });

  it('outlive the removal of the key', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd' })] });
    stage.wkd.answer = [published({ ...A, revoked: true })];
    await stage.find('wkd');
    await stage.store.remove(stored(A), []);
    stage.wkd.answer = [published(A)];
    stage.now += CACHE;
    expect(await stage.find('wkd')).toMatchObject({ openpgp: undefined, refused: ['wkd A: revoked'] });
    expect(stage.store.rows).toMatchObject([{ state: 'removed' }]);
  });

  it('are kept of a key that was removed, replaced or rejected', async () => {
    for (const state of ['removed', 'replaced', 'rejected'] as const) {
      const stage = createStage({ rows: [stored(A, { source: 'wkd', state })] });
      stage.wkd.answer = [published({ ...A, revoked: true })];
      await stage.find('wkd');
      await stage.find('wkd');
      expect(stage.eventTypes).toEqual(['key.updated']);
      expect(stage.store.rows).toMatchObject([{ state }]);
      stage.wkd.answer = [published(A)];
      stage.now += CACHE;
      expect((await stage.find('wkd')).openpgp).toBeUndefined();
    }
  });

  it('leave a removed key unknown: it may be the first again', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd', state: 'removed', actor: 'grace' })] });
    stage.wkd.answer = [published(A)];
    expect((await stage.find('wkd')).openpgp).toBe('A from wkd');
    expect(stage.eventTypes).toEqual(['key.discovered']);
    expect(stage.store.rows).toMatchObject([{ state: 'active' }]);
    expect(stage.store.rows[0]?.actor).toBeUndefined();
  });

  it('seen for one address count for the others', async () => {
    const elsewhere = stored({ ...A, revoked: true }, { address: 'ada@home.test', state: 'removed' });
    const stage = createStage({ rows: [elsewhere] });
    stage.wkd.answer = [published(A)];
    expect(await stage.find('wkd')).toMatchObject({ openpgp: undefined, refused: ['wkd A: revoked'] });
  });

  it.each(['active', 'removed'] as const)(
    'seen for one address count for the copy that was imported for another, which is %s there',
    async (state) => {
      const elsewhere = stored({ ...A, revoked: true }, { address: 'ada@home.test', state });
      const stage = createStage({ rows: [stored(A), elsewhere] });
      expect(await stage.find('imported')).toMatchObject({
        openpgp: undefined,
        refused: expect.arrayContaining(['imported A: revoked']),
      });
      expect(await stage.finder.judge(stored(A))).toEqual({ usable: false, reason: 'revoked' });
    },
  );

  it('seen for one address count for the other while its source cannot be asked', async () => {
    const elsewhere = stored({ ...A, revoked: true }, { address: 'ada@home.test' });
    const stage = createStage({ rows: [stored(A, { source: 'wkd', confirmedAt: START }), elsewhere] });
    stage.wkd.answer = 'fails';
    expect(await stage.find('wkd')).toMatchObject({ openpgp: undefined, refused: ['wkd A: revoked'] });
  });

  it('count for every copy in the answer', async () => {
    const stage = createStage();
    stage.wkd.answer = [published(A), published({ ...A, revoked: true })];
    expect((await stage.find('wkd')).openpgp).toBeUndefined();
    stage.wkd.answer = [published({ ...A, revoked: true }), published(A)];
    stage.now += CACHE;
    expect((await stage.find('wkd')).openpgp).toBeUndefined();
  });

  it('from one source count for the copy of the next', async () => {
    const stage = createStage();
    stage.wkd.answer = [published({ ...A, revoked: true })];
    stage.ldap.answer = [published(A)];
    expect(await stage.find('wkd', 'ldap')).toMatchObject({
      openpgp: undefined,
      refused: expect.arrayContaining(['wkd A: revoked', 'ldap A: revoked']),
    });
    expect(stage.store.rows).toEqual([]);
  });

  it.each(['active', 'replaced', 'rejected'] as const)(
    'from one source count for the copy of the next, of a key that is %s',
    async (state) => {
      const stage = createStage({ rows: [stored(A, { source: 'ldap', state })] });
      stage.wkd.answer = [published({ ...A, revoked: true })];
      stage.ldap.answer = [published(A)];
      expect((await stage.find('wkd', 'ldap')).openpgp).toBeUndefined();
      expect(stage.eventTypes).toEqual(['key.updated']);
    },
  );

  it.each([true, false])('count for the copy that was imported, recorded: %s', async (record) => {
    const stage = createStage({ rows: [stored(A)], record });
    stage.wkd.answer = [published({ ...A, revoked: true })];
    expect((await stage.find('wkd', 'imported')).openpgp).toBeUndefined();
    expect(stage.eventTypes).toEqual(record ? ['key.updated'] : []);
  });

  it('count while the source of the known key cannot be asked', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'ldap', confirmedAt: START })] });
    stage.wkd.answer = [published({ ...A, revoked: true })];
    stage.ldap.answer = 'fails';
    expect((await stage.find('wkd', 'ldap')).openpgp).toBeUndefined();
    expect(stage.eventTypes).toEqual(['key.updated']);
  });

  it('without news only the time is kept, of real answers alone', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd' })] });
    stage.wkd.answer = [published(A)];
    await stage.find('wkd');
    expect(stage.store.rows[0]?.confirmedAt).toBe(START);
    stage.now += HOUR;
    await stage.find('wkd');
    expect(stage.store.rows[0]?.confirmedAt).toBe(START);
    expect(stage.eventTypes).toEqual([]);
  });

  it('may be certificates on the way to the anchor', async () => {
    const known = { ...C, needs: 'CA 2' };
    const stage = createStage({ rows: [stored(known, { source: 'ldap', chain: [Buffer.from('CA 1')] })] });
    stage.ldap.answer = [published(known, 'CA 2')];
    expect((await stage.find('ldap')).x509).toBe('C from ldap');
    expect(stage.eventTypes).toEqual(['key.updated']);
    expect(stage.store.rows[0]?.chain.map(String)).toEqual(['CA 2']);
  });

  it.each([true, false])('make nothing of a person’s pin (no issuer known: %s)', async (orphan) => {
    const known = { ...C, needs: 'CA', orphan };
    const stage = createStage({ rows: [stored(known, { pinned: true })] });
    stage.ldap.answer = [published(known)];
    stage.revocation = { status: 'undetermined' };
    for (const source of ['imported', 'ldap'] as const) {
      const { x509 } = await stage.finder.find(ADDRESS, { kinds: ['x509'], sources: [source] });
      expect(x509.usable[0]?.facts).toMatchObject({ source, revocation: 'vouched' });
    }
  });
});

describe('revocation of certificates', () => {
  it.each([
    [{ status: 'good' } as const, 'good'],
    [{ status: 'vouched' } as const, 'vouched'],
    [{ status: 'undetermined' } as const, 'undetermined'],
    [{ status: 'revoked', reason: 'revoked on 2026-10-01' } as const, undefined],
  ])('%o', async (answer, shown) => {
    const stage = createStage({ rows: [stored(C)] });
    stage.revocation = answer;
    const { x509 } = await stage.finder.find(ADDRESS, { kinds: ['x509'], sources: ['imported'] });
    expect(x509.usable[0]?.facts.revocation).toBe(shown);
    if (shown === undefined) expect(x509.refused[0]?.reason).toBe('revoked on 2026-10-01');
  });
});

describe('a pinned certificate', () => {
  it.each([
    [{ status: 'good' } as const, 'good'],
    [{ status: 'vouched' } as const, 'vouched'],
    [{ status: 'undetermined', detail: 'its CA was late' } as const, 'vouched'],
    [{ status: 'revoked', reason: 'revoked on 2026-10-01' } as const, undefined],
  ])('is vouched for, but not against its CA: %o', async (answer, shown) => {
    const row = stored(C, { pinned: true });
    const stage = createStage({ rows: [row] });
    stage.revocation = answer;
    const { x509 } = await stage.finder.find(ADDRESS, { kinds: ['x509'], sources: ['imported'] });
    expect(x509.usable[0]?.facts.revocation).toBe(shown);
    expect(x509.usable[0]?.facts.detail).toBeUndefined();
    expect((await stage.finder.judge(row)).usable).toBe(shown !== undefined);
    if (shown === undefined) expect(x509.refused[0]?.reason).toBe('revoked on 2026-10-01');
  });

  it('is asked about again each time, and a revocation ends it', async () => {
    const stage = createStage({ rows: [stored(C, { pinned: true })] });
    expect((await stage.find('imported')).x509).toBe('C from imported');
    stage.revocation = { status: 'revoked', reason: 'revoked on 2026-10-01' };
    expect((await stage.find('imported')).x509).toBeUndefined();
  });
});

describe('a source', () => {
  it('that no longer publishes the key makes it unusable', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd', confirmedAt: START })] });
    expect(await stage.find('wkd')).toMatchObject({
      openpgp: undefined,
      refused: ['wkd A: its source no longer publishes it'],
    });
  });

  it.each([
    ['just now', START - CACHE + 1, 'A from wkd'],
    ['too long ago', START - CACHE, undefined],
    ['in the future, by a wrong clock', START + HOUR, undefined],
  ])('that fails leaves the key in use where it was confirmed %s', async (_when, confirmedAt, used) => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd', confirmedAt })] });
    stage.wkd.answer = 'fails';
    const seen = await stage.find('wkd');
    expect(seen.openpgp).toBe(used);
    if (used === undefined) expect(seen.refused).toEqual(['wkd A: the server did not answer in time']);
    expect(stage.eventTypes).toEqual([]);
  });

  it('that fails leaves a key in use for which a person decided, until it says otherwise', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd', confirmedAt: START - 30 * DAY })] });
    await stage.store.activate(stored(A), { actor: 'grace', pinned: false }, []);
    stage.wkd.answer = 'fails';
    expect((await stage.find('wkd')).openpgp).toBe('A from wkd');
    // Only where the source is accepted at all.
    expect((await stage.find('ldap')).openpgp).toBeUndefined();
    stage.wkd.answer = [];
    stage.now += CACHE;
    expect((await stage.find('wkd')).refused).toEqual(['wkd A: its source no longer publishes it']);
    stage.wkd.answer = [published(B)];
    stage.now += CACHE;
    expect((await stage.find('wkd')).openpgp).toBeUndefined();
    expect(stage.eventTypes).toEqual(['key.pending']);
  });

  it('that fails does not keep alive what another source gave', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'ldap', confirmedAt: START })] });
    stage.wkd.answer = 'fails';
    expect((await stage.find('wkd')).openpgp).toBeUndefined();
  });

  it('of several directories is down only where no other one has a key', async () => {
    const stage = createStage();
    stage.ldap.answer = 'fails';
    stage.ldap2.answer = [published(C)];
    expect(await stage.find('ldap')).toMatchObject({
      x509: 'C from ldap',
      refused: ['ldap: the server did not answer in time'],
    });
  });

  it('that fails is left alone for a while, and the log knows no address', async () => {
    const stage = createStage();
    stage.wkd.answer = 'throws';
    await stage.find('wkd');
    stage.wkd.answer = [published(A)];
    stage.now += FAILURE_CACHE - 1;
    expect((await stage.find('wkd')).refused[0]).toBe('wkd: the source could not be asked');
    stage.now += 1;
    expect((await stage.find('wkd')).openpgp).toBe('A from wkd');
    expect(stage.logged.length).toBe(1);
    expect(JSON.stringify(stage.logged)).not.toMatch(/ada|secret/);
  });

  it('without a key is asked again after an hour, with one after its cache time', async () => {
    const stage = createStage();
    await stage.find('wkd');
    stage.now += HOUR - 1;
    await stage.find('wkd');
    expect(stage.wkd.asked.length).toBe(1);
    stage.wkd.answer = [published(A)];
    stage.now += 1;
    await stage.find('wkd');
    stage.now += CACHE - 1;
    await stage.find('wkd');
    expect(stage.wkd.asked.length).toBe(2);
    stage.now += 1;
    await stage.find('wkd');
    expect(stage.wkd.asked.length).toBe(3);
  });

  it('is asked once by several who ask at once, in whatever spelling of the address', async () => {
    const stage = createStage();
    stage.wkd.answer = [published(A)];
    let release: () => void = () => undefined;
    stage.wkd.hold = new Promise((resolve) => {
      release = resolve;
    });
    const finds = [1, 2, 3].map(() => stage.find('wkd'));
    const other = stage.finder.find('bo@clinic.test', { kinds: ['openpgp'], sources: ['imported'] });
    expect((await other).openpgp.usable).toEqual([]);
    release();
    await Promise.all(finds);
    expect(stage.wkd.asked).toEqual([ADDRESS]);
  });

  it('that gives very many keys is not believed', async () => {
    const stage = createStage();
    stage.wkd.answer = Array.from({ length: 21 }, (_, i) => published(fakeKey(`K${i}`)));
    expect((await stage.find('wkd')).refused[0]).toBe(
      'wkd: the source gave more than 20 keys for one address',
    );
  });

  it('that gives a key under another key’s fingerprint does not get it used', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd' })] });
    stage.ldap.answer = [{ ...published(C), fingerprint: D.fingerprint }];
    expect((await stage.find('ldap')).refused).toContain(
      'ldap D: its fingerprint is not the one it was found under',
    );
    expect(stage.eventTypes).toEqual([]);
  });

  it('that gives something the judge or the merge breaks on is refused, and nothing else happens', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd', confirmedAt: START })] });
    stage.wkd.answer = [{ ...published(A), material: Buffer.from('{') }];
    stage.ldap.answer = [{ ...published(C), material: Buffer.from('{') }];
    expect(await stage.find('wkd', 'ldap')).toMatchObject({
      openpgp: undefined,
      x509: undefined,
      refused: expect.arrayContaining([
        'wkd A: its copies could not be put together',
        'ldap C: it could not be judged',
      ]),
    });
    expect(stage.store.rows).toEqual([stored(A, { source: 'wkd', confirmedAt: START })]);
  });

  it('that gives a copy the merge breaks on ends the use of the one that was imported', async () => {
    const stage = createStage({ rows: [stored(A)] });
    stage.wkd.answer = [{ ...published(A), material: Buffer.from('{') }];
    expect(await stage.find('wkd', 'imported')).toMatchObject({
      openpgp: undefined,
      refused: expect.arrayContaining(['imported A: its copies could not be put together']),
    });
  });

  it('that pads the known key for ever does not fill the store', async () => {
    const stage = createStage({ rows: [stored(A, { source: 'wkd' })] });
    const padded = Buffer.concat([bytesOf(A), Buffer.alloc(1024 * 1024, ' ')]);
    stage.store.onPut = () => {
      throw new Error('nothing is to be stored');
    };
    stage.wkd.answer = [{ ...published(B), material: padded }];
    expect((await stage.find('wkd')).refused).toContain('wkd B: it is larger than 1048576 bytes');
  });
});
