import { describe, expect, it } from 'vitest';
import { certificatePem, readCertificates } from '../../../../src/keys/x509/index.js';
import { watchProcessor } from '../../../support/processor-time.js';
import {
  makeAuthority,
  pemOf,
  smtpUtf8Mailbox,
  subjectAltName,
  TEST_NOW,
} from '../../../support/x509-authority.js';

const root = makeAuthority();
const sub = makeAuthority({ name: 'Sub CA', parent: root });
const alice = sub.issue();
const bob = sub.issue({ name: 'Bob Example', emails: ['bob@clinic.example'], keyType: 'rsa-2048' });

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([
    Buffer.from([tag, 0x83, content.length >> 16, (content.length >> 8) & 255, content.length & 255]),
    content,
  ]);
};
/** The same with lengths in their shortest form. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
};
const indefinite = (tag: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([tag, 0x80]), ...parts, Buffer.from([0, 0])]);

const SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex');
const DATA = Buffer.from('06092a864886f70d010701', 'hex');
type Wrap = typeof der;

/** A degenerate SignedData (RFC 5652 5.1) that only carries certificates. */
function bundle(wrap: Wrap, certificates: readonly Uint8Array[]): Buffer {
  const none = wrap(0x31);
  const body = wrap(0x30, Buffer.from([2, 1, 1]), none, wrap(0x30, DATA), wrap(0xa0, ...certificates), none);
  return wrap(0x30, SIGNED_DATA, wrap(0xa0, body));
}

const all = [sub, alice, root, bob].map((one) => one.certificate);
const FILES: Readonly<Record<string, Uint8Array>> = {
  'PEM with text around': Buffer.from(
    `Bag attributes: none\n${alice.pem}subject=CN = Example\n${sub.pem}\n${root.pem}and\r\n${bob.pem.replaceAll('\n', '\r\n')}`,
  ),
  'PEM twice the same': Buffer.from([...all, ...all].map((one) => pemOf(one)).join('')),
  'a bundle in DER': bundle(der, all),
  'a bundle in BER with long lengths': bundle(tlv, all),
  'a bundle in BER with indefinite lengths': bundle(indefinite, all),
  'a bundle in PEM': Buffer.from(pemOf(bundle(der, all), 'PKCS7')),
  'a bundle with what else it may hold': bundle(der, [...all, Buffer.from([0xa1, 2, 5, 0])]),
};

