import type { AuditEvent } from '../../src/audit/events.js';
import type { StoredKey, StoredKeyRef } from '../../src/model/key.js';
import { foldAddress } from '../../src/shared/fold-address.js';
import type { KeyStore } from '../../src/store/ports.js';

/** Recipients' keys in memory, with the events in the order of writing, and the acts of a person. */
export interface MemoryKeyStore
  extends Pick<KeyStore, 'keysFor' | 'list' | 'put' | 'activate' | 'remove' | 'confirm'> {
  readonly rows: readonly StoredKey[];
  readonly events: readonly AuditEvent[];
  /** Called before each `put`, to be faster than it or to fail. */
  onPut: () => Promise<void> | void;
}

export function createMemoryKeyStore(...initial: readonly StoredKey[]): MemoryKeyStore {
  let rows: readonly StoredKey[] = initial;
  const events: AuditEvent[] = [];
  const isSame = (a: StoredKeyRef, b: StoredKeyRef) => a.fingerprint === b.fingerprint && isBeside(a, b);
  const isBeside = (a: StoredKeyRef, b: StoredKeyRef) =>
    a.kind === b.kind && foldAddress(a.address) === foldAddress(b.address);
  const store: MemoryKeyStore = {
    get rows() {
      return rows;
    },
    events,
    onPut: () => undefined,
    keysFor: async (address) => rows.filter((row) => foldAddress(row.address) === foldAddress(address)),
    list: async ({ kind, states, fingerprint, limit }) =>
      rows
        .filter((row) => kind === undefined || row.kind === kind)
        .filter((row) => (states === undefined ? row.state !== 'removed' : states.includes(row.state)))
        .filter((row) => fingerprint === undefined || row.fingerprint === fingerprint)
        .slice(0, limit),
    remove: async (ref, permitted) => {
      if (!rows.some((row) => isSame(row, ref) && row.state !== 'removed')) return false;
      rows = rows.map((row) => (isSame(row, ref) ? { ...row, state: 'removed', pinned: false } : row));
      events.push(...permitted);
      return true;
    },
    put: async (key, permitted, expected) => {
      await store.onPut();
      const present = rows.find((row) => isSame(row, key));
      if (expected !== undefined && !isStill(present, expected.before)) return false;
      const others = rows.filter((row) => !isSame(row, key));
      if (key.state === 'active' && others.some((row) => row.state === 'active' && isBeside(row, key)))
        return false;
      rows = [...others, key];
      events.push(...permitted);
      return true;
    },
    activate: async (ref, { actor, pinned }, permitted) => {
      if (!rows.some((row) => isSame(row, ref))) return false;
      rows = rows.map((row) => {
        if (isSame(row, ref)) return { ...row, state: 'active', actor, pinned };
        return row.state === 'active' && isBeside(row, ref) ? { ...row, state: 'replaced' } : row;
      });
      events.push(...permitted);
      return true;
    },
    confirm: async (ref, at) => {
      rows = rows.map((row) => (isSame(row, ref) ? { ...row, confirmedAt: at } : row));
    },
  };
  return store;
}

/** As the store compares: when the source last gave it doesn't count. */
function isStill(present: StoredKey | undefined, before: StoredKey | undefined): boolean {
  if (present === undefined || before === undefined) return present === before;
  return (
    present.state === before.state &&
    present.source === before.source &&
    present.pinned === before.pinned &&
    present.actor === before.actor &&
    Buffer.compare(present.material, before.material) === 0
  );
}
