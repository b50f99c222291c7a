import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, LdapNonsense } from '../../../../src/keys/discovery/ldap-frames.js';
import { ber, ldapMessage, searchDone, searchEntry } from '../../../support/ldap-server.js';

const LIMITS = { maxBytes: 10_000, maxMessages: 5 };
const GOOD = Buffer.concat([
  ldapMessage(3, searchEntry('cn=Ada', { mail: ['ada@clinic.test'], pgpKey: ['x'.repeat(300)] })),
  ldapMessage(3, ber(0x73, ber(0x04, 'ldap://other.test/'))),
  ldapMessage(3, searchDone(), ber(0xa0, ber(0x30, ber(0x04, '1.2.3')))),
]);
const PASSED = Buffer.concat([
  ldapMessage(3, searchEntry('cn=Ada', { mail: ['ada@clinic.test'], pgpKey: ['x'.repeat(300)] })),
  ldapMessage(3, ber(0x65, ber(0x0a, Buffer.from([0])), ber(0x04), ber(0x04))),
]);

describe('LDAP messages', () => {
  it('pass as they are asked for, however they are cut, without references, controls and free text', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(GOOD.length)), (cuts) => {
        const read = createFrameReader(LIMITS);
        const places = [0, ...cuts.sort((a, b) => a - b), GOOD.length];
        const passed = places.flatMap((at, i) => read(GOOD.subarray(at, places[i + 1])));
        expect(Buffer.concat(passed).equals(PASSED)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('that are changed anywhere pass only if they are still such messages', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(GOOD.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const bytes = Buffer.from(GOOD);
          for (const [at, byte] of changes) bytes[at] = byte;
          try {
            const passed = Buffer.concat(createFrameReader(LIMITS)(bytes));
            // What passed is its own rebuilding: nothing is left in it that was not checked.
            expect(Buffer.concat(createFrameReader(LIMITS)(passed)).equals(passed)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(LdapNonsense);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are counted with the one that only begins', () => {
    const first = ldapMessage(1, searchDone());
    expect(createFrameReader({ maxBytes: 1000, maxMessages: 1 })(first).length).toBe(1);
    for (const rest of [[0x30], [0x30, 0x84], [0x16]]) {
      const whole = Buffer.concat([first, Buffer.from(rest)]);
      expect(() => createFrameReader({ maxBytes: 1000, maxMessages: 1 })(whole)).toThrow(LdapNonsense);
      const read = createFrameReader({ maxBytes: 1000, maxMessages: 1 });
      read(first);
      expect(() => read(Buffer.from(rest))).toThrow(LdapNonsense);
    }
  });
});