describe('reading certificates', () => {
  it.each(Object.entries(FILES))('takes %s', (_, bytes) => {
    const { certificates, refused } = readCertificates(bytes);
    expect(refused).toEqual([]);
    expect(certificates.map((one) => one.addresses)).toEqual([
      ['alice@clinic.example'],
      ['bob@clinic.example'],
    ]);
    for (const one of certificates)
      expect(new Set(one.chain.map(hex))).toEqual(new Set([hex(root.certificate), hex(sub.certificate)]));
  });

  it('takes one certificate in DER', () => {
    expect(readCertificates(alice.certificate)).toEqual({
      certificates: [
        {
          kind: 'x509',
          fingerprint: alice.fingerprint,
          addresses: ['alice@clinic.example'],
          algorithm: 'P-256',
          notBefore: Date.parse('2025-01-01T00:00:00Z'),
          notAfter: Date.parse('2035-01-01T00:00:00Z'),
          material: alice.certificate,
          chain: [],
        },
      ],
      refused: [],
    });
  });

  it('writes the PEM that it reads', () => {
    expect(certificatePem(alice.certificate)).toBe(alice.pem);
  });

  it('keeps no more of a bundle than its certificates', () => {
    const [first] = readCertificates(bundle(der, all)).certificates;
    expect(first?.material.buffer.byteLength).toBe(alice.certificate.length);
  });

  it('gives canonical addresses, each once, and leaves out what is none', () => {
    const leaf = root.issue({
      extensions: [
        subjectAltName([
          { rfc822Name: 'Alice@CLINIC.example' },
          { rfc822Name: 'Alice@clinic.example' },
          { rfc822Name: 'not an address' },
          { dNSName: 'clinic.example' },
          smtpUtf8Mailbox('zoë@köln.example'),
          smtpUtf8Mailbox('plain@clinic.example'),
        ]),
      ],
    });
    expect(readCertificates(leaf.certificate).certificates[0]?.addresses).toEqual([
      'Alice@clinic.example',
      'zoë@xn--kln-sna.example',
    ]);
  });

  it('does not judge', () => {
    const old = root.issue({ notAfter: new Date(TEST_NOW - 1000), keyType: 'rsa-1024' });
    expect(readCertificates(old.certificate)).toMatchObject({ certificates: [{ algorithm: 'RSA 1024' }] });
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', Buffer.alloc(0), 'neither a certificate nor a bundle of certificates that can be read'],
    ['text', Buffer.from('hello'), 'neither a certificate nor a bundle of certificates that can be read'],
    [
      'a certificate cut off',
      alice.certificate.subarray(0, 300),
      'neither a certificate nor a bundle of certificates that can be read',
    ],
    [
      'bytes after its end',
      Buffer.concat([alice.certificate, Buffer.from([0])]),
      'neither a certificate nor a bundle of certificates that can be read',
    ],
    [
      'a certificate in BER',
      tlv(0x30, ...parts(alice.certificate)),
      'malformed: it has a length that is not in its shortest form',
    ],
    ['a CA only', root.certificate, 'a CA certificate; CAs belong into keys.trust_anchors'],
    [
      'a private key',
      Buffer.from(pemOf(Buffer.from('x'), 'PRIVATE KEY')),
      'a private key, not a certificate',
    ],
    [
      'an RSA private key',
      Buffer.from(pemOf(Buffer.from('x'), 'RSA PRIVATE KEY')),
      'a private key, not a certificate',
    ],
    [
      'a CSR',
      Buffer.from(pemOf(Buffer.from('x'), 'CERTIFICATE REQUEST')),
      'a PEM block that is neither a certificate nor a PKCS#7 bundle',
    ],
    ['PEM without an end', Buffer.from(alice.pem.slice(0, 200)), 'a PEM block that is cut off or not base64'],
    [
      'PEM with another end',
      Buffer.from(alice.pem.replace('END CERTIFICATE', 'END PKCS7')),
      'a PEM block that is cut off or not base64',
    ],
    [
      'PEM with junk',
      Buffer.from(alice.pem.replace('\nM', '\n*')),
      'a PEM block that is cut off or not base64',
    ],
    ['more than 4 MB', Buffer.alloc(4 * 1024 * 1024 + 1), 'larger than 4 MB'],
  ])('refuses %s', (_, bytes, reason) => {
    const { certificates, refused } = readCertificates(bytes);
    expect(certificates).toEqual([]);
    expect(refused.map((one) => one.reason)).toEqual([reason]);
  });

  it('takes the good ones of a file and says which one it refused', () => {
    const bad = root.issue({
      change: (tbs) => tbs.extensions?.push(subjectAltName([{ rfc822Name: 'a@b.example' }])),
    });
    const { certificates, refused } = readCertificates(Buffer.from(bad.pem + alice.pem));
    expect(certificates.map((one) => one.fingerprint)).toEqual([alice.fingerprint]);
    expect(refused).toEqual([
      { reason: 'malformed: it has an extension twice', fingerprint: bad.fingerprint },
    ]);
  });

  it.each<[string, Uint8Array]>([
    ['nesting', Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from([0x30, 0x80])))],
    ['empty sequences', der(0x30, SIGNED_DATA, Buffer.alloc(60_000, Buffer.from([0x30, 0])))],
    ['a million values', tlv(0x30, Buffer.alloc(2_000_000, Buffer.from([5, 0])))],
    ['PEM heads', Buffer.alloc(2_000_000, '-----BEGIN CERTIFICATE-----')],
    ['dashes', Buffer.alloc(2_000_000, '-----BEGIN ')],
    ['an endless base64', Buffer.from(`-----BEGIN CERTIFICATE-----\n${'A'.repeat(3_000_000)}`)],
    ['a length of 4 GB', Buffer.from('3084ffffffff', 'hex')],
  ])('is not held up by %s', (_, bytes) => {
    const work = watchProcessor();
    const { certificates, refused } = readCertificates(bytes);
    expect(certificates).toEqual([]);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(6000);
    work.expectBelow(5000);
  });
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What is inside the outer SEQUENCE. */
function parts(certificate: Uint8Array): readonly Uint8Array[] {
  return [certificate.subarray(4)];
}
