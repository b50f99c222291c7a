import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import { describe, expect, it } from 'vitest';
import {
  basicConstraints,
  distinguishedName,
  extendedKeyUsage,
  extension,
  keyUsage,
  makeAuthority,
  makeSelfSigned,
  smtpUtf8Mailbox,
  subjectAltName,
  TEST_NOW,
  type TestLeafRequest,
  testKeyPair,
} from '../../../support/x509-authority.js';
import { type Judging, shortVerdict, verdictOn } from './judging.js';

const root = makeAuthority();
const email = (rfc822Name: string) => subjectAltName([{ rfc822Name }]);

interface Row {
  readonly leaf?: TestLeafRequest;
  readonly judging?: Judging;
}

const USABLE: Readonly<Record<string, Row>> = {
  'P-256': {},
  'P-384': { leaf: { keyType: 'p384', hash: 'sha384' } },
  'P-521': { leaf: { keyType: 'p521' } },
  'RSA 2048': { leaf: { keyType: 'rsa-2048' } },
  'RSA 3072 where 3072 is asked': {
    leaf: { keyType: 'rsa-3072' },
    judging: { limits: { minRsaBits: 3072 } },
  },
  'another case of the local part': { leaf: { emails: ['Alice@Clinic.Example'] } },
  'one of several names': { leaf: { emails: ['a@b.example', 'alice@clinic.example'] } },
  'an A-label domain': {
    leaf: { emails: ['alice@xn--kln-sna.example'] },
    judging: { address: 'alice@xn--kln-sna.example' },
  },
  'a SmtpUTF8Mailbox': {
    leaf: { extensions: [subjectAltName([smtpUtf8Mailbox('zoë@clinic.example')])] },
    judging: { address: 'zoë@clinic.example' },
  },
  'no keyUsage': { leaf: { without: [x509.id_ce_keyUsage] } },
  'no extendedKeyUsage': { leaf: { without: [x509.id_ce_extKeyUsage] } },
  'any extendedKeyUsage': { leaf: { extensions: [extendedKeyUsage(['2.5.29.37.0'])] } },
  'no basicConstraints': { leaf: { without: [x509.id_ce_basicConstraints] } },
  decipherOnly: { leaf: { extensions: [keyUsage(['keyAgreement', 'decipherOnly'])] } },
  'an unknown extension': { leaf: { extensions: [extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]))] } },
  'its first second': { judging: { now: Date.parse('2025-01-01T00:00:00Z') } },
  'its last millisecond': { judging: { now: Date.parse('2035-01-01T00:00:00.999Z') } },
};

