import { describe, expect, it } from 'vitest';
import { readDmarc } from '../../../src/doctor/dmarc.js';

describe('a DMARC record', () => {
  it.each([
    ['v=DMARC1; p=none', { policy: 'none' }],
    ['v=DMARC1;p=quarantine;rua=mailto:dmarc@clinic.test', { policy: 'quarantine' }],
    ['v = DMARC1 ; rua=mailto:dmarc@clinic.test ; p = Reject', { policy: 'reject' }],
    ['v=DMARC1; p=bogus', {}],
    ['v=DMARC1; sp=none', {}],
    ['v=DMARC1', {}],
    ['v=DMARC1; p=none; p=reject', {}],
    ['v=DMARC10; p=none', undefined],
    ['p=none; v=DMARC1', undefined],
    ['something else', undefined],
  ])('%s', (text, expected) => {
    expect(readDmarc(text)).toEqual(expected);
  });
});
