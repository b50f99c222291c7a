import { foldAddress } from '../shared/fold-address.js';
import type { KeyStore } from '../store/ports.js';

/** Addresses remembered, of some hundred bytes each; the one asked for first goes first. */
const MOST = 10_000;

/**
 * The store of keys, with a memory of addresses that have none: nearly all have none, and each message that is to be
 * protected asks for its recipients. To be used in place of the one given by all who change keys.
 *
 * Only one process writes the database, and it changes keys through this alone, so what is remembered is never old: a
 * change has everything forgotten as it begins, and what is read while one is under way, or was asked for before one, is
 * not remembered. Whoever heard that a key was stored is given it.
 */
export function rememberedKeys(store: KeyStore): KeyStore {
  const without = new Set<string>();
  let changes = 0;
  let underWay = 0;
  const changing = async <T>(change: () => Promise<T>): Promise<T> => {
    changes++;
    underWay++;
    without.clear();
    try {
      return await change();
    } finally {
      underWay--;
    }
  };
  return {
    ...store,
    async keysFor(address) {
      const folded = foldAddress(address);
      if (without.has(folded)) return [];
      const before = changes;
      const isQuiet = underWay === 0;
      const rows = await store.keysFor(address);
      if (rows.length === 0 && isQuiet && changes === before) {
        without.add(folded);
        const [first] = without;
        if (without.size > MOST && first !== undefined) without.delete(first);
      }
      return rows;
    },
    put: (key, events, expected) => changing(() => store.put(key, events, expected)),
    activate: (ref, set, events) => changing(() => store.activate(ref, set, events)),
    reject: (ref, actor, events) => changing(() => store.reject(ref, actor, events)),
    remove: (ref, events) => changing(() => store.remove(ref, events)),
    confirm: (ref, at) => changing(() => store.confirm(ref, at)),
  };
}
