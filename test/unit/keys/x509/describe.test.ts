import { describe, expect, it } from 'vitest';
import { BadCertificate, describeCertificate } from '../../../../src/keys/x509/index.js';
import { distinguishedName, makeAuthority } from '../../../support/x509-authority.js';

const root = makeAuthority({
  name: distinguishedName(['2.5.4.6', 'US'], ['2.5.4.10', 'Example, Inc.'], ['2.5.4.3', 'Root']),
});

describe('a certificate for people', () => {
  it('is described', () => {
    const leaf = root.issue({ serial: '0A1B' });
    expect(describeCertificate(leaf.certificate)).toEqual({
      subject: 'CN=Alice Example',
      issuer: 'C=US, O=Example\\, Inc., CN=Root',
      serial: '0A1B',
      notBefore: Date.parse('2025-01-01T00:00:00Z'),
      notAfter: Date.parse('2035-01-01T00:00:00Z'),
      addresses: ['alice@clinic.example'],
      algorithm: 'P-256',
      fingerprint: leaf.fingerprint,
      isCa: false,
    });
    expect(describeCertificate(root.certificate).isCa).toBe(true);
  });

  it.each([
    ['a line break', 'a\nb', 'a\\0Ab'],
    ['an escape sequence', '\u001b[2J', '\\1B[2J'],
    ['text that turns', 'a\u202eb', 'a\\E2\\80\\AEb'],
    ['a space that is none', 'a\u00a0b', 'a\\C2\\A0b'],
    ['what would look like another attribute', 'a, CN=b+c', 'a\\, CN\\=b\\+c'],
    ['a backslash', 'a\\0A', 'a\\\\0A'],
    ['umlauts', 'Zoë', 'Zoë'],
  ])('shows no %s', (_, given, shown) => {
    const leaf = root.issue({ name: distinguishedName(['2.5.4.3', given]) });
    expect(describeCertificate(leaf.certificate).subject).toBe(`CN=${shown}`);
  });

  it('is not made of anything else', () => {
    expect(() => describeCertificate(Buffer.from('hello'))).toThrow(BadCertificate);
  });
});
