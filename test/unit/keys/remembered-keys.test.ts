import { describe, expect, it } from 'vitest';
import { rememberedKeys } from '../../../src/keys/remembered-keys.js';
import type { StoredKey } from '../../../src/model/key.js';
import type { KeyStore } from '../../../src/store/ports.js';

const ADDRESS = 'ada@partner.example';

const KEY: StoredKey = {
  kind: 'x509',
  address: ADDRESS,
  fingerprint: 'ab12',
  source: 'imported',
  state: 'active',
  pinned: false,
  firstSeenAt: 1,
  confirmedAt: 1,
  material: Uint8Array.of(1),
  chain: [],
};
const REF = { kind: KEY.kind, address: ADDRESS, fingerprint: KEY.fingerprint };

/** A store that answers when it is told to, in the order of its steps. */
function slowStore() {
  let rows: readonly StoredKey[] = [];
  const steps: (() => void)[] = [];
  let reads = 0;
  const later = <T>(act: () => T) => new Promise<T>((done) => steps.push(() => done(act())));
  const changed = (after: readonly StoredKey[]) =>
    later(() => {
      rows = after;
      return true;
    });
  const none = () => Promise.reject(new Error('not asked here'));
  const store: KeyStore = {
    keysFor: () => {
      reads++;
      return later(() => rows);
    },
    put: () => changed([KEY]),
    activate: () => changed([KEY]),
    reject: () => changed([{ ...KEY, state: 'rejected' }]),
    remove: () => changed([{ ...KEY, state: 'removed' }]),
    confirm: async () => void (await changed([{ ...KEY, confirmedAt: 2 }])),
    list: none,
    ownKeys: none,
    ownKeysFor: none,
    putOwn: none,
    removeOwn: none,
  };
  return {
    keys: rememberedKeys(store),
    reads: () => reads,
    step: () => steps.shift()?.(),
  };
}

async function answered<T>(stage: ReturnType<typeof slowStore>, asked: Promise<T>): Promise<T> {
  stage.step();
  return asked;
}

describe('the memory of addresses without keys', () => {
  it('asks the store once for an address, however it is written', async () => {
    const stage = slowStore();
    expect(await answered(stage, stage.keys.keysFor(ADDRESS))).toEqual([]);
    expect(await stage.keys.keysFor(ADDRESS)).toEqual([]);
    expect(await stage.keys.keysFor('ADA@partner.example')).toEqual([]);
    expect(stage.reads()).toBe(1);
    await answered(stage, stage.keys.keysFor('bob@partner.example'));
    expect(stage.reads()).toBe(2);
  });

  it('remembers nothing of an address that has keys', async () => {
    const stage = slowStore();
    await answered(stage, stage.keys.put(KEY, []));
    expect(await answered(stage, stage.keys.keysFor(ADDRESS))).toEqual([KEY]);
    expect(await answered(stage, stage.keys.keysFor(ADDRESS))).toEqual([KEY]);
    expect(stage.reads()).toBe(2);
  });

  const changes: Record<string, (keys: KeyStore) => Promise<unknown>> = {
    put: (keys) => keys.put(KEY, []),
    'put over what was there': (keys) => keys.put(KEY, [], { before: undefined }),
    activate: (keys) => keys.activate(REF, { actor: 'operator', pinned: false }, []),
    reject: (keys) => keys.reject(REF, 'operator', []),
    remove: (keys) => keys.remove(REF, []),
    confirm: (keys) => keys.confirm(REF, 2),
  };
  for (const [name, change] of Object.entries(changes)) {
    it(`is empty after a change: ${name}`, async () => {
      const stage = slowStore();
      await answered(stage, stage.keys.keysFor(ADDRESS));
      await answered(stage, change(stage.keys));
      expect(await answered(stage, stage.keys.keysFor(ADDRESS))).toHaveLength(1);
    });

    it(`doesn't remember what was asked for before a change ended: ${name}`, async () => {
      const stage = slowStore();
      // Asked for before the change began, and answered behind it with what was there before.
      const early = stage.keys.keysFor(ADDRESS);
      const changing = change(stage.keys);
      const during = stage.keys.keysFor(ADDRESS);
      stage.step();
      expect(await early).toEqual([]);
      stage.step();
      await changing;
      stage.step();
      await during;
      expect(await answered(stage, stage.keys.keysFor(ADDRESS))).toHaveLength(1);
    });
  }

  it('is empty after a change that failed, which may have been made all the same', async () => {
    const broken = { ...emptyStore(), put: () => Promise.reject(new Error('unavailable')) };
    const keys = rememberedKeys(broken);
    expect(await keys.keysFor(ADDRESS)).toEqual([]);
    await expect(keys.put(KEY, [])).rejects.toThrow('unavailable');
    await keys.keysFor(ADDRESS);
    expect(broken.reads()).toBe(2);
    await keys.keysFor(ADDRESS);
    expect(broken.reads()).toBe(2);
  });
});

/** Holds nothing, and answers at once. */
function emptyStore() {
  let reads = 0;
  const none = () => Promise.reject(new Error('not asked here'));
  const store: KeyStore = {
    keysFor: async () => {
      reads++;
      return [];
    },
    put: none,
    activate: none,
    reject: none,
    remove: none,
    confirm: none,
    list: none,
    ownKeys: none,
    ownKeysFor: none,
    putOwn: none,
    removeOwn: none,
  };
  return { ...store, reads: () => reads };
}
