import { describe, expect, it } from 'vitest';
import { copiesElsewhere } from '../../../../src/keys/finder/copies-elsewhere.js';
import { createMemoryKeyStore } from '../../../support/memory-key-store.js';
import { bytesOf, fakeKey, stored } from './stage.js';

const A = fakeKey('A');
const renewed = { ...A, expires: A.made + 1 };
const revoked = { ...A, revoked: true };

describe('what is kept of a key that a whole organisation has', () => {
  const staff = Array.from({ length: 199 }, (_, i) => `n${String(i).padStart(3, '0')}@home.test`);

  it('is each copy once, because putting copies together takes its time', async () => {
    const rows = staff.map((address, i) => stored(i % 2 === 0 ? A : renewed, { address }));
    const store = createMemoryKeyStore(...rows, stored(revoked));
    expect(await copiesElsewhere(A.fingerprint, [stored(A).address], store)).toEqual([
      bytesOf(A),
      bytesOf(renewed),
    ]);
  });

  it('holds also what came with the last of as many addresses as a key can have', async () => {
    const rows = staff.slice(1).map((address) => stored(A, { address }));
    const store = createMemoryKeyStore(stored(A), ...rows, stored(revoked, { address: 'z@home.test' }));
    expect(await copiesElsewhere(A.fingerprint, [stored(A).address], store)).toContainEqual(bytesOf(revoked));
  });
});
