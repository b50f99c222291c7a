import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as x509 from '@peculiar/asn1-x509';
import { afterAll, expect, it } from 'vitest';
import { type SealSmimeOptions, sealSmime } from '../../../../src/protect/smime/seal-smime.js';
import {
  cmsOf,
  collect,
  mailboxOf,
  openSmimeReader,
  payloadOf,
  sealingKeyOf,
  signingKeyOf,
  withCms,
} from '../../../support/smime-reader.js';
import { describeWithTools } from '../../../support/tools.js';
import { makeAuthority, TEST_NOW, type TestKeyType } from '../../../support/x509-authority.js';

const ENTITY = Buffer.from(
  'Content-Type: text/plain; charset=utf-8; hp="cipher"\r\nSubject: Größe\r\n\r\nGrüße aus Köln.\r\n',
);
const DEFAULTS = { cipher: 'aes-256-cbc', keyTransport: 'rsa-pkcs1', now: TEST_NOW } as const;

const root = makeAuthority();
const between = makeAuthority({ name: 'Example Sub CA', parent: root, keyType: 'rsa-2048' });
const bob = (keyType: TestKeyType) => between.issue({ name: `Bob ${keyType}`, keyType });
const gate = (keyType: TestKeyType) => between.issue({ name: `Gate ${keyType}`, keyType });

async function sealed(options: Partial<SealSmimeOptions> & Pick<SealSmimeOptions, 'key'>): Promise<Buffer> {
  return collect(sealSmime({ payload: payloadOf(ENTITY), ...DEFAULTS, ...options }));
}

/** Bytes of every value, the same at each run. */
function someBytes(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
}

