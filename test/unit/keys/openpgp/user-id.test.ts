import { describe, expect, it } from 'vitest';
import { namesSeveralAddresses, sameAddress, userIdAddress } from '../../../../src/keys/openpgp/user-id.js';

const address = (text: string) => userIdAddress(Buffer.from(text));

describe('userIdAddress', () => {
  it.each([
    ['Ada Example <ada@clinic.test>', 'ada@clinic.test'],
    ['ada@clinic.test', 'ada@clinic.test'],
    ['<ada@clinic.test>', 'ada@clinic.test'],
    ['Ada Example (ward 3) <ada@clinic.test>', 'ada@clinic.test'],
    ['"Example, Ada" <Ada@Clinic.TEST>', 'Ada@clinic.test'],
    ['آدا‌ <ada@bücher.test>', 'ada@xn--bcher-kva.test'],
    ['Ada <ada@xn--bcher-kva.test>', 'ada@xn--bcher-kva.test'],
    ['Zoë <zoë@clinic.test>', 'zoë@clinic.test'],
    // As several programs write it where they know no name.
    ['ada@clinic.test <ada@clinic.test>', 'ada@clinic.test'],
    ['"ada@clinic.test" <ada@clinic.test>', 'ada@clinic.test'],
    ["'ada@clinic.test' <ada@Clinic.TEST>", 'ada@clinic.test'],
    ['Ada (ada@clinic.test) <ada@clinic.test>', 'ada@clinic.test'],
    ['ada@bücher.test <ada@xn--bcher-kva.test>', 'ada@xn--bcher-kva.test'],
    ["o'neil@clinic.test <o'neil@clinic.test>", "o'neil@clinic.test"],
  ])('reads %j', (text, expected) => {
    expect(address(text)).toBe(expected);
  });

  it.each([
    [''],
    ['Ada Example'],
    ['ada@clinic.test <bob@clinic.test>'],
    ['Ada (ada@clinic.test) <bob@clinic.test>'],
    ['Ada@clinic.test <ada@clinic.test>'],
    ['ada@clinic.test, bob@clinic.test <ada@clinic.test>'],
    ['ada@clinic.test@evil.test <ada@clinic.test>'],
    ['xada@clinic.test <ada@clinic.test>'],
    ['ada @clinic.test <ada@clinic.test>'],
    ['ada＠clinic.test <ada@clinic.test>'],
    ['ada@clinic.test ada@clinic.test'],
    ['ada@clinic.test (ada@clinic.test)'],
    ['ada@clinic.test <ada@clinic.test> <ada@clinic.test>'],
    ['Ada <ada@clinic.test> <bob@clinic.test>'],
    ['Ada <ada@clinic.test>, <bob@clinic.test>'],
    ['Ada ＠ home <ada@clinic.test>'],
    ['Ada <ada@clinic.test> (bob)'],
    ['Ada <ada@clinic.test>\n'],
    ['Ada\n<ada@clinic.test>'],
    ['Ada\0 <ada@clinic.test>'],
    ['Ada \u202e<ada@clinic.test>'],
    ['\ufeffada@clinic.test'],
    ['Ada <ada@clinic.test'],
    ['Ada ada@clinic.test>'],
    ['Ada <<ada@clinic.test>>'],
    ['Ada < ada@clinic.test >'],
    [' ada@clinic.test'],
    ['ada@clinic.test,bob'],
    ['mailto:ada@clinic.test'],
    ['Ada <"ada"@clinic.test>'],
    ['Ada <ada@localhost>'],
    ['Ada <ada@[127.0.0.1]>'],
    ['Ada <ada@clinic.test.>'],
    [`${'A'.repeat(1100)} <ada@clinic.test>`],
  ])('names nobody by %j', (text) => {
    expect(address(text)).toBeUndefined();
  });

  it('names nobody by malformed UTF-8', () => {
    expect(userIdAddress(Buffer.from('Ad\xe1 <ada@clinic.test>', 'latin1'))).toBeUndefined();
  });
});

describe('namesSeveralAddresses', () => {
  it.each([
    ['ada@clinic.test <bob@clinic.test>', true],
    ['Ada <ada@clinic.test> <bob@clinic.test>', true],
    ['ada@clinic.test, bob@clinic.test', true],
    ['Ada ＠ home <ada@clinic.test>', true],
    ['ada@clinic.test <ada@clinic.test>', false],
    ['Ada <ada@clinic.test>', false],
    ['Ada Example', false],
    ['Ada <ada@localhost>', false],
  ])('%j: %s', (text, expected) => {
    expect(namesSeveralAddresses(Buffer.from(text))).toBe(expected);
  });
});

describe('sameAddress', () => {
  it('ignores the case of ASCII letters where it may', () => {
    expect(sameAddress('Ada@clinic.test', 'aDA@clinic.test', 'ignore-case')).toBe(true);
    expect(sameAddress('Ada@clinic.test', 'aDA@clinic.test', 'exact')).toBe(false);
    expect(sameAddress('É@clinic.test', 'é@clinic.test', 'ignore-case')).toBe(false);
    // The Kelvin sign and the long s become ASCII letters by Unicode's rules.
    expect(sameAddress('\u212a@clinic.test', 'k@clinic.test', 'ignore-case')).toBe(false);
    expect(sameAddress('\u017f@clinic.test', 's@clinic.test', 'ignore-case')).toBe(false);
  });
});
