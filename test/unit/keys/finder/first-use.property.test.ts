import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeySource } from '../../../../src/model/key.js';
import { type Answer, CACHE, createStage, fakeKey, HOUR, published, START } from './stage.js';

const keys = ['A', 'B', 'C'].flatMap((name) => [
  published(fakeKey(name)),
  published(fakeKey(name, { revoked: true })),
  published(fakeKey(name, { expires: START + 6 * HOUR })),
  published(fakeKey(name, { address: 'eve@clinic.test' })),
]);

const answer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...keys), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom('fails' as const, 'throws' as const) },
);

type Act =
  | { readonly does: 'answers'; readonly who: 'wkd' | 'ldap' | 'ldap2'; readonly with: Answer }
  | { readonly does: 'find'; readonly sources: readonly KeySource[]; readonly atOnce: number }
  | { readonly does: 'wait'; readonly for: number }
  | { readonly does: 'restart' }
  | { readonly does: 'trust'; readonly which: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('answers' as const),
      who: fc.constantFrom('wkd' as const, 'ldap' as const, 'ldap2' as const),
      with: answer,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('find' as const),
      sources: fc
        .subarray(['imported', 'ldap', 'wkd'] as const, { minLength: 1 })
        .chain((some) => fc.shuffledSubarray([...some], { minLength: some.length })),
      atOnce: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      for: fc.constantFrom(1, HOUR, CACHE, 24 * HOUR),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'restart' as const }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('trust' as const), which: fc.nat(9) }) },
);

describe('whatever the sources answer, and however often', () => {
  it('no key is used but the first, or one that a person trusted; a revoked one never again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
        const stage = createStage();
        let allowed: string | undefined;
        const revoked = new Set<string>();
        for (const one of acts) {
          if (one.does === 'answers') stage[one.who].answer = one.with;
          else if (one.does === 'wait') stage.now += one.for;
          else if (one.does === 'restart') stage.restart();
          else if (one.does === 'trust') {
            const pending = stage.store.rows.filter((row) => row.state === 'pending');
            const chosen = pending[one.which % Math.max(1, pending.length)];
            if (chosen === undefined) continue;
            await stage.store.activate(chosen, { actor: 'op', pinned: false }, []);
            for (const row of pending.filter((other) => other !== chosen))
              await stage.store.put({ ...row, state: 'rejected' }, []);
            allowed = chosen.fingerprint;
          } else {
            const options = { kinds: ['openpgp'] as const, sources: one.sources };
            const found = await Promise.all(
              Array.from({ length: one.atOnce }, () => stage.finder.find('ada@clinic.test', options)),
            );
            for (const { openpgp } of found) {
              for (const { facts } of openpgp.usable) {
                allowed ??= facts.fingerprint;
                expect(facts.fingerprint).toBe(allowed);
                expect(revoked.has(facts.fingerprint)).toBe(false);
                expect(one.sources).toContain(facts.source);
              }
              if (stage.store.rows.some((row) => row.state === 'pending')) expect(openpgp.usable).toEqual([]);
            }
            for (const row of stage.store.rows) {
              if (row.state === 'active' && Buffer.from(row.material).includes('"revoked":true'))
                revoked.add(row.fingerprint);
            }
          }
        }
        // Each first use and each proposal is on record, once.
        const told = stage.store.events
          .filter((event) => event.type !== 'key.updated')
          .map((event) => `${event.type} ${'fingerprint' in event.data ? event.data.fingerprint : ''}`);
        expect(told.filter((one) => one.startsWith('key.discovered')).length).toBeLessThanOrEqual(1);
        for (const row of stage.store.rows)
          expect(told.filter((one) => one.endsWith(row.fingerprint)).length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});