describeWithTools(['openssl'], 'S/MIME messages, opened by OpenSSL', ({ openssl = '' }) => {
  const reader = openSmimeReader(openssl);
  afterAll(() => reader.close());

  it.each([
    ['rsa-2048', 'aes-256-cbc', 'rsa-pkcs1'],
    ['rsa-2048', 'aes-256-cbc', 'rsa-oaep'],
    ['rsa-3072', 'aes-256-gcm', 'rsa-pkcs1'],
    ['rsa-2048', 'aes-256-gcm', 'rsa-oaep'],
    ['p256', 'aes-256-cbc', 'rsa-pkcs1'],
    ['p256', 'aes-256-gcm', 'rsa-pkcs1'],
    ['p384', 'aes-256-cbc', 'rsa-pkcs1'],
    ['p384', 'aes-256-gcm', 'rsa-pkcs1'],
    ['p521', 'aes-256-cbc', 'rsa-pkcs1'],
    ['p521', 'aes-256-gcm', 'rsa-pkcs1'],
  ] as const)('%s %s %s gives back the payload', async (keyType, cipher, keyTransport) => {
    const recipient = bob(keyType);
    const message = await sealed({ key: sealingKeyOf(recipient), cipher, keyTransport });
    expect(reader.decrypt(message, mailboxOf(recipient)).equals(ENTITY)).toBe(true);
  });

  const border = 64 * 1024;
  it.each([0, 1, 15, 16, 17, 31, 32, 56, 57, 58, 76, border - 1, border, border + 1, 3 * border + 7])(
    'gives back %i bytes of any value',
    async (size) => {
      const recipient = bob('p256');
      const content = someBytes(size);
      for (const cipher of ['aes-256-cbc', 'aes-256-gcm'] as const) {
        for (const chunk of [1000, border]) {
          const message = await sealed({
            payload: payloadOf(content, { chunk }),
            key: sealingKeyOf(recipient),
            cipher,
          });
          expect(reader.decrypt(message, mailboxOf(recipient)).equals(content)).toBe(true);
        }
      }
    },
  );

  it('gives back 20 MB, signed, from one piece', async () => {
    const recipient = bob('rsa-2048');
    const content = someBytes(20 * 1024 * 1024);
    const message = await sealed({
      payload: payloadOf(content, { chunk: content.length }),
      key: sealingKeyOf(recipient),
      signer: signingKeyOf(gate('p256'), [between.certificate]),
    });
    const entity = reader.decrypt(message, mailboxOf(recipient));
    expect(firstPart(entity).equals(content)).toBe(true);
  });

  it('says in MIME what it is, in lines of 76 characters', async () => {
    const text = (await sealed({ key: sealingKeyOf(bob('p256')) })).toString('latin1');
    const [header = '', body = ''] = text.split('\r\n\r\n');
    expect(header.split('\r\n')).toEqual([
      'From: gate@clinic.example',
      'To: bob@clinic.example',
      'Subject: [...]',
      'MIME-Version: 1.0',
      'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m',
      'Content-Disposition: attachment; filename=smime.p7m',
      'Content-Transfer-Encoding: base64',
    ]);
    expect(body).toMatch(/^([A-Za-z0-9+/]{76}\r\n)+[A-Za-z0-9+/]{0,76}={0,2}\r\n$/);
    expect((await sealed({ key: sealingKeyOf(bob('p256')), cipher: 'aes-256-gcm' })).toString()).toContain(
      '\r\nContent-Type: application/pkcs7-mime; smime-type=authEnveloped-data; name=smime.p7m\r\n',
    );
  });

  it('has one recipient, by issuer and serial number, and nothing besides', async () => {
    const recipient = bob('rsa-2048');
    const picture = reader.print(await sealed({ key: sealingKeyOf(recipient), keyTransport: 'rsa-oaep' }));
    expect(picture).toMatch(
      /d\.envelopedData:\s+version: 0\s+originatorInfo: <ABSENT>\s+recipientInfos:\s+d\.ktri:\s+version: 0\s+d\.issuerAndSerialNumber/,
    );
    expect(picture.match(/d\.(ktri|kari|kekri|pwri|ori):/g)).toHaveLength(1);
    expect(picture).toContain('aes-256-cbc (2.16.840.1.101.3.4.1.42)');
    expect(picture).toContain('rsaesOaep (1.2.840.113549.1.1.7)');
    expect(picture).toMatch(/unprotectedAttrs:\s+<ABSENT>/);
  });

  it('names key agreement and wrap as RFC 5753 says', async () => {
    for (const [keyType, scheme] of [
      ['p256', 'dhSinglePass-stdDH-sha256kdf-scheme'],
      ['p384', 'dhSinglePass-stdDH-sha384kdf-scheme'],
    ] as const) {
      const message = await sealed({ key: sealingKeyOf(bob(keyType)) });
      const picture = reader.print(message);
      expect(picture).toMatch(/d\.envelopedData:\s+version: 2/);
      expect(picture).toMatch(/d\.kari:\s+version: 3\s+d\.originatorKey:/);
      expect(picture).toContain(scheme);
      // Without parameters: the sequence holds the OID alone.
      expect(reader.asn1(message)).toMatch(
        /hl=2 l= +11 cons: SEQUENCE +\n.*:id-aes256-wrap\n.*cons: SEQUENCE/,
      );
    }
  });

  it('says the length of nonce and tag of GCM, and has version 0 also with key agreement', async () => {
    const message = await sealed({ key: sealingKeyOf(bob('p256')), cipher: 'aes-256-gcm' });
    const asn1 = reader.asn1(message);
    expect(asn1).toMatch(/:aes-256-gcm\n.*l= +17 cons: SEQUENCE +\n.*l= +12 prim: OCTET STRING.*\n.*:10\n/);
    expect(asn1.trimEnd().split('\n').at(-1)).toMatch(/d=3 .*l= +16 prim: OCTET STRING/);
    expect(reader.print(message)).toMatch(/d\.authEnvelopedData:\s+version: 0/);
    expect(asn1).not.toContain('inf');
  });

  it('follows what the certificate says of its owner', async () => {
    const recipient = bob('rsa-2048');
    const key = sealingKeyOf(recipient, ['2.16.840.1.101.3.4.1.46', '1.2.840.113549.1.1.7']);
    const message = await sealed({ key });
    expect(reader.print(message)).toContain('d.authEnvelopedData');
    expect(reader.print(message)).toContain('rsaesOaep');
    expect(reader.decrypt(message, mailboxOf(recipient)).equals(ENTITY)).toBe(true);
  });

  it('notices a changed bit of an AES-GCM message', async () => {
    const recipient = bob('p384');
    const message = await sealed({ key: sealingKeyOf(recipient), cipher: 'aes-256-gcm' });
    const cms = cmsOf(message);
    expect(reader.refuses(withCms(message, cms), mailboxOf(recipient))).toBe(false);
    // Tag, end of the content, and the content's first byte, which stands before the tag's 2 + 16 bytes.
    for (const fromEnd of [1, 16, 19, 18 + ENTITY.length]) {
      const changed = Buffer.from(cms);
      changed.writeUInt8(changed.readUInt8(cms.length - fromEnd) ^ 1, cms.length - fromEnd);
      expect(reader.refuses(withCms(message, changed), mailboxOf(recipient))).toBe(true);
    }
  });

  it('opens for nobody else, and says nothing of them', async () => {
    const alice = between.issue({ name: 'Alice', keyType: 'p256', emails: ['alice@clinic.example'] });
    const [toAlice, toBob] = [
      await sealed({ key: sealingKeyOf(alice) }),
      await sealed({ key: sealingKeyOf(bob('p256')) }),
    ];
    expect(cmsOf(toBob).includes(Buffer.from(alice.serial, 'hex'))).toBe(false);
    expect(cmsOf(toAlice).includes(Buffer.from(alice.serial, 'hex'))).toBe(true);
    expect(reader.refuses(toBob, mailboxOf(alice))).toBe(true);
  });

  it('uses a key of its own for each message', async () => {
    const key = sealingKeyOf(bob('rsa-2048'));
    const content = Buffer.alloc(48, 'x');
    const [one, two] = [
      cmsOf(await sealed({ key, payload: payloadOf(content) })),
      cmsOf(await sealed({ key, payload: payloadOf(content) })),
    ];
    expect(one.subarray(-64).equals(two.subarray(-64))).toBe(false);
    expect(one.length).toBe(two.length);
  });

  it.each([
    ['rsa-2048', 'sha-256', 'sha256WithRSAEncryption'],
    ['p256', 'sha-256', 'ecdsa-with-SHA256'],
    ['p384', 'sha-384', 'ecdsa-with-SHA384'],
    ['p521', 'sha-512', 'ecdsa-with-SHA512'],
  ] as const)('signs with %s before it encrypts', async (keyType, micalg, algorithm) => {
    const recipient = bob('p256');
    const signer = signingKeyOf(gate(keyType), [
      root.certificate,
      between.certificate,
      recipient.certificate,
    ]);
    const entity = reader.decrypt(
      await sealed({ key: sealingKeyOf(recipient), signer }),
      mailboxOf(recipient),
    );
    expect(reader.verify(entity, root.pem, TEST_NOW).equals(ENTITY)).toBe(true);
    expect(firstPart(entity).equals(ENTITY)).toBe(true);
    expect(entity.toString()).toMatch(
      new RegExp(
        `^Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n micalg=${micalg}; boundary="=_`,
      ),
    );
    const picture = reader.print(signaturePart(entity));
    expect(picture).toContain(`algorithm: ${algorithm}`);
    expect(picture).toContain('UTCTIME:Jun 15 12:00:00 2027 GMT');
    expect(picture).toContain('id-smime-aa-signingCertificateV2');
    expect(picture).not.toContain('SMIME Capabilities');
    expect(picture).toMatch(/unsignedAttrs:\s+<ABSENT>/);
    // The signer and what leads to the root, but neither the root nor anybody else.
    const subjects = [...picture.matchAll(/^ +subject: (.*)$/gm)].map(([, subject]) => subject);
    expect(subjects.sort()).toEqual(['CN=Example Sub CA', `CN=Gate ${keyType}`]);
  });

  it('leaves a payload alone that its sender signed', async () => {
    const recipient = bob('p256');
    const message = await sealed({
      payload: payloadOf(ENTITY, { alreadySigned: true }),
      key: sealingKeyOf(recipient),
      signer: signingKeyOf(gate('p256')),
    });
    expect(reader.decrypt(message, mailboxOf(recipient)).equals(ENTITY)).toBe(true);
  });

  it('finds a changed byte of what was signed', async () => {
    const recipient = bob('p256');
    const message = await sealed({
      key: sealingKeyOf(recipient),
      signer: signingKeyOf(gate('rsa-2048'), [between.certificate]),
    });
    const entity = reader.decrypt(message, mailboxOf(recipient)).toString('latin1');
    const changed = Buffer.from(entity.replace('Gr', 'gr'), 'latin1');
    expect(() => reader.verify(changed, root.pem, TEST_NOW)).toThrow();
  });

  it('quotes issuer names of every string type byte for byte', async () => {
    const name = new x509.Name(
      (
        [
          ['2.5.4.6', { printableString: 'DE' }],
          ['2.5.4.10', { teletexString: 'Praxis M\u00fcller' }],
          ['2.5.4.11', { bmpString: 'Stra\u00dfe' }],
          ['2.5.4.3', { utf8String: 'Pr\u00fcfstelle' }],
          ['1.2.840.113549.1.9.1', { ia5String: 'ca@clinic.example' }],
        ] as const
      ).map(
        ([type, value]) =>
          new x509.RelativeDistinguishedName([
            new x509.AttributeTypeAndValue({ type, value: new x509.AttributeValue(value) }),
          ]),
      ),
    );
    const recipient = makeAuthority({ name }).issue({ serial: '00f1', keyType: 'p256' });
    const message = await sealed({ key: sealingKeyOf(recipient) });
    expect(reader.decrypt(message, mailboxOf(recipient)).equals(ENTITY)).toBe(true);
  });

  it("opens with Bob's key of RFC 9216, and verifies with Alice's", async () => {
    const recipient = sampleCertificate('bob-encrypt');
    const keyPem = sample('bob-encrypt.key');
    const alice = sampleCertificate('alice-sign');
    const message = await sealed({
      key: sealingKeyOf(recipient),
      signer: {
        kind: 'x509',
        ...alice,
        chain: [sampleCertificate('rsa-ca').certificate],
        pkcs8: derOf(sample('alice-sign.key')),
      },
    });
    const entity = reader.decrypt(message, { certificatePem: sample('bob-encrypt'), keyPem });
    expect(reader.verify(entity, sample('rsa-ca'), TEST_NOW).equals(ENTITY)).toBe(true);
  });
});

function sample(name: string): string {
  return readFileSync(new URL(`../../../fixtures/rfc9216/${name}.pem`, import.meta.url), 'utf8');
}

function sampleCertificate(name: string) {
  const certificate = new X509Certificate(sample(name)).raw;
  return { certificate, fingerprint: createHash('sha256').update(certificate).digest('hex').toUpperCase() };
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}

/** What stands between the first two boundary lines. */
function firstPart(entity: Buffer): Buffer {
  const boundary = `--${/boundary="([^"]+)"/.exec(entity.subarray(0, 1000).toString('latin1'))?.[1]}`;
  const start = entity.indexOf(`\r\n${boundary}\r\n`) + boundary.length + 4;
  return entity.subarray(start, entity.indexOf(`\r\n${boundary}\r\n`, start));
}

/** The signature as a message of its own. */
function signaturePart(entity: Buffer): Buffer {
  const text = entity.toString('latin1');
  const start = text.indexOf('Content-Type: application/pkcs7-signature');
  return Buffer.from(`MIME-Version: 1.0\r\n${text.slice(start, text.lastIndexOf('\r\n--'))}\r\n`, 'latin1');
}
