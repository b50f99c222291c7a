import { describe, expect, it } from 'vitest';
import { fingerprintDigits, fingerprintFits } from '../../../src/keys/fingerprint.js';

describe('the digits of a fingerprint', () => {
  it.each([
    ['0f52edef', '0F52EDEF'],
    [' 0x0F52EDEF ', '0F52EDEF'],
    ['0F52 EDEF 1B33 8856 C7FB  DE2D 8497 D68D 414F D470', '0F52EDEF1B338856C7FBDE2D8497D68D414FD470'],
    ['0f:52:ed:ef', '0F52EDEF'],
    ['A'.repeat(64), 'A'.repeat(64)],
  ])('are read from %j', (text, digits) => {
    expect(fingerprintDigits(text)).toBe(digits);
  });

  it.each(['', '0F52EDE', '0x0F52ED', 'ada@hospital.example', 'A'.repeat(65), '0F52EDEG', '0F52-EDEF'])(
    'are not read from %j',
    (text) => {
      expect(fingerprintDigits(text)).toBeUndefined();
    },
  );

  it('stand at its beginning or end', () => {
    expect(fingerprintFits('AAAA1111BBBB2222', 'AAAA1111')).toBe(true);
    expect(fingerprintFits('AAAA1111BBBB2222', 'BBBB2222')).toBe(true);
    expect(fingerprintFits('AAAA1111BBBB2222', '1111BBBB')).toBe(false);
  });
});