const REFUSED: Readonly<Record<string, Row & { readonly reason: string }>> = {
  'another address': {
    judging: { address: 'bob@clinic.example' },
    reason: 'no subjectAltName names this address',
  },
  'another domain': {
    judging: { address: 'alice@clinic2.example' },
    reason: 'no subjectAltName names this address',
  },
  'a subdomain': {
    judging: { address: 'alice@mail.clinic.example' },
    reason: 'no subjectAltName names this address',
  },
  'another case, where exact is asked': {
    leaf: { emails: ['Alice@clinic.example'] },
    judging: { limits: { localPart: 'exact' } },
    reason: 'no subjectAltName names this address',
  },
  'no subjectAltName': { leaf: { emails: [] }, reason: 'no subjectAltName names this address' },
  'the address in the subject only': {
    leaf: {
      emails: [],
      name: distinguishedName(['2.5.4.3', 'Alice'], ['1.2.840.113549.1.9.1', 'alice@clinic.example']),
    },
    reason:
      'no subjectAltName names this address (the emailAddress of its subject does, which does not count)',
  },
  'a name with something behind a NUL': {
    leaf: { emails: ['alice@clinic.example\0.evil.example'] },
    reason: 'no subjectAltName names this address',
  },
  'a list of names in one': {
    leaf: { emails: ['bob@evil.example,alice@clinic.example'] },
    reason: 'no subjectAltName names this address',
  },
  'a name with a display name': {
    leaf: { emails: ['Alice <alice@clinic.example>'] },
    reason: 'no subjectAltName names this address',
  },
  'a wildcard': { leaf: { emails: ['*@clinic.example'] }, reason: 'no subjectAltName names this address' },
  'a look-alike SmtpUTF8Mailbox': {
    leaf: { extensions: [subjectAltName([smtpUtf8Mailbox('alіce@clinic.example')])] },
    reason: 'no subjectAltName names this address',
  },
  'an ASCII mailbox as SmtpUTF8Mailbox': {
    leaf: { extensions: [subjectAltName([smtpUtf8Mailbox('alice@clinic.example')])] },
    reason: 'no subjectAltName names this address',
  },
  'the address as a host name': {
    leaf: { extensions: [subjectAltName([{ dNSName: 'alice@clinic.example' }])] },
    reason: 'no subjectAltName names this address',
  },
  expired: { leaf: { notAfter: new Date('2026-03-01T10:00:00Z') }, reason: 'expired on 2026-03-01' },
  'the second after its end': {
    judging: { now: Date.parse('2035-01-01T00:00:01Z') },
    reason: 'expired on 2035-01-01',
  },
  'not yet valid': {
    leaf: { notBefore: new Date('2028-02-29T00:00:00Z') },
    reason: 'not yet valid (from 2028-02-29)',
  },
  'sign-only RSA': {
    leaf: { keyType: 'rsa-2048', extensions: [keyUsage(['digitalSignature', 'nonRepudiation'])] },
    reason: 'keyUsage does not allow key encipherment',
  },
  'sign-only EC': {
    leaf: { extensions: [keyUsage(['digitalSignature'])] },
    reason: 'keyUsage does not allow key agreement',
  },
  'EC with keyEncipherment only': {
    leaf: { extensions: [keyUsage(['keyEncipherment'])] },
    reason: 'keyUsage does not allow key agreement',
  },
  'RSA with keyAgreement only': {
    leaf: { keyType: 'rsa-2048', extensions: [keyUsage(['keyAgreement', 'dataEncipherment'])] },
    reason: 'keyUsage does not allow key encipherment',
  },
  encipherOnly: {
    leaf: { extensions: [keyUsage(['keyAgreement', 'encipherOnly'])] },
    reason: 'keyUsage does not allow key agreement',
  },
  'an empty keyUsage': {
    leaf: { extensions: [extension(x509.id_ce_keyUsage, Buffer.from([3, 1, 0]), true)] },
    reason: 'keyUsage does not allow key agreement',
  },
  'a server certificate': {
    leaf: { extensions: [extendedKeyUsage(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])] },
    reason: 'extendedKeyUsage does not allow e-mail protection',
  },
  'RSA 1024': {
    leaf: { keyType: 'rsa-1024' },
    reason: 'RSA 1024 is shorter than 2048 bits (keys.min_rsa_bits)',
  },
  'RSA 2048 where 3072 is asked': {
    leaf: { keyType: 'rsa-2048' },
    judging: { limits: { minRsaBits: 3072 } },
    reason: 'RSA 2048 is shorter than 3072 bits (keys.min_rsa_bits)',
  },
  'a curve that is not allowed': {
    judging: { limits: { curves: ['P-384'] } },
    reason: 'P-256 is not allowed (keys.curves)',
  },
  secp256k1: { leaf: { keyType: 'secp256k1' }, reason: 'its elliptic curve is not supported' },
  X25519: {
    leaf: { keyType: 'x25519', extensions: [keyUsage(['keyAgreement'])] },
    reason: 'X25519 keys are not supported for S/MIME',
  },
  Ed25519: {
    leaf: { keyType: 'ed25519', extensions: [keyUsage(['keyAgreement'])] },
    reason: 'Ed25519 keys are not supported for S/MIME',
  },
  'an unknown critical extension': {
    leaf: { extensions: [extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]), true)] },
    reason: 'has a critical extension that is not supported',
  },
  'a CA': {
    leaf: { extensions: [basicConstraints({ ca: true })] },
    reason: 'a CA certificate, not one of a person',
  },
  'the same extension twice': {
    leaf: { change: (tbs) => tbs.extensions?.push(email('alice@clinic.example')) },
    reason: 'malformed: it or a certificate of its path has an extension twice',
  },
  'version 1': {
    leaf: {
      version: x509.Version.v1,
      change: (tbs) => {
        delete tbs.extensions;
      },
    },
    reason: 'not a certificate of version 3',
  },
  'extensions in version 1': {
    leaf: { version: x509.Version.v1 },
    reason: 'malformed: it or a certificate of its path has parts that its version does not have',
  },
  'two signature algorithms': {
    leaf: { innerAlgorithm: new x509.AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.3' }) },
    reason: 'malformed: it or a certificate of its path names two different signature algorithms',
  },
};

