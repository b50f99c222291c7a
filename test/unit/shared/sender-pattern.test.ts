import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/shared/address.js';
import { parseSenderPattern, senderAllowed } from '../../../src/shared/sender-pattern.js';

const allowed = (pattern: string, address: string) => {
  const parsed = parseSenderPattern(pattern);
  const mailbox = parseAddress(address);
  if (parsed === undefined || !mailbox.ok) throw new Error('bad case');
  return senderAllowed([parsed], mailbox.mailbox);
};

describe('sender patterns', () => {
  it.each([
    ['clinic.example', 'a@clinic.example', true],
    ['@clinic.example', 'a@CLINIC.example', true],
    ['clinic.example', 'a@x.clinic.example', false],
    ['clinic.example', 'a@notclinic.example', false],
    ['a@clinic.example', 'a@clinic.example', true],
    ['A@Clinic.example', 'a@clinic.example', true],
    ['a@clinic.example', 'b@clinic.example', false],
    ['a@clinic.example', 'a+x@clinic.example', false],
    ['bücher.example', 'a@xn--bcher-kva.example', true],
    ['é@clinic.example', 'É@clinic.example', false],
  ])('%s lets %s send: %s', (pattern, address, expected) => {
    expect(allowed(pattern, address)).toBe(expected);
  });

  it.each([
    '',
    '@',
    '*',
    '*@clinic.example',
    '*.example',
    'a@',
    '@a@clinic.example',
    '@@clinic.example',
    'clinic',
    'a b@clinic.example',
  ])('%j is none', (text) => {
    expect(parseSenderPattern(text)).toBeUndefined();
  });
});
