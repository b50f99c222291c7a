import { execFileSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { looksLikePkcs12, type Pkcs12Result, readPkcs12 } from '../../../../src/keys/own/pkcs12.js';
import { describeWithTools } from '../../../support/tools.js';
import { makeAuthority, type TestCertificate } from '../../../support/x509-authority.js';

const PASSPHRASE = 'made-up passphrase';

describeWithTools(['openssl'], 'a PKCS#12 file', ({ openssl = 'openssl' }) => {
  const root = makeAuthority({ name: 'Root', keyType: 'rsa-2048' });
  const sub = makeAuthority({ name: 'Sub', parent: root, keyType: 'p256' });
  const leaves = {
    rsa2048: sub.issue({ name: 'Ward 3', keyType: 'rsa-2048' }),
    rsaByRsa: root.issue({ name: 'Ward 3 too', keyType: 'rsa-2048' }),
    p256: sub.issue({ name: 'Ward 4', keyType: 'p256' }),
    p384: root.issue({ name: 'Ward 5', keyType: 'p384' }),
  };
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-p12-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Written by OpenSSL from PEM text. */
  function exported(
    leaf: TestCertificate,
    more: { readonly args?: readonly string[]; readonly pems?: string; readonly pass?: string } = {},
  ): Buffer {
    const file = (name: string, text: string | Buffer) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };
    const key = leaf.keys.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const out = join(folder, 'out.p12');
    execFileSync(
      openssl,
      [
        ...['pkcs12', '-export', '-out', out, '-passout', `pass:${more.pass ?? PASSPHRASE}`],
        ...[
          '-inkey',
          file('key.pem', key),
          '-in',
          file('certificates.pem', more.pems ?? leaf.pem + sub.pem + root.pem),
        ],
        ...(more.args ?? []),
      ],
      { stdio: 'pipe' },
    );
    return readFileSync(out);
  }

  const reason = (result: Pkcs12Result) => (result.ok ? 'read' : result.reason);

  it.each([
    ['RSA', leaves.rsa2048, []],
    ['RSA, issued by RSA', leaves.rsaByRsa, []],
    ['P-256', leaves.p256, []],
    ['P-384', leaves.p384, []],
    ['RSA by the old algorithms', leaves.rsa2048, ['-legacy']],
    ['P-256 by the old algorithms', leaves.p256, ['-legacy']],
    [
      'P-256 with 3DES and a SHA-1 MAC',
      leaves.p256,
      ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'SHA1'],
    ],
    ['RSA with a SHA-512 MAC', leaves.rsa2048, ['-macalg', 'SHA512']],
  ])('of %s is read byte for byte', (_, leaf, args) => {
    const file = exported(leaf, { args });
    expect(looksLikePkcs12(file)).toBe(true);
    const result = readPkcs12(file, PASSPHRASE);
    if (!result.ok) throw new Error(result.reason);
    const { key } = result;
    expect(Buffer.from(key.certificate).equals(leaf.certificate)).toBe(true);
    expect(key.privateKey.equals(leaf.keys.privateKey)).toBe(true);
    expect(new Set(key.chain.map((der) => new X509Certificate(der).fingerprint256))).toEqual(
      new Set([sub, root].map((one) => new X509Certificate(one.pem).fingerprint256)),
    );
  });

  it('may have an empty passphrase', () => {
    expect(reason(readPkcs12(exported(leaves.p256, { pass: '' }), ''))).toBe('read');
  });

  it('is refused with the wrong passphrase', () => {
    const file = exported(leaves.p256);
    expect(reason(readPkcs12(file, 'another'))).toBe('wrong passphrase');
    expect(reason(readPkcs12(file, ''))).toBe('wrong passphrase');
    expect(reason(readPkcs12(exported(leaves.p256, { pass: 'gehéim' }), 'gehéim'))).toMatch(/ASCII/);
  });

  it('is refused without MAC', () => {
    expect(reason(readPkcs12(exported(leaves.p256, { args: ['-nomac'] }), PASSPHRASE))).toMatch(
      /without MAC/,
    );
  });

  it('is refused without the certificate of its key', () => {
    // OpenSSL would not write such a file; node-forge does.
    const pfx = forge.pkcs12.toPkcs12Asn1(
      forge.pki.privateKeyFromPem(
        String(leaves.rsa2048.keys.privateKey.export({ type: 'pkcs1', format: 'pem' })),
      ),
      [forge.pki.certificateFromPem(leaves.rsaByRsa.pem)],
      PASSPHRASE,
      { algorithm: '3des' },
    );
    const bytes = Buffer.from(forge.asn1.toDer(pfx).getBytes(), 'latin1');
    expect(reason(readPkcs12(bytes, PASSPHRASE))).toMatch(/no certificate belongs/);
  });

  it('is refused when it asks for hours of work, at once', () => {
    const asn1 = forge.asn1.fromDer(exported(leaves.p256).toString('latin1'));
    const count = forge.asn1.create(
      forge.asn1.Class.UNIVERSAL,
      forge.asn1.Type.INTEGER,
      false,
      '\x7f\xff\xff\xff',
    );
    const mac = (asn1.value as forge.asn1.Asn1[])[2]!;
    (mac.value as forge.asn1.Asn1[])[2] = count;
    const bytes = Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1');
    expect(reason(readPkcs12(bytes, PASSPHRASE))).toMatch(/more than 5000000 iterations/);
  });

  it('is refused in words when it is damaged', () => {
    const file = exported(leaves.p256);
    expect(reason(readPkcs12(Buffer.alloc(2_000_000), ''))).toMatch(/more than 1 MB/);
    for (const bytes of [
      Buffer.alloc(0),
      randomBytes(500),
      Buffer.from('not a file'),
      file.subarray(0, 300),
    ]) {
      expect(looksLikePkcs12(bytes)).toBe(false);
      expect(reason(readPkcs12(bytes, PASSPHRASE))).not.toBe('read');
    }
    for (let at = 0; at < file.length; at += 29) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      expect(reason(readPkcs12(changed, PASSPHRASE))).toMatch(/PKCS#12|wrong passphrase/);
    }
  });

  it('is not taken for one when it is a certificate or a key', () => {
    expect(looksLikePkcs12(leaves.p256.certificate)).toBe(false);
    expect(looksLikePkcs12(leaves.p256.keys.privateKey.export({ type: 'pkcs8', format: 'der' }))).toBe(false);
  });
});