describe('the certificate of a person', () => {
  it.each(Object.entries(USABLE))('is usable: %s', (_, { leaf, judging }) => {
    expect(shortVerdict(root.issue(leaf).certificate, { anchors: [root], ...judging })).toBe('usable');
  });

  it.each(Object.entries(REFUSED))('is refused: %s', (_, { leaf, judging, reason }) => {
    expect(shortVerdict(root.issue(leaf).certificate, { anchors: [root], ...judging })).toBe(reason);
  });

  it.each(Object.entries(REFUSED))('is refused though pinned: %s', (_, { leaf, judging, reason }) => {
    const { certificate } = root.issue(leaf);
    expect(shortVerdict(certificate, { pinned: true, ...judging })).toBe(reason);
  });

  it('needs no chain when a person vouched for it', () => {
    const { certificate, fingerprint } = makeSelfSigned({ keyType: 'rsa-2048' });
    expect(shortVerdict(certificate)).toBe('issued by nobody that is trusted (keys.trust_anchors)');
    expect(verdictOn(certificate, { pinned: true })).toEqual({
      usable: true,
      algorithm: 'RSA 2048',
      sealing: { kind: 'x509', fingerprint, certificate },
      path: [certificate],
      revocation: 'pinned',
    });
  });

  describe('pinned, is asked about along', () => {
    const sub = makeAuthority({ name: 'Sub', parent: root });
    const ended = makeAuthority({ name: 'Ended', parent: root, notAfter: new Date(TEST_NOW - 1000) });
    const stranger = makeAuthority({ name: 'Stranger' });
    const twin = makeAuthority({ name: 'Sub', keys: testKeyPair('p256', 'another Sub') });
    it.each([
      ['the path to an anchor', sub, { chain: [sub], anchors: [root] }, 3, 'check'],
      ['its issuer alone where the path ends there', sub, { chain: [sub] }, 2, 'check'],
      ['its issuer, though that has expired', ended, { chain: [ended], anchors: [root] }, 2, 'check'],
      ['nothing where only others are known', sub, { chain: [stranger, root] }, 1, 'pinned'],
      ['nothing where somebody else has the name of its issuer', sub, { chain: [twin] }, 1, 'pinned'],
    ] as const)('%s', (_, issuer, judging, length, revocation) => {
      const verdict = verdictOn(issuer.issue().certificate, { pinned: true, ...judging });
      if (!verdict.usable) throw new Error(verdict.reason);
      expect([verdict.path.length, verdict.revocation]).toEqual([length, revocation]);
    });
  });

  it('says what its owner can read (RFC 4262)', () => {
    const capabilities = ['2.16.840.1.101.3.4.1.46', '2.16.840.1.101.3.4.1.42'];
    const der = Buffer.concat(
      capabilities.map((oid) =>
        Buffer.from(AsnConvert.serialize(new x509.AlgorithmIdentifier({ algorithm: oid }))),
      ),
    );
    const value = Buffer.concat([Buffer.from([0x30, der.length]), der]);
    const leaf = root.issue({ extensions: [extension('1.2.840.113549.1.9.15', value)] });
    expect(verdictOn(leaf.certificate, { anchors: [root] })).toMatchObject({ sealing: { capabilities } });
  });

  it('has an RSA key that was made as such keys are made', () => {
    const spki = (modulus: bigint, exponent: number) => {
      const integer = (hex: string) => {
        const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
        const content = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
        const head =
          content.length < 128 ? [2, content.length] : [2, 0x82, content.length >> 8, content.length & 255];
        return Buffer.concat([Buffer.from(head), content]);
      };
      const body = Buffer.concat([integer(modulus.toString(16)), integer(exponent.toString(16))]);
      const der = Buffer.concat([Buffer.from([0x30, 0x82, body.length >> 8, body.length & 255]), body]);
      return new x509.SubjectPublicKeyInfo({
        algorithm: new x509.AlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.1', parameters: null }),
        subjectPublicKey: new Uint8Array(der).buffer,
      });
    };
    const odd = (1n << 2047n) + 1155n * 2n + 1n;
    const judged = (modulus: bigint, exponent: number) =>
      shortVerdict(
        root.issue({
          keyType: 'rsa-2048',
          change: (tbs) => {
            tbs.subjectPublicKeyInfo = spki(modulus, exponent);
          },
        }).certificate,
        { anchors: [root] },
      );
    expect(judged((1n << 2047n) + 2n, 65537)).toBe('its RSA modulus has a small factor');
    expect(judged(odd - (odd % 3n), 65537)).toBe('its RSA modulus has a small factor');
    const exponents = 'its RSA exponent is not an odd number of 3 or more and less than 2^32';
    expect(judged(odd, 1)).toBe(exponents);
    expect(judged(odd, 65536)).toBe(exponents);
  });

  it('has a point that lies on its curve', () => {
    const leaf = root.issue({
      change: (tbs) => {
        new Uint8Array(tbs.subjectPublicKeyInfo.subjectPublicKey)[40]! ^= 1;
      },
    });
    expect(shortVerdict(leaf.certificate, { anchors: [root] })).toBe('its public key is malformed');
  });

  it('is read by OpenSSL as the same certificate', () => {
    // Node looks for PEM anywhere in what should be DER, and would seal to the certificate that it finds there.
    const inner = makeSelfSigned({ keyType: 'rsa-2048', name: 'Mallory' });
    const leaf = root.issue({
      keyType: 'rsa-2048',
      extensions: [extension('1.3.6.1.4.1.99999.1', Buffer.from(`\n${inner.pem}`))],
    });
    const same = new X509Certificate(leaf.certificate).raw.equals(leaf.certificate);
    expect(shortVerdict(leaf.certificate, { anchors: [root] })).toBe(
      same ? 'usable' : 'malformed: other software would read another certificate in it',
    );
  });

  it('is judged at the time that is given', () => {
    const leaf = root.issue({ notAfter: new Date(TEST_NOW) });
    expect(shortVerdict(leaf.certificate, { anchors: [root] })).toBe('usable');
    expect(shortVerdict(leaf.certificate, { anchors: [root], now: TEST_NOW + 1000 })).toMatch(/^expired/);
  });
});
